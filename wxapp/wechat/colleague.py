"""A colleague says which WeChat is theirs: by signing in once inside WeChat."""

from dataclasses import replace

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from notifier.binding import colleagues
from notifier.ledger import mini_users
from registry.accounts import audit
from registry.accounts.tables import Staff
from registry.base.errors import RuleError
from wxapp.core import second_step, sign_in_form
from wxapp.core.browser_session import browser
from wxapp.core.db import reading, writing
from wxapp.core.limits import SIGN_IN, limiter
from wxapp.core.refusals import status_of
from wxapp.core.resources import now
from wxapp.core.sign_in_form import SignInTry
from wxapp.core.who import WeChatNeeded

blueprint = Blueprint("colleague", __name__, url_prefix="/wechat/colleague")


def _openid() -> str:
    openid = browser().identity.openid
    if openid is None:
        raise WeChatNeeded
    return openid


@blueprint.before_request
def _let_in() -> None:
    """Raise RuleError `colleague_in_mini` for who is known from the mini program alone."""
    if mini_users.is_mini(_openid()):
        raise RuleError("colleague_in_mini", "小程序收不到试发的消息，请在微信聊天中打开本页。")


@blueprint.get("")
def page() -> str:
    """Show whose this WeChat is, or ask."""
    with reading() as session:
        staff = colleagues.of_wechat(session, _openid())
    return _page(staff, None)


def _page(staff: Staff | None, attempt: SignInTry | None) -> str:
    refused = attempt.found if attempt and isinstance(attempt.found, RuleError) else None
    return render_template(
        "base/colleague.html",
        staff=staff,
        login=attempt.login if attempt else "",
        refusal=refused,
        picture=attempt.picture if attempt else None,
    )


@blueprint.post("")
@limiter.limit(SIGN_IN)
def link() -> ResponseReturnValue:
    """Link this WeChat to whom login, password and code belong to; it signs nobody in."""
    with writing() as session:
        attempt = _checked(session, sign_in_form.tried(session))
        if isinstance(attempt.found, Staff):
            colleagues.link(session, attempt.found, _openid(), now())
            audit.note(session, audit.by_staff(attempt.found, "wechat_link"), now())
    if isinstance(attempt.found, RuleError):
        return _page(None, attempt), status_of(attempt.found)
    return redirect(url_for("colleague.page"), 303)


def _checked(session: Session, attempt: SignInTry) -> SignInTry:
    """Ask for the code too, where there is a second factor."""
    staff = attempt.found
    if isinstance(staff, RuleError) or staff.second_factor_since is None:
        return attempt
    refusal = second_step.check_code(session, staff)
    return replace(attempt, found=refusal or staff)


@blueprint.post("/unlink")
def unlink() -> ResponseReturnValue:
    """Let this WeChat be nobody's; a second press changes nothing."""
    with writing() as session:
        staff = colleagues.of_wechat(session, _openid())
        colleagues.unlink(session, _openid())
        if staff is not None:
            audit.note(session, audit.by_staff(staff, "wechat_unlink"), now())
    return redirect(url_for("colleague.page"), 303)
