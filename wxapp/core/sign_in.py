"""One sign-in page for all staff, and the way out."""

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from registry.accounts import failed_sign_ins
from registry.accounts.tables import Role, Staff
from registry.base.errors import RuleError
from wxapp.core import campus_arrival, campus_choice, campus_session, second_step, sign_in_form
from wxapp.core.browser_session import browser
from wxapp.core.db import writing
from wxapp.core.limits import SIGN_IN, limiter
from wxapp.core.refusals import status_of
from wxapp.core.resources import now, resources, services
from wxapp.core.who import current_staff, signed_in_staff

blueprint = Blueprint("sign_in", __name__)

LANDINGS = {
    Role.SCHOOL: "/school/",
    Role.DEPARTMENT: "/school/",
    Role.COUNSELLOR: "/school/",
    Role.PROVINCE: "/province/",
    Role.OPERATOR: "/ops/",
    Role.RECEIVER: "/receiver/",
    Role.EMPLOYER: "/employer/",
    Role.MINISTRY: "/ministry/",
}


@blueprint.get("/login")
def form() -> ResponseReturnValue:
    """Show the form; whoever is signed in goes on to her pages."""
    if signed_in_staff():
        return redirect(url_for("sign_in.landing"), 303)
    return _page("", campus_arrival.told(), None)


def _page(login: str, refusal: RuleError | None, picture: str | None) -> str:
    return render_template(
        "base/sign_in.html",
        login=login,
        refusal=refusal,
        picture=picture,
        campuses=campus_choice.of_staff(),
    )


@blueprint.post("/login")
@limiter.limit(SIGN_IN)
def submit() -> ResponseReturnValue:
    """Sign in with a new session, or lead to the second factor; then the page that asked for it."""
    with writing() as session:
        attempt = sign_in_form.tried(session)
        if isinstance(attempt.found, Staff):
            second_step.note_way(session, attempt.found)
        else:
            vault = resources().vault
            failed_sign_ins.note(session, vault, attempt.login, attempt.found, now())
    if isinstance(attempt.found, RuleError):
        return _page(attempt.login, attempt.found, attempt.picture), status_of(attempt.found)
    return second_step.go_on(attempt.found)


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
    campus = campus_session.kept()
    browser().leave()
    if campus is not None and campus.name in services().campuses:
        return redirect(url_for("campus.left", name=campus.name), 303)
    return redirect(url_for("sign_in.form" if was_staff else "welcome.page"), 303)
