"""The school decides on a termination: passed, the agreement is over and its destination void.

Source: schools' rules on breaking agreements: the school decides after both parties were heard.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.accounts.tables import Staff
from registry.base.errors import RuleError
from registry.base.moves import move
from registry.base.text import clean
from registry.base.written_reason import written_reason
from registry.record import province_lock
from registry.record.scope import Scope, within
from registry.record.tables import Graduate
from registry.review.decisions import Decision
from registry.review.seasons import season
from registry.review.void import void
from registry.signing import (
    agreement_moves,
    supplement_ends,
    termination_documents,
    termination_moves,
)
from registry.signing.states import AGREEMENT, AgreementEvent
from registry.signing.tables import Agreement
from registry.signing.termination_moves import SCHOOL, TerminationDeed, keep_steps, make
from registry.signing.termination_sides import lock, read
from registry.signing.termination_states import (
    FOR_SCHOOL,
    LIVE,
    TERMINATION,
    TerminationEvent,
    TerminationState,
)
from registry.signing.termination_tables import Termination


@dataclass(frozen=True)
class TerminationVerdict:
    """What the school says, of a request as it was seen."""

    decision: Decision
    seen: str
    """The state in which it was seen."""
    reason: str = ""


def find(session: Session, scope: Scope, key: str) -> Termination:
    """Return a termination of a graduate in scope as it stands now; raise NotFound for others."""
    graduates = select(Graduate.id).where(within(scope))
    return read(session, Termination.key == key, Termination.graduate_id.in_(graduates))


def decide(
    session: Session,
    scope: Scope,
    staff: Staff,
    key: str,
    verdict: TerminationVerdict,
    at: datetime,
) -> Termination:
    """Pass a termination or decline it, as it was seen.

    Raises NotFound outside the scope, RuleError `school_only`, `record_ended`, `reason_missing`,
    `reason_too_long`, `proof_missing`, `registered_elsewhere`, `locked_by_province` or
    `termination_moved`.
    """
    if not scope.whole_school:
        raise RuleError("school_only", "解约由学校审核，请联系学校就业指导中心。")
    lock(session, find(session, scope, key).graduate_id)
    found = find(session, scope, key)
    if verdict.seen != found.state or found.state not in FOR_SCHOOL:
        raise termination_moves.moved(session, found.id)
    if session.get_one(Graduate, found.graduate_id).is_ended:
        raise RuleError("record_ended", "这条毕业生记录已停用，请先恢复再审核。")
    by = TerminationDeed(SCHOOL, staff.actor, at, _reason(session, found, verdict, at))
    if verdict.decision is Decision.RETURN:
        return make(session, found, TerminationEvent.DECLINE, by)
    return _pass(session, found, by)


def _reason(session: Session, found: Termination, verdict: TerminationVerdict, at: datetime) -> str:
    """Return the reason as it is kept: of a pass where `wants_reason` says so."""
    if verdict.decision is Decision.RETURN:
        return written_reason(verdict.reason, "请写明不同意解约的原因，双方都会看到。")
    if wants_reason(session, found, at) or clean(verdict.reason):
        because = (
            "对方没有同意" if found.state == TerminationState.ESCALATED else "不在本届登记期内"
        )
        sentence = f"{because}，请写明同意解约的理由，会留存备查。"
        return written_reason(verdict.reason, sentence)
    return ""


def wants_reason(session: Session, found: Termination, at: datetime) -> bool:
    """Say whether the school has to write down why it passes a termination."""
    graduate = session.get_one(Graduate, found.graduate_id)
    closed = season(session, graduate.school_id, graduate.cohort).refusal(at) is not None
    return closed or found.state == TerminationState.ESCALATED


def is_locked(session: Session, found: Termination) -> bool:
    """Say whether a province has filed the destination that would be void."""
    graduate = session.get_one(Graduate, found.graduate_id)
    if agreement_moves.of_destination(session, graduate) is None:
        return False
    return bool(province_lock.locked_ids(session, [graduate.id]))


def _pass(session: Session, found: Termination, by: TerminationDeed) -> Termination:
    if found.state == TerminationState.ESCALATED and not termination_documents.listed(
        session, found.id
    ):
        sentence = "对方没有同意，须有证明材料才能解约，请申请方上传后再审核。"
        raise RuleError("proof_missing", sentence)
    graduate = session.get_one(Graduate, found.graduate_id, populate_existing=True)
    province_lock.refuse_elsewhere(session, graduate.school_id)
    agreement = agreement_moves.of_destination(session, graduate)
    voided, ended = agreement is not None, set[int]()
    if voided:
        province_lock.refuse(session, [graduate.id])
        ended = void(session, [graduate.id], by.at)
    _terminate(session, found, by.at)
    done = replace(by, voided=voided, authorization_ended=bool(ended))
    return make(session, found, TerminationEvent.PASS, done)


def _terminate(session: Session, found: Termination, at: datetime) -> None:
    """End the agreement, or the transaction is none."""
    that = Agreement.id == found.agreement_id
    event = AgreementEvent.TERMINATE
    if not move(session, AGREEMENT, Agreement.state, event, that, ended_at=at):
        raise RuleError("not_signed", "这份就业协议已经结束，不需要解约。")
    supplement_ends.overtake(session, [found.agreement_id], at)


def overtake(session: Session, agreement_ids: Collection[int], by: TerminationDeed) -> None:
    """Close requests and supplements of agreements that have ended in another way, and tell of it.

    For whoever ends an agreement otherwise, in the same transaction.
    """
    event = TerminationEvent.OVERTAKE
    those = (Termination.agreement_id.in_(agreement_ids), Termination.state.in_(sorted(LIVE)))
    values = {"updated_at": by.at, "closed_at": by.at}
    moved = move(session, TERMINATION, Termination.state, event, *those, **values)
    keep_steps(session, moved, event, by)
    supplement_ends.overtake(session, agreement_ids, by.at)
