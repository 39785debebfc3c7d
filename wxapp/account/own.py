"""One's own account: the password, where it is signed in, and the WeChat that gets test sends."""

import segno
from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from notifier.binding import colleagues
from registry.accounts import devices as known_browsers
from registry.accounts import password_strength, passwords, sessions, staff_notices
from registry.accounts.passwords import PasswordChange
from registry.accounts.sessions import Identity
from registry.accounts.tables import Staff
from registry.base.errors import RuleError
from registry.second_factor import factor
from wxapp.account.door import blueprint, me, note
from wxapp.core import campus_session, devices, proof, second_step
from wxapp.core.browser_session import browser
from wxapp.core.db import reading, writing
from wxapp.core.incoming import whole
from wxapp.core.known_device import asking_device
from wxapp.core.limits import SIGN_IN, limiter
from wxapp.core.refusals import status_of
from wxapp.core.resources import now, resources
from wxapp.core.security_notices import known_since
from wxapp.core.who import current_staff, lacks_second_factor


@blueprint.get("", endpoint="own")
def show_own() -> str:
    """Show the account; before a first password is changed, only how to change it."""
    return _page(None)


def _page(refusal: RuleError | None) -> str:
    with reading() as session:
        rows = sessions.of_owner(session, Identity(me().id), now())
        linked = colleagues.is_linked(session, me().id)
        codes_left = factor.codes_left(session, me().id)
        known = known_browsers.of_staff(session, me().id, now())
    way_in = resources().settings.public_url + url_for("oauth.login", to="colleague")
    return render_template(
        "account/own.html",
        refusal=refusal,
        changed="changed" in request.args,
        password_length=password_strength.LENGTH,
        sessions=rows,
        known=known,
        this=browser().token_hash,
        here=devices.places(),
        proven=proof.holds(),
        linked=linked,
        codes_left=codes_left,
        way_in=way_in,
        code=segno.make(way_in, error="m", micro=False).svg_data_uri(scale=4),
    )


@blueprint.post("/password")
@limiter.limit(SIGN_IN)
def change_password() -> ResponseReturnValue:
    """Change the password: every session ends, and this browser goes on with a new one."""
    form, vault, device = request.form, resources().vault, asking_device()
    written = PasswordChange(form.get("old", ""), form.get("password", ""), form.get("again", ""))
    try:
        with writing() as session:
            found = passwords.change(session, vault, me().login, written, device, now())
            if isinstance(found, Staff):
                note(session, "password_change", found)
    except RuleError as refusal:
        found = refusal
    if isinstance(found, RuleError):
        return _page(found), status_of(found)
    if lacks_second_factor(found) and not campus_session.asked_second_factor():
        return second_step.go_on(found, campus_session.kept())
    second_step.become(found, campus_session.kept())
    return redirect(url_for("account.own", changed=""), 303)


def _demand_proof() -> None:
    proof.demand(url_for("account.prove"))


@blueprint.post("/devices/forget")
def forget_device() -> Response:
    """Let one of one's own browsers be known no more; a second press changes nothing."""
    _demand_proof()
    with writing() as session:
        if known_browsers.revoke(session, me().id, request.form.get("device", ""), now()):
            note(session, "device_forget", me())
    return redirect(url_for("account.own"), 303)


@blueprint.post("/sessions/end")
def end_session() -> Response:
    """End one of one's own sessions; a second press changes nothing."""
    _demand_proof()
    identity = Identity(current_staff().id)
    with writing() as session:
        sessions.end_of_owner(session, identity, request.form.get("session", ""))
    return redirect(url_for("account.own"), 303)


@blueprint.post("/sessions/end-others")
def end_other_sessions() -> Response:
    """End all of one's own sessions but this one; no other browser is known any more."""
    _demand_proof()
    identity, here = Identity(current_staff().id), asking_device().token
    with writing() as session:
        sessions.end_others_of_owner(session, identity, browser().token)
        known_browsers.revoke_all(session, current_staff().id, now(), but=here)
    return redirect(url_for("account.own"), 303)


@blueprint.post("/notices/seen")
def see_notices() -> Response:
    """Show what one was told about the account no more; a second press changes nothing."""
    with writing() as session:
        up_to = request.form.get("up_to", 0, type=whole)
        staff_notices.see(session, me().id, known_since(), up_to, now())
    return redirect(url_for("sign_in.landing"), 303)


@blueprint.post("/wechat/unlink")
def unlink_wechat() -> Response:
    """Let no WeChat get test sends in one's name; a second press changes nothing."""
    with writing() as session:
        if colleagues.is_linked(session, current_staff().id):
            colleagues.unlink_staff(session, me().id)
            note(session, "wechat_unlink", me())
    return redirect(url_for("account.own"), 303)
