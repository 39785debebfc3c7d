"""One sign-in page for all staff, and the way out."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from registry.accounts import audit
from registry.accounts import staff as staff_rules
from registry.accounts.sessions import proven
from registry.accounts.tables import Role
from registry.base.errors import RuleError
from wxapp.core.browser_session import browser
from wxapp.core.db import writing
from wxapp.core.devices import device_of
from wxapp.core.limits import SIGN_IN, limiter
from wxapp.core.refusals import status_of
from wxapp.core.resources import now, resources
from wxapp.core.who import current_staff, signed_in_staff

blueprint = Blueprint("sign_in", __name__)

LANDINGS = {
    Role.SCHOOL: "/school/",
    Role.DEPARTMENT: "/school/",
    Role.COUNSELLOR: "/school/",
    Role.PROVINCE: "/province/",
    Role.OPERATOR: "/ops/",
    Role.RECEIVER: "/receiver/",
}


@blueprint.get("/login")
def form() -> ResponseReturnValue:
    """Show the form; whoever is signed in goes on to her pages."""
    if signed_in_staff():
        return redirect(url_for("sign_in.landing"), 303)
    return render_template("base/sign_in.html", login="", refusal=None)


@blueprint.post("/login")
@limiter.limit(SIGN_IN)
def submit() -> ResponseReturnValue:
    """Sign in with a new session, and go back to the page that asked for it."""
    login, password = request.form.get("login", ""), request.form.get("password", "")
    vault = resources().vault
    with writing() as session:
        found = staff_rules.sign_in(
            session, vault, login, password, request.remote_addr or "", now()
        )
        if not isinstance(found, RuleError):
            audit.note(session, audit.by_staff(found, "sign_in"), now())
    if isinstance(found, RuleError):
        page = render_template("base/sign_in.html", login=login, refusal=found)
        return page, status_of(found)
    wanted = browser().get("after_sign_in")
    browser().become(proven(found))
    browser()["device"] = device_of(request.user_agent.string)
    return redirect(wanted or url_for("sign_in.landing"), 303)


@blueprint.get("/staff")
def landing() -> ResponseReturnValue:
    """Lead each role to its pages."""
    staff = current_staff()
    door = LANDINGS.get(Role(staff.role))
    return redirect(door, 303) if door else render_template("base/no_door.html", staff=staff)


@blueprint.post("/logout")
def leave() -> ResponseReturnValue:
    """Sign out: the session is gone on the server too."""
    was_staff = browser().identity.staff_id is not None
    browser().leave()
    return redirect(url_for("sign_in.form" if was_staff else "welcome.page"), 303)
