"""Proving anew that it is the owner who sits here: by a code, or by the password without one."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from registry.accounts import staff as staff_rules
from registry.accounts.sign_in_guard import SignInAsker
from registry.accounts.tables import Staff
from registry.base.errors import RuleError
from wxapp.account.door import blueprint
from wxapp.core import campus_session, proof, second_step
from wxapp.core.db import writing
from wxapp.core.known_device import asking_device
from wxapp.core.limits import SIGN_IN, limiter
from wxapp.core.refusals import status_of
from wxapp.core.resources import now, resources
from wxapp.core.who import current_staff


@blueprint.get("/prove", endpoint="prove")
def ask() -> str:
    """Ask for the code, or for the password where there is no second factor."""
    return _page(None)


def _page(refusal: RuleError | None) -> str:
    return render_template(
        "account/prove.html", with_code=_has_factor(current_staff()), refusal=refusal
    )


@blueprint.post("/prove")
@limiter.limit(SIGN_IN)
def take_proof() -> ResponseReturnValue:
    """Keep for some minutes that it is the owner; lead back to the sessions.

    The session begins anew: whoever has a copy of its cookie has proven nothing, and is out.
    """
    me = current_staff()
    with writing() as session:
        refusal = prove_anew(session, me, "proven_anew")
        mine = staff_rules.lock(session, me.id)  # a password may just have been hashed anew
    if refusal is not None:
        return _page(refusal), status_of(refusal)
    second_step.become(mine, campus_session.kept())
    proof.keep()
    return redirect(url_for("account.own", _anchor="devices"), 303)


def prove_anew(session: Session, me: Staff, action: str) -> RuleError | None:
    """Ask for a code, used up for what the log calls `action`, or for the password without one.

    Return the refusal as a value: its count has to be kept.
    """
    if _has_factor(me):
        return second_step.check_code(session, me, action)
    vault, password = resources().vault, request.form.get("password", "")
    asker = SignInAsker(asking_device(), signed_in=True)
    found = staff_rules.sign_in(session, vault, me.login, password, asker, now())
    if not isinstance(found, RuleError):
        return None
    wrong = RuleError("password_wrong", "密码不对，请重新填写。", "password")
    return wrong if found.code == "sign_in_failed" else found


def _has_factor(me: Staff) -> bool:
    return me.second_factor_since is not None
