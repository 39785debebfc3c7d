"""Real-person authentication (实人认证) before she authorizes: by the face, or at the school.

The provider's page leads back here with its token. It counts once, for the browser session that
began it, and only after the provider was asked what became of it.
"""

import structlog
from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from notifier.providers.face import Begun, FaceOutcome, Person
from notifier.providers.tencent_cloud import CallError
from registry.base.errors import RuleError
from registry.codes.identity import IDENTITY, is_resident, normalised
from registry.numbers.shape import Kind
from registry.numbers.tables import Authentication
from registry.numbers.verification import authentication
from registry.record import consents, privacy_notice
from registry.record.consents import ConsentPurpose
from wxapp.core.db import reading, writing
from wxapp.core.privacy import refuse_another
from wxapp.core.refusals import status_of
from wxapp.core.resources import resources, services
from wxapp.core.retry import only_once
from wxapp.graduate.authorization_door import Position, asked, blueprint, kind_of, positions

log = structlog.get_logger("wxapp.proving")

TOKEN_LENGTH = 128
SENTENCES = {
    FaceOutcome.FAILED: "人脸核身没有通过。请本人在光线充足处正对手机再试一次，或到学校现场办理。",
    FaceOutcome.OTHER_PERSON: (
        "核身的姓名或证件号码与登记的不一致。请本人重新认证，或到学校现场办理。"
    ),
    FaceOutcome.UNFINISHED: "人脸核身没有完成。可以再试一次，或到学校现场办理。",
}
AWAY = "人脸核身服务暂时无法连接，没有收到结果。请稍后再试，或到学校现场办理。"


@blueprint.post("/<kind>/face")
@only_once
def begin_face(kind: str) -> ResponseReturnValue:
    """Begin a face check, and lead to the provider's page."""
    who, which = asked(), kind_of(kind)
    try:
        position = position_of(which)
        if position.in_force or position.closed:
            return redirect(url_for("authorizing.page"), 303)
        with writing() as session:
            notice = privacy_notice.of_school(session, who.graduate.school)
            refuse_another(request.form.get("notice", ""), notice)
            counted = authentication.begin_face(session, who.graduate.id, who.session_hash, who.at)
            consents.give(session, [who.graduate.id], ConsentPurpose.FACE, notice.version, who.at)
        begun = _asked_for(counted, which)
    except RuleError as refusal:
        return proof_page(position_of(which), refusal)
    except CallError as error:
        return _away(which, error)
    with writing() as session:
        authentication.refer(session, counted, begun.token)
    # Not a redirect: the policy lets a form lead to addresses of ours only.
    page = render_template("graduate/authorize_face.html", url=begun.url)
    return page, {"Refresh": f"0; url={begun.url}"}


@only_once
def _asked_for(counted: Authentication, kind: Kind) -> Begun:
    """Ask the provider for a check; one that it does not begin is not counted against her."""
    try:
        return services().face.begin(_herself(), _way_back(kind))
    except CallError:
        with writing() as session:
            authentication.give_back(session, counted)
        raise


@blueprint.get("/<kind>/face/back")
@only_once
def come_back(kind: str) -> ResponseReturnValue:
    """Ask the provider what became of the check, and keep it."""
    which, token = kind_of(kind), request.args.get("BizToken", "")[:TOKEN_LENGTH]
    who = asked()
    try:
        with reading() as session:
            begun = authentication.begun_face(
                session, who.graduate.id, who.session_hash, token, who.at
            )
        outcome = services().face.outcome(_herself(), token)
    except RuleError as refusal:
        return proof_page(position_of(which), refusal)
    except CallError as error:
        return _away(which, error)
    if outcome is not FaceOutcome.UNFINISHED:
        with writing() as session:
            passed = outcome is FaceOutcome.PASSED
            authentication.end_face(session, begun, who.at, passed=passed)
    if outcome in SENTENCES:
        return proof_page(position_of(which), RuleError("face_check", SENTENCES[outcome]))
    return redirect(url_for("authorizing.choose", kind=which), 303)


def proof_page(position: Position, refusal: RuleError | None = None) -> ResponseReturnValue:
    """Show the two ways to prove that it is she; the face only where there is a provider."""
    with reading() as session:
        notice = privacy_notice.of_school(session, asked().graduate.school)
    page = render_template(
        "graduate/authorize_prove.html",
        notice=notice,
        position=position,
        by_face=services().face.is_offered and is_resident(_herself().identity_number),
        face_offered=services().face.is_offered,
        refusal=refusal,
    )
    return page, status_of(refusal) if refusal else 200


def position_of(kind: Kind) -> Position:
    """Return where she stands with one kind."""
    with reading() as session:
        return positions(session)[kind]


def _away(kind: Kind, error: CallError) -> ResponseReturnValue:
    log.error("no face check", code=error.code, provider_request=error.request_id)
    return proof_page(position_of(kind), RuleError("face_check_away", AWAY))


def _herself() -> Person:
    graduate = asked().graduate
    number = resources().vault.open(IDENTITY, graduate.id, graduate.identity_sealed)
    return Person(graduate.name, normalised(number))


def _way_back(kind: Kind) -> str:
    path = url_for("authorizing.come_back", kind=kind)
    return f"{resources().settings.public_url}{path}"
