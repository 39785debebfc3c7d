"""The door WeChat pushes to: prove, store, answer. Whatever follows happens behind it.

WeChat waits five seconds and tries three times, so nothing here waits for anybody but the database,
and `success` is said only once the event is committed. A campaign brings thousands of receipts a
second, so they do not go through Flask (docs/decisions/0007-pushes.md): there is no person, no
session, no form and no page behind them.
"""

import time
from collections.abc import Iterable
from http import HTTPStatus
from urllib.parse import parse_qsl
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import structlog
from prometheus_client import Counter
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException
from werkzeug.wsgi import get_input_stream

from notifier.wechat import callback
from notifier.wechat.callback import CallbackEvent, Rubbish, Unsigned
from notifier.wechat.push_batches import WriteBatcher
from runtime.resources import Resources
from wxapp.core.headers import NOTHING, headers_of_all
from wxapp.core.metrics import count_request

PATH = "/wechat/callback"
OWN_HEADERS = {
    "Content-Type": "text/plain; charset=utf-8",
    "Cache-Control": "no-store",
    "Content-Security-Policy": NOTHING,
}

log = structlog.get_logger("wxapp.callback")

PUSHES = Counter("quxiang_wechat_pushes", "Pushes of WeChat, by what became of them", ("became",))


class PushDoor:
    """WSGI in front of the application: takes what is posted to the callback, and nothing else."""

    def __init__(self, application: WSGIApplication, resources: Resources) -> None:
        """Stand before `application`; raises ValueError for callback keys that are none."""
        self._application = application
        self._write_batcher = WriteBatcher(resources.sessions)
        self._clock = resources.clock
        self._keys = callback.keys_of(resources.settings)
        self._headers = [*headers_of_all(resources.settings).items(), *OWN_HEADERS.items()]

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a push; leave every other request to the application."""
        if environ["PATH_INFO"] != PATH or environ["REQUEST_METHOD"] != "POST":
            return self._application(environ, start_response)
        begun = time.perf_counter()
        text, status = self._take(environ)
        count_request("callback.take", "POST", status, time.perf_counter() - begun)
        answer = text.encode()
        headers = [*self._headers, ("Content-Length", str(len(answer)))]
        start_response(f"{status.value} {status.phrase}", headers)
        return [answer]

    def _take(self, environ: WSGIEnvironment) -> tuple[str, HTTPStatus]:
        """Store an event; the same one again changes nothing."""
        try:
            body = get_input_stream(environ, max_content_length=callback.BODY_LIMIT).read()
            query = dict(parse_qsl(environ["QUERY_STRING"]))
            event = callback.read_push(self._keys, query, body, self._clock())
        except HTTPException as error:  # too large, or broken off
            return error.name, HTTPStatus(error.code or HTTPStatus.BAD_REQUEST)
        except Unsigned as error:
            PUSHES.labels("unsigned").inc()
            log.warning("a push that is not WeChat's", why=str(error))
            return "forbidden", HTTPStatus.FORBIDDEN
        except Rubbish as error:
            PUSHES.labels("unreadable").inc()
            log.warning("a push that is signed cannot be read", why=str(error))
            return "success", HTTPStatus.OK
        return self._store(event)

    def _store(self, event: CallbackEvent) -> tuple[str, HTTPStatus]:
        try:
            is_new = self._write_batcher.put(event)
        except SQLAlchemyError as error:
            PUSHES.labels("not_stored").inc()
            log.warning("a push could not be stored", error=type(error).__name__)
            return "try again", HTTPStatus.SERVICE_UNAVAILABLE
        PUSHES.labels("stored" if is_new else "repeated").inc()
        return "success", HTTPStatus.OK
