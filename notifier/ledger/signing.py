"""What graduates are told of invitations to sign, of agreements, and of what a review made of them.

The employer's name is cut to the 20 characters of a card where it tells one from another: the legal
form goes first.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from notifier.ledger.wording import moment, written
from registry.record.events import Decided, InvitationsEnded, InvitationsSent, SentInvitation
from registry.review.states import Purpose
from registry.signing import agreement_moves
from registry.signing.states import InvitationState

NAME_LENGTH = 20
_FORMS = ("股份有限公司", "有限责任公司", "有限公司")
_WITHOUT_ANSWER = {
    InvitationState.WITHDRAWN: ("单位已撤回", "单位已撤回邀请，无需操作"),
    InvitationState.LAPSED: ("已失效", "应约时间已过，如有意请联系单位"),
    InvitationState.CANCELLED: ("已停止", "学校已暂停该单位签约，无需操作"),
}
"""What is said of an invitation that ended without her answer: the result, and what to do."""


def of_invitations(happened: InvitationsSent | InvitationsEnded) -> list[dict[str, Any]]:
    """Return the messages of invitations, or of those that ended without an answer.

    Without their school.
    """
    if isinstance(happened, InvitationsSent):
        return [_sent(each) for each in happened.sent]
    return _ended(happened)


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
    result, hint = _WITHOUT_ANSWER[InvitationState(happened.state)]
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
    """Return the employer of each agreement that a review has ended, by its application."""
    over = [
        each.application_id
        for each in decisions
        if each.purpose == Purpose.AGREEMENT and not (each.passed and each.next_level)
    ]
    return agreement_moves.units_of(session, over) if over else {}


def decided(about: Decided, unit: str, hint: str, at: datetime) -> dict[str, Any]:
    """Return the message of a review's last word on an agreement, without its school."""
    result = "已签约" if about.passed else "未通过"
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
