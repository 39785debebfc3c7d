"""Where this WeChat is signed in (登录管理): sessions ended one by one, all others, or this one."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from registry.accounts import sessions
from wxapp.core import devices, proof
from wxapp.core.browser_session import browser
from wxapp.core.db import reading, writing
from wxapp.core.resources import now
from wxapp.core.who import current_graduate

blueprint = Blueprint("signed_in", __name__, url_prefix="/g/sessions")


@blueprint.before_request
def _let_in() -> None:
    current_graduate()


@blueprint.get("")
def page() -> ResponseReturnValue:
    """Show the sessions, the one used last first."""
    with reading() as session:
        rows = sessions.of_owner(session, browser().identity, now())
    return render_template(
        "graduate/signed_in.html",
        sessions=rows,
        this=browser().token_hash,
        here=devices.places(),
        proven=proof.holds(),
    )


@blueprint.post("/end")
def end() -> ResponseReturnValue:
    """End one session; a second press changes nothing."""
    proof.demand(proof.by_wechat("sessions"))
    with writing() as session:
        named = request.form.get("session", "")
        sessions.end_of_owner(session, browser().identity, named)
    return redirect(url_for("signed_in.page"), 303)


@blueprint.post("/end-others")
def end_others() -> ResponseReturnValue:
    """End all sessions but this one."""
    proof.demand(proof.by_wechat("sessions"))
    with writing() as session:
        sessions.end_others_of_owner(session, browser().identity, browser().token)
    return redirect(url_for("signed_in.page"), 303)


@blueprint.post("/leave")
def leave() -> ResponseReturnValue:
    """Sign out of this one."""
    browser().leave()
    return render_template("graduate/signed_out.html")
