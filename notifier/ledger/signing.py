"""What graduates are told of invitations to sign, of agreements, and of what a review made of them.

The employer's name is cut to the 20 characters of a card where it tells one from another: the legal
form goes first.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from notifier.ledger.wording import moment, written
from registry.record.events import (
    AgreementsMoved,
    Decided,
    InvitationsEnded,
    InvitationsSent,
    MovedAgreement,
    PaperAnswered,
    SentInvitation,
    SupplementMoved,
)
from registry.review.states import Purpose
from registry.signing import agreement_moves
from registry.signing.states import AgreementEvent, InvitationState
from registry.signing.supplement_states import SupplementState

NAME_LENGTH = 20
_FORMS = ("股份有限公司", "有限责任公司", "有限公司")
_WITHOUT_ANSWER = {
    InvitationState.WITHDRAWN: ("单位已撤回", "单位已撤回邀请，无需操作"),
    InvitationState.LAPSED: ("已失效", "应约时间已过，如有意请联系单位"),
    InvitationState.CANCELLED: ("已停止", "邀请已停止，无需操作"),
}
"""What is said of an invitation that ended without her answer: the result, and what to do."""


_WITHOUT_REVIEW = {
    AgreementEvent.GIVE_UP: "未签成",
    AgreementEvent.LAPSE: "未签成",
    AgreementEvent.STOP: "已停止",
    AgreementEvent.VOID: "已作废",
}
"""What is said of an agreement that ended otherwise than by its review."""


_UNANSWERED = {
    SupplementState.WITHDRAWN: ("单位已撤回", "补充协议未签订，原条款不变"),
    SupplementState.LAPSED: ("已失效", "补充协议未签订，原条款不变"),
    SupplementState.CANCELLED: ("已停止", "单位签约资格已暂停，原条款不变"),
}
"""What is said of a supplement that ended without her answer: the result, and what holds."""


def of_signing(
    happened: InvitationsSent
    | InvitationsEnded
    | AgreementsMoved
    | PaperAnswered
    | SupplementMoved,
) -> list[dict[str, Any]]:
    """Return the messages of what happened to invitations and agreements, without their school.

    What is told is what was not her own doing, nor a review's (`decided`).
    """
    if isinstance(happened, InvitationsSent):
        return [_sent(each) for each in happened.sent]
    if isinstance(happened, InvitationsEnded):
        return _ended(happened)
    if isinstance(happened, PaperAnswered):
        return [_answered(happened)]
    if isinstance(happened, SupplementMoved):
        return [_supplement(happened)]
    return [_moved(each, happened) for each in happened.moved]


def _moved(each: MovedAgreement, happened: AgreementsMoved) -> dict[str, Any]:
    event, unit = AgreementEvent(happened.event), short(each.unit)
    about = {"graduate_id": each.graduate_id}
    if event is AgreementEvent.AMEND and each.due_by is not None:
        hint = "单位已修改条款，请核对后同意或放弃"
        said = {"unit": unit, "post": each.post, "deadline": moment(each.due_by), "hint": hint}
        key = f"agreement_amended:{each.invitation_id}:{each.revision}"
        return {**about, "business_key": key, "kind": "agreement_amended", "facts": written(**said)}
    facts = _facts(each.unit, _WITHOUT_REVIEW[event], happened.reason, happened.at)
    key = f"agreement_ended:{each.invitation_id}"
    if each.invitation_id is None:
        key = f"offline_ended:{each.request_id}"
    return {**about, "business_key": key, "kind": "signing_result", "facts": facts}


def _answered(about: PaperAnswered) -> dict[str, Any]:
    result = "已核发" if about.issued else "已退回修改"
    return {
        "business_key": f"offline_answered:{about.request_id}:{about.at.timestamp():.0f}",
        "kind": "signing_result",
        "graduate_id": about.graduate_id,
        "facts": _facts(about.unit, result, about.hint, about.at),
    }


def _supplement(about: SupplementMoved) -> dict[str, Any]:
    her, unit = {"graduate_id": about.graduate_id}, short(about.unit)
    if about.state == SupplementState.PROPOSED:
        hint = "单位提出补充协议，请核对后答复"
        said = {"unit": unit, "post": about.post, "deadline": moment(about.answer_by), "hint": hint}
        key = f"supplement:{about.supplement_id}"
        return {**her, "business_key": key, "kind": "agreement_amended", "facts": written(**said)}
    facts = _facts(about.unit, *_UNANSWERED[SupplementState(about.state)], about.at)
    key = f"supplement_ended:{about.supplement_id}"
    return {**her, "business_key": key, "kind": "signing_result", "facts": facts}


def _sent(invitation: SentInvitation) -> dict[str, Any]:
    return {
        "business_key": f"invitation:{invitation.invitation_id}",
        "kind": "signing_invitation",
        "graduate_id": invitation.graduate_id,
        "facts": written(
            unit=short(invitation.unit),
            post=invitation.post,
            deadline=moment(invitation.answer_by),
            hint="请核对条款，在截止前应约或拒绝",
        ),
    }


def _ended(happened: InvitationsEnded) -> list[dict[str, Any]]:
    state = InvitationState(happened.state)
    result, hint = _WITHOUT_ANSWER[state]
    if state is InvitationState.CANCELLED:
        hint = happened.reason
    return [
        {
            "business_key": f"invitation_ended:{each.invitation_id}",
            "kind": "signing_result",
            "graduate_id": each.graduate_id,
            "facts": _facts(each.unit, result, hint, happened.at),
        }
        for each in happened.ended
    ]


def units(session: Session, decisions: Sequence[Decided]) -> dict[int, str]:
    """Return the employer of each agreement that a review moved, by its application."""
    over = [
        each.application_id
        for each in decisions
        if each.purpose == Purpose.AGREEMENT and not (each.passed and each.next_level)
    ]
    return agreement_moves.units_of(session, over) if over else {}


def decided(about: Decided, unit: str, hint: str, at: datetime) -> dict[str, Any]:
    """Return the message of what a review made of an agreement, without its school."""
    result = "已签约" if about.passed else "未通过" if about.closed else "已退回修改"
    return {
        "business_key": f"agreement:{about.application_id}:{about.revision}",
        "kind": "signing_result",
        "graduate_id": about.graduate_id,
        "facts": _facts(unit, result, hint, at),
    }


def _facts(unit: str, result: str, hint: str, at: datetime) -> str:
    return written(unit=short(unit), result=result, at=moment(at), hint=hint)


def short(unit: str) -> str:
    """Return an employer's name without its legal form where it is too long for a card."""
    if len(unit) <= NAME_LENGTH:
        return unit
    return next((unit.removesuffix(each) for each in _FORMS if unit.endswith(each)), unit)
