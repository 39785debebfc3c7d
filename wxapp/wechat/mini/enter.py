"""What the mini program's web-view opens: a token for a session, given from the fragment.

The fragment holds the token and the device's secret; neither is sent before the page's own script
posts them, so no log, proxy or other page sees them.
"""

from dataclasses import replace

from flask import Blueprint, redirect, render_template, request, url_for
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue

from notifier.ledger import bindings, mini_users
from registry.accounts import handovers, sessions
from registry.accounts.handovers import Handover
from registry.accounts.sessions import Identity
from wxapp.core import devices, proof
from wxapp.core.browser_session import browser
from wxapp.core.db import writing
from wxapp.core.limits import BINDING_ADDRESS, limiter
from wxapp.core.resources import now, resources
from wxapp.core.targets import HOME, endpoint_of

TARGET, FRESH = "target", "just_bound"
"""Of a handover: where it leads, and that she was bound by it."""
MUST_FOLLOW = "must_follow"
"""Of a session: that no message reaches her, for she does not follow the account."""
_MOST = 200
blueprint = Blueprint("mini_enter", __name__, url_prefix="/wechat/mini/enter")


@blueprint.record
def _let_pages_ask(state: BlueprintSetupState) -> None:
    """Let the page after it say that she has to follow."""
    state.app.jinja_env.globals["must_follow"] = _must_follow


def _must_follow() -> bool:
    """Say, once, whether no message reaches her: she does not follow the account."""
    return bool(browser().pop(MUST_FOLLOW, False))


@blueprint.get("")
def page() -> str:
    """Show the page whose script sends what stands in the fragment."""
    return _page(refused=False)


@blueprint.post("")
@limiter.limit(BINDING_ADDRESS)
def enter() -> ResponseReturnValue:
    """Open a session for who was handed over, and go where the card or the menu led."""
    token, secret = (request.form.get(name, "")[:_MOST] for name in ("token", "device"))
    if _is_elsewhere():
        return _page(refused=True), 400
    with writing() as session:
        found = handovers.take_back(session, token, secret, now())
        if found is None:
            return _page(refused=True), 400
        found = replace(found, openid=mini_users.identity_of(session, found.openid))
        sessions.end_of_device(session, found.device_hash)
        records = bindings.records_of(session, found.openid)
        follows = mini_users.follows(session, found.openid)
    _begin(found, records[0].id if records else None, follows=follows)
    return redirect(url_for(endpoint_of(found.content.get(TARGET, HOME))), 303)


def _begin(found: Handover, graduate_id: int | None, *, follows: bool) -> None:
    browser().become(
        Identity(openid=found.openid, graduate_id=graduate_id, mini_device=found.device_hash)
    )
    devices.note_device()
    browser().update({name: each for name, each in found.content.items() if name != TARGET})
    if not follows:
        browser()[MUST_FOLLOW] = True
    proof.keep()  # WeChat has just said who it is


def _is_elsewhere() -> bool:
    """Say whether this is no web-view of a mini program.

    Who sends others an address with a token of his own would have them sign in as him.
    """
    agent = request.headers.get("User-Agent", "")
    inside = "MicroMessenger" in agent and "miniProgram" in agent
    return resources().settings.asks_wechat_itself and not inside


def _page(*, refused: bool) -> str:
    return render_template("graduate/mini_enter.html", refused=refused)
