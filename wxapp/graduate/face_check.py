"""A face check by the provider: begun, and asked after, for whatever act it is to prove her.

The provider's page leads back with its token. It counts once, for the browser session that began
it, where it was led back to, and only after the provider was asked what became of it.
"""

from dataclasses import dataclass
from datetime import datetime

import structlog
from flask import render_template, request
from flask.typing import ResponseReturnValue

from notifier.providers.face import Begun, FaceOutcome, Person
from notifier.providers.tencent_cloud import CallError
from registry.base.errors import RuleError
from registry.codes.identity import IDENTITY, is_resident, normalised
from registry.numbers.tables import Authentication
from registry.numbers.verification import authentication
from registry.numbers.verification.authentication import UNKNOWN
from registry.record import consents, privacy_notice
from registry.record.consents import ConsentPurpose
from registry.record.tables import Graduate
from wxapp.core.db import reading, writing
from wxapp.core.privacy import refuse_another
from wxapp.core.resources import resources, services
from wxapp.graduate.face_way import is_led_back, new_way

log = structlog.get_logger("wxapp.face_check")

TOKEN_LENGTH = 128


@dataclass(frozen=True)
class FaceTask:
    """Who is to be proven, in which browser, for what, and where she goes on."""

    graduate: Graduate
    session_hash: str
    at: datetime
    back: str
    """Endpoint that the provider leads back to; it takes the secret of `face_way`."""
    cancel: str
    """The path for who does not go there."""
    key: str | None = None
    """What else that endpoint takes, if anything."""
    act: str = authentication.FOR_AUTHORIZING
    instead: str = "到学校现场办理"
    """The other way to prove it, for who fails here."""


def is_offered(graduate: Graduate) -> bool:
    """Say whether there is a provider, and she has a number that it can look up."""
    return services().face.is_offered and is_resident(_herself(graduate).identity_number)


def begin(task: FaceTask) -> ResponseReturnValue:
    """Begin a check, and lead to the provider's page.

    Raises RuleError `face_checks_used_up` or `face_check_away`, or as `refuse_another` does.
    """
    with writing() as session:
        notice = privacy_notice.of_school(session, task.graduate.school)
        refuse_another(request.form.get("notice", ""), notice)
        counted = authentication.begin_face(
            session, task.graduate.id, task.session_hash, task.at, task.act
        )
        consents.give(session, [task.graduate.id], ConsentPurpose.FACE, notice.version, task.at)
    begun = _asked_for(counted, task)
    with writing() as session:
        authentication.refer(session, counted, begun.token)
    # Not a redirect: the policy lets a form lead to addresses of ours only.
    page = render_template("graduate/authorize_face.html", url=begun.url, cancel=task.cancel)
    return page, {"Refresh": f"0; url={begun.url}"}


def _asked_for(counted: Authentication, task: FaceTask) -> Begun:
    """Ask the provider for a check; one that it does not begin is not counted against her."""
    try:
        return services().face.begin(_herself(task.graduate), new_way(task.back, task.key))
    except CallError as error:
        with writing() as session:
            authentication.give_back(session, counted)
        raise _away(error, task) from error


def end(task: FaceTask, secret: str) -> None:
    """Ask the provider what became of the check she was led back from, and keep it.

    Raises RuleError `face_check` where it was not passed, `face_check_unknown` or
    `face_check_away`.
    """
    if not is_led_back(secret):
        raise UNKNOWN
    token = request.args.get("BizToken", "")[:TOKEN_LENGTH]
    with reading() as session:
        begun = authentication.begun_face(
            session, task.graduate.id, task.session_hash, token, task.at
        )
    try:
        outcome = services().face.outcome(_herself(task.graduate), token)
    except CallError as error:
        raise _away(error, task) from error
    if outcome is not FaceOutcome.UNFINISHED:
        with writing() as session:
            passed = outcome is FaceOutcome.PASSED
            authentication.end_face(session, begun, task.at, passed=passed)
    if outcome is not FaceOutcome.PASSED:
        raise RuleError("face_check", _SENTENCES[outcome].format(task.instead))


_SENTENCES = {
    FaceOutcome.FAILED: "人脸核身没有通过。请本人在光线充足处正对手机再试一次，或{}。",
    FaceOutcome.OTHER_PERSON: "核身的姓名或证件号码与登记的不一致。请本人重新认证，或{}。",
    FaceOutcome.UNFINISHED: "人脸核身没有完成。可以再试一次，或{}。",
}


def _away(error: CallError, task: FaceTask) -> RuleError:
    log.error("no face check", code=error.code, provider_request=error.request_id)
    sentence = f"人脸核身服务暂时无法连接，没有收到结果。请稍后再试，或{task.instead}。"
    return RuleError("face_check_away", sentence)


def _herself(graduate: Graduate) -> Person:
    number = resources().vault.open(IDENTITY, graduate.id, graduate.identity_sealed)
    return Person(graduate.name, normalised(number))
