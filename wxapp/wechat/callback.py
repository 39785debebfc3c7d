"""The door WeChat pushes to: prove, store, answer. Whatever follows happens behind it.

WeChat waits five seconds and tries three times, so nothing here waits for anybody but the database,
and `success` is said only once the event is committed.
"""

import structlog
from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from prometheus_client import Counter
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from notifier.wechat import callback
from notifier.wechat.callback import CallbackEvent, Rubbish, Unsigned
from wxapp.core.parts import now, parts

blueprint = Blueprint("callback", __name__, url_prefix="/wechat")
log = structlog.get_logger("wxapp.callback")

PUSHES = Counter("quxiang_wechat_pushes", "Pushes of WeChat, by what became of them", ("became",))
TEXT = {"Content-Type": "text/plain; charset=utf-8"}
DONE: ResponseReturnValue = ("success", 200, TEXT)


@blueprint.get("/callback")
def echo() -> ResponseReturnValue:
    """Answer WeChat's console, which wants to hear its own words when the address is saved."""
    keys = callback.keys_of(parts().resources.settings)
    try:
        said = callback.read_echo(keys, request.args, now())
    except Unsigned as error:
        return _unsigned(error)
    return said, 200, TEXT


@blueprint.post("/callback")
def take() -> ResponseReturnValue:
    """Store an event; the same one again changes nothing."""
    request.max_content_length = callback.BODY_LIMIT
    keys = callback.keys_of(parts().resources.settings)
    try:
        event = callback.read_push(keys, request.args, request.get_data(cache=False), now())
    except Unsigned as error:
        return _unsigned(error)
    except Rubbish as error:
        PUSHES.labels("unreadable").inc()
        log.warning("a push that is signed cannot be read", why=str(error))
        return DONE
    return _store(event)


def _store(event: CallbackEvent) -> ResponseReturnValue:
    try:
        is_new = parts().letterbox.put(event, now())
    except (OperationalError, InterfaceError, PoolTimeout) as error:
        PUSHES.labels("not_stored").inc()
        log.warning("a push could not be stored", error=type(error).__name__)
        return "try again", 503, TEXT
    PUSHES.labels("stored" if is_new else "repeated").inc()
    return DONE


def _unsigned(error: Unsigned) -> ResponseReturnValue:
    PUSHES.labels("unsigned").inc()
    log.warning("a push that is not WeChat's", why=str(error))
    return "forbidden", 403, TEXT
