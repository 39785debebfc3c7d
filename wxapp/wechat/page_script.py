"""WeChat's own script (JS-SDK) on the few pages that it helps: a card to forward, a scan.

It is asked for within WeChat only, from the one address that the page's policy names; a page
without it lacks nothing. Signatures are made for addresses of this house alone.
"""

import secrets

from flask import Blueprint, g, request
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue

from notifier.wechat.errors import GatewayError
from notifier.wechat.page_signature import signature_of
from wxapp.core.devices import is_in_wechat
from wxapp.core.logs import note_error
from wxapp.core.resources import now, resources, services
from wxapp.core.retry import only_once

blueprint = Blueprint("page_script", __name__, url_prefix="/wechat")

LONGEST = 2000
"""Characters of an address that is signed: ours are shorter."""


@blueprint.record
def _let_pages_ask(state: BlueprintSetupState) -> None:
    state.app.jinja_env.globals["wechat_script"] = wechat_script


def wechat_script() -> str | None:
    """Return where a page takes WeChat's script from, and let it; None outside WeChat."""
    settings = resources().settings
    if settings.asks_wechat_itself and not is_in_wechat():
        return None
    g.other_script = settings.wechat_script_url
    return settings.wechat_script_url


@blueprint.get("/signature")
@only_once
def signature() -> ResponseReturnValue:
    """Return what the script is configured with on the page `of`, a path of this house."""
    path = request.args.get("of", "")
    if not path.startswith("/") or path.startswith("//") or len(path) > LONGEST:
        return {}, 400
    try:
        ticket = services().gateway.page_ticket()
    except GatewayError as error:
        note_error(error)
        return {}, 503
    settings, at, nonce = resources().settings, int(now().timestamp()), secrets.token_hex(8)
    signed = signature_of(ticket, nonce, at, f"{settings.public_url}{path}")
    own = {"appId": settings.wechat_app_id, "timestamp": at, "nonceStr": nonce}
    return {**own, "signature": signed}
