"""Who may come in at the interface: whoever signs with a key of a province."""

from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, g, request
from flask.blueprints import BlueprintSetupState

from registry.interface import keys
from registry.interface.keys import KeyHolder, Refusal, RowLimit
from registry.interface.signatures import SignedRequest
from runtime.addresses import is_this_machine
from wxapp.core import uploads
from wxapp.core.problems import problem
from wxapp.core.resources import now, resources
from wxapp.core.retry import until_through

MOST_BYTES = 4 * 1024 * 1024
"""Of a body: 1,000 records at 2 kB are half of it."""
blueprint = Blueprint("api", __name__, url_prefix="/api/province/v1")


@blueprint.record
def _need_no_form_token(state: BlueprintSetupState) -> None:
    """Leave the token out: a signature is no cookie that another site's page could use."""
    uploads.csrf_of(state.app.extensions).exempt(state.blueprint)


@blueprint.before_request
def _let_in() -> Response | None:
    """Refuse what is too large or otherwise encoded before it is read; then weigh the signature."""
    unfit = _unfit()
    if unfit:
        return problem(unfit)
    request.max_content_length = MOST_BYTES
    signed = _signed()
    believed = until_through(lambda: _believe(signed))
    if isinstance(believed, Refusal):
        return _refused(believed)
    g.key_holder = believed
    return None


def _unfit() -> int:
    """Return the status that a request is refused with for how it comes; 0 for none."""
    if "Transfer-Encoding" in request.headers:
        return 411
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        return 415
    if (request.content_length or 0) > MOST_BYTES:
        return 413
    return _unfit_body() if request.method == "PUT" else 0


def _unfit_body() -> int:
    if request.content_length is None:
        return 411
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    is_json = request.mimetype == "application/json" and charset in {"utf-8", "utf8"}
    return 0 if is_json else 415


def _signed() -> SignedRequest:
    return SignedRequest(
        method=request.method,
        path=request.path,
        query=request.query_string.decode("ascii", "replace"),
        digest=request.headers.get("Content-Digest", ""),
        signature_input=request.headers.get("Signature-Input", ""),
        signature=request.headers.get("Signature", ""),
        body=request.get_data(),
    )


def _believe(signed: SignedRequest) -> KeyHolder | Refusal:
    """Weigh a signature in a transaction of its own: a nonce stays spent whatever follows."""
    with resources().sessions.begin() as session:
        return keys.believe(session, resources().vault, signed, now())


def _refused(refusal: Refusal) -> Response:
    """Answer every refusal alike; the sandbox says besides what was computed here."""
    told: dict[str, Any] = {}
    if is_this_machine(urlsplit(resources().settings.public_url).hostname):
        told = {"faults": refusal.faults, "signature_base": refusal.base}
    answer = problem(401, "bad_signature", "签名无效或已失效，请核对密钥、时钟和签名方法。", told)
    answer.headers["WWW-Authenticate"] = "Signature"
    return answer


def key_holder() -> KeyHolder:
    """Return who signed the request."""
    found = g.key_holder
    assert isinstance(found, KeyHolder)
    return found


def take_rows(rows: int) -> Response | None:
    """Take rows out of the minute's limit; return the refusal where there are not so many left."""
    with resources().sessions.begin() as session:
        limit = keys.take_rows(session, key_holder(), rows, now())
    g.row_limit = limit
    if limit.granted:
        return None
    sentence = f"每分钟最多接收 {keys.ROWS_A_MINUTE // 10000} 万条，请 {limit.resets_in} 秒后重试。"
    answer = problem(429, "too_many_rows", sentence)
    answer.headers["Retry-After"] = str(limit.resets_in)
    return answer


@blueprint.after_request
def _say_limit(answer: Response) -> Response:
    limit = g.get("row_limit")
    if isinstance(limit, RowLimit):
        answer.headers["RateLimit-Policy"] = f'"rows";q={keys.ROWS_A_MINUTE};w=60'
        answer.headers["RateLimit"] = f'"rows";r={limit.left};t={limit.resets_in}'
    return answer
