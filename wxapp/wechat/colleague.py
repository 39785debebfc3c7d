"""A colleague says which WeChat is theirs: by signing in once inside WeChat."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from notifier.binding import colleagues
from registry.accounts import audit
from registry.accounts import staff as staff_rules
from registry.base.errors import RuleError
from wxapp.core.browser_session import browser
from wxapp.core.db import reading, writing
from wxapp.core.limits import SIGN_IN, limiter
from wxapp.core.refusals import status_of
from wxapp.core.resources import now, resources
from wxapp.core.who import WeChatNeeded

blueprint = Blueprint("colleague", __name__, url_prefix="/wechat/colleague")


def _openid() -> str:
    openid = browser().identity.openid
    if openid is None:
        raise WeChatNeeded
    return openid


@blueprint.before_request
def _let_in() -> None:
    _openid()


@blueprint.get("")
def page() -> str:
    """Show whose this WeChat is, or ask."""
    with reading() as session:
        staff = colleagues.of_wechat(session, _openid())
    return render_template("base/colleague.html", staff=staff, login="", refusal=None)


@blueprint.post("")
@limiter.limit(SIGN_IN)
def link() -> ResponseReturnValue:
    """Link this WeChat to whom login and password belong to; it signs nobody in."""
    login, password = request.form.get("login", ""), request.form.get("password", "")
    vault, address = resources().vault, request.remote_addr or ""
    with writing() as session:
        found = staff_rules.sign_in(session, vault, login, password, address, now())
        if not isinstance(found, RuleError):
            colleagues.link(session, found, _openid(), now())
            audit.note(session, audit.by_staff(found, "wechat_link"), now())
    if isinstance(found, RuleError):
        shown = render_template("base/colleague.html", staff=None, login=login, refusal=found)
        return shown, status_of(found)
    return redirect(url_for("colleague.page"), 303)


@blueprint.post("/unlink")
def unlink() -> ResponseReturnValue:
    """Let this WeChat be nobody's; a second press changes nothing."""
    with writing() as session:
        staff = colleagues.of_wechat(session, _openid())
        colleagues.unlink(session, _openid())
        if staff is not None:
            audit.note(session, audit.by_staff(staff, "wechat_unlink"), now())
    return redirect(url_for("colleague.page"), 303)
