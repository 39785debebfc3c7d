"""WeChat's console saves the address of the callback; what is pushed there comes to `pushes`."""

import structlog
from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from notifier.wechat import callback
from notifier.wechat.callback import Unsigned
from wxapp.core.resources import now, resources

blueprint = Blueprint("callback", __name__, url_prefix="/wechat")
log = structlog.get_logger("wxapp.callback")

TEXT = {"Content-Type": "text/plain; charset=utf-8"}


@blueprint.get("/callback")
def echo() -> ResponseReturnValue:
    """Answer WeChat's console, which wants to hear its own words when the address is saved."""
    keys = callback.keys_of(resources().settings)
    try:
        said = callback.read_echo(keys, request.args, now())
    except Unsigned as error:
        log.warning("a question that is not WeChat's", why=str(error))
        return "forbidden", 403, TEXT
    return said, 200, TEXT
