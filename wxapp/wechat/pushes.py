"""The door WeChat pushes to: prove, store, answer. Whatever follows happens behind it.

WeChat waits five seconds and tries three times, so nothing here waits for anybody but the database,
and `success` is said only once the event is committed. A campaign brings thousands of receipts a
second, so they do not go through Flask (docs/decisions/0007-pushes.md): there is no person, no
session, no form and no page behind them.
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import parse_qsl
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import structlog
from prometheus_client import Counter
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException
from werkzeug.wsgi import get_input_stream

from notifier.wechat import callback, replies
from notifier.wechat.callback import OpenedPush, Rubbish, Unsigned
from notifier.wechat.push_batches import WriteBatcher
from runtime.resources import Resources
from wxapp.core.headers import NOTHING, headers_of_all
from wxapp.core.metrics import count_request

PATH = "/wechat/callback"
OWN_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": NOTHING,
}

log = structlog.get_logger("wxapp.callback")

PUSHES = Counter("quxiang_wechat_pushes", "Pushes of WeChat, by what became of them", ("became",))


@dataclass(frozen=True)
class Said:
    """What a push is answered with."""

    text: str
    status: HTTPStatus = HTTPStatus.OK
    kind: str = "text/plain"


RECEIVED = Said("success")


class PushDoor:
    """WSGI in front of the application: takes what is posted to the callback, and nothing else."""

    def __init__(self, application: WSGIApplication, resources: Resources) -> None:
        """Stand before `application`; raises ValueError for callback keys that are none."""
        self._application = application
        self._write_batcher = WriteBatcher(resources.sessions)
        self._clock = resources.clock
        self._keys = callback.keys_of(resources.settings)
        self._readers = resources.readers
        self._public_url = resources.settings.public_url
        self._headers = [*headers_of_all(resources.settings).items(), *OWN_HEADERS.items()]

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a push; leave every other request to the application."""
        if environ["PATH_INFO"] != PATH or environ["REQUEST_METHOD"] != "POST":
            return self._application(environ, start_response)
        begun = time.perf_counter()
        said = self._take(environ)
        count_request("callback.take", "POST", said.status, time.perf_counter() - begun)
        answer = said.text.encode()
        kind = ("Content-Type", f"{said.kind}; charset=utf-8")
        headers = [*self._headers, kind, ("Content-Length", str(len(answer)))]
        start_response(f"{said.status.value} {said.status.phrase}", headers)
        return [answer]

    def _take(self, environ: WSGIEnvironment) -> Said:
        """Store an event; the same one again changes nothing."""
        try:
            body = get_input_stream(environ, max_content_length=callback.BODY_LIMIT).read()
            query = dict(parse_qsl(environ["QUERY_STRING"]))
            push = callback.open_push(self._keys, query, body, self._clock())
        except HTTPException as error:  # too large, or broken off
            return Said(error.name, HTTPStatus(error.code or HTTPStatus.BAD_REQUEST))
        except Unsigned as error:
            PUSHES.labels("unsigned").inc()
            log.warning("a push that is not WeChat's", why=str(error))
            return Said("forbidden", HTTPStatus.FORBIDDEN)
        except Rubbish as error:
            PUSHES.labels("unreadable").inc()
            log.warning("a push that is signed cannot be read", why=str(error))
            return RECEIVED
        return self._store(push, query.get("nonce", ""))

    def _store(self, push: OpenedPush, nonce: str) -> Said:
        try:
            is_new = self._write_batcher.put(push.event)
            text = self._reply(push)
        except SQLAlchemyError as error:
            PUSHES.labels("not_stored").inc()
            log.warning("a push could not be stored", error=type(error).__name__)
            return Said("try again", HTTPStatus.SERVICE_UNAVAILABLE)
        PUSHES.labels("stored" if is_new else "repeated").inc()
        if not text:
            return RECEIVED
        sealed = callback.write_reply(self._keys, push, text, nonce, self._clock())
        return Said(sealed, kind="text/xml")

    def _reply(self, push: OpenedPush) -> str:
        """Return what a person reads in the chat; receipts, most of what is pushed, ask nothing."""
        if not replies.is_answered(push):
            return ""
        with self._readers.begin() as session:
            return replies.answer(session, push, self._public_url)
