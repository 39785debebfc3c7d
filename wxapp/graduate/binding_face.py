"""The face instead of a code, where it is set up: it binds who passes the check, as nobody else."""

import hashlib
import hmac

import structlog
from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from notifier.binding import bind_by_face
from notifier.binding.bind import ClaimedIdentity
from notifier.providers.face import Person
from notifier.providers.tencent_cloud import CallError
from registry.base.errors import RuleError
from registry.codes import identity
from registry.numbers.verification.authentication import UNKNOWN
from registry.record.consents import ConsentPurpose
from wxapp.core.browser_session import browser
from wxapp.core.db import writing
from wxapp.core.limits import BINDING, BINDING_ADDRESS, limiter
from wxapp.core.resources import now, resources, services
from wxapp.core.retry import only_once
from wxapp.graduate.binding import (
    blueprint,
    claimed,
    guard,
    keep_consent,
    let_in,
    openid,
    other_notice,
    refused,
    this_browser,
)
from wxapp.graduate.face_check import TOKEN_LENGTH
from wxapp.graduate.face_way import is_led_back, new_way

log = structlog.get_logger("wxapp.binding_face")

BEGUN = "binding_face"
"""Of a browser session: the check it began, by its token's hash, and the text agreed to."""
FAILED = RuleError(
    "face_check", "人脸核身没有通过。请本人在光线充足处正对手机再试一次，或用短信验证码绑定。"
)


@blueprint.post("/face")
@limiter.limit(BINDING, key_func=this_browser)
@limiter.limit(BINDING_ADDRESS)
@only_once
def begin_face() -> ResponseReturnValue:
    """Begin a face check of who somebody says to be, and lead to the provider's page."""
    if not services().face.is_offered:
        return redirect(url_for("binding.who"), 303)
    if (unread := other_notice()) is not None:
        return refused(unread)
    who = claimed()
    with writing() as session:
        refusal = bind_by_face.begin(session, resources().vault, who, now())
    return refused(refusal) if refusal is not None else _lead_there(who)


def _lead_there(who: ClaimedIdentity) -> ResponseReturnValue:
    person = Person(who.name.strip(), identity.normalised(who.identity_number))
    try:
        begun = services().face.begin(person, new_way("binding.back_from_face"))
    except CallError as error:
        return refused(_away(error))
    with writing() as session:
        bind_by_face.begun(session, resources().vault, begun.token, now())
    browser()[BEGUN] = [_hash(begun.token), request.form["notice"]]
    # Not a redirect: the policy lets a form lead to addresses of ours only.
    cancel = url_for("binding.who")
    page = render_template("graduate/authorize_face.html", url=begun.url, cancel=cancel)
    return page, {"Refresh": f"0; url={begun.url}"}


@blueprint.get("/face/back/<secret>")
@limiter.limit(BINDING_ADDRESS)
@only_once
def back_from_face(secret: str) -> ResponseReturnValue:
    """Bind who passed the check that this browser session began and came back from; it counts once.

    Opened in another browser, signed in or not, or by another way than the provider was told, it
    counts no more: who came back is not who began it.
    """
    token = request.args.get("BizToken", "")[:TOKEN_LENGTH]
    begun, notice = browser().get(BEGUN, ("", ""))
    if not (is_led_back(secret) and hmac.compare_digest(begun, _hash(token))):
        _use_up(token)
        return guard() or refused(UNKNOWN)
    if (elsewhere := guard()) is not None:
        return elsewhere
    try:
        passed = services().face.who_passed(token)
    except CallError as error:
        return refused(_away(error))
    browser().pop(BEGUN)
    if not _use_up(token):
        return refused(UNKNOWN)
    return refused(FAILED) if passed is None else _bind(passed, notice)


def _use_up(token: str) -> bool:
    with writing() as session:
        return bind_by_face.use_up(session, resources().vault, token, now())


def _bind(passed: Person, notice: str) -> ResponseReturnValue:
    with writing() as session:
        found = bind_by_face.finish(session, resources().vault, passed, openid(), now())
        if not isinstance(found, RuleError):
            keep_consent(session, notice, ConsentPurpose.BINDING, ConsentPurpose.FACE)
    return refused(found) if isinstance(found, RuleError) else let_in(found)


def _away(error: CallError) -> RuleError:
    log.error("no face check", code=error.code, provider_request=error.request_id)
    sentence = "人脸核身服务暂时无法连接，没有收到结果。请稍后再试，或用短信验证码绑定。"
    return RuleError("face_check_away", sentence)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
