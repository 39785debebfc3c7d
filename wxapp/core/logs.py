"""One line a request: what, when, who, from where, how it ended; never a form's values or a query.

`who` is the key the audit log has for somebody, `address` a keyed index: neither says who it is to
somebody who has the log alone.
"""

import re
import secrets
import time
import traceback
from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIEnvironment

import structlog
from flask import Flask, Response, g, request

from registry.accounts import audit
from runtime import tracing
from wxapp.core.metrics import count_refusal, count_request
from wxapp.core.remembered import remembered
from wxapp.core.resources import resources

log = structlog.get_logger("wxapp")
QUIET = {"static", "health.healthz", "health.readyz", "health.metrics"}
GIVEN_ID = re.compile(r"[0-9A-Za-z-]{8,64}", re.ASCII)
"""What is taken up as a request's id; anything else could write into the log."""
UNNAMED = "breach."
"""How the pages begin on which graduates report breaches: the log does not say who does."""


def request_id() -> str:
    """Return the id this request has in the log and on error pages: the proxy's, or a new one."""
    own = remembered()
    if "request_id" not in own:
        given = request.headers.get("X-Request-Id", "")
        own.request_id = given if GIVEN_ID.fullmatch(given) else secrets.token_hex(6)
    return str(own.request_id)


def note_error(error: BaseException | None) -> None:
    """Log what went wrong and where; an exception's own words may hold personal data."""
    frames = traceback.extract_tb(error.__traceback__ if error else None)
    where = [f"{frame.filename.rpartition('/')[2]}:{frame.lineno}" for frame in frames[-5:]]
    log.error(
        "request failed",
        request_id=request_id(),
        endpoint=request.endpoint,
        error=type(error).__qualname__,
        where=where,
    )


def _begin() -> None:
    g.began = time.perf_counter()


def _say(response: Response) -> Response:
    own = remembered()
    seconds = time.perf_counter() - own.get("began", time.perf_counter())
    endpoint = request.endpoint or "none"
    count_request(endpoint, request.method, response.status_code, seconds)
    count_refusal(own.get("refused", ""))
    response.headers["X-Request-Id"] = request_id()
    if tracing.is_on():
        _note_trace(endpoint, response.status_code)
    if endpoint not in QUIET:
        log.info(
            "request",
            request_id=request_id(),
            method=request.method,
            endpoint=endpoint,
            status=response.status_code,
            ms=round(seconds * 1000),
            who=_who(),
            address=_address(),
            **({"refused": own.refused} if "refused" in own else {}),
        )
    return response


def _note_trace(endpoint: str, status: int) -> None:
    """Have the request's span say what its line says, but nobody's key and no address."""
    facts: dict[str, str | int] = {
        "http.request.method": request.method if request.url_rule else "_OTHER",
        "http.response.status_code": status,
        "quxiang.request_id": request_id(),
    }
    tracing.note(f"request {endpoint}", **facts)


def trace_requests_of(app: Flask) -> None:
    """Have each request be a span, if this process is traced.

    Always the first of its trace: what a stranger says of a trace of theirs is not taken up.
    """
    if not tracing.is_on():
        return
    inner = app.wsgi_app

    def traced(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        with tracing.span("request"):
            return inner(environ, start_response)

    app.wsgi_app = traced  # type: ignore[method-assign]  # Flask's documented place for it


def _who() -> str:
    """Return who asked, as far as a view has looked; empty for nobody."""
    if (request.endpoint or "").startswith(UNNAMED):
        return ""
    own = remembered()
    staff, graduate, holder = own.get("staff"), own.get("graduate"), own.get("key_holder")
    if holder is not None:
        return f"province_key:{holder.keyid}"
    if staff is not None:
        return str(staff.actor)
    return f"graduate:{graduate.key}" if graduate is not None else ""


def _address() -> str:
    """Return where a request came from, as the audit log names it."""
    return audit.address_index(resources().vault, request.remote_addr or "")


def log_requests_of(app: Flask) -> None:
    """Log every request of the application but those of machines that ask all the time."""
    app.before_request(_begin)
    app.after_request(_say)
