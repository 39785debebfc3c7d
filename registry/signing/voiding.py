"""A sham agreement voided (作废) by two of a school: one asks with a reason, another confirms.

The destination that it wrote is voided in the same transaction. Nobody confirms their own request,
nor with an account made for the purpose (decision 30).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import BindParameter, ColumnElement, bindparam, select
from sqlalchemy.orm import Session, joinedload

from registry.accounts import audit
from registry.accounts.tables import Staff
from registry.base import moves
from registry.base.counting import Counting, Query, columns
from registry.base.database import BigId, UtcDateTime, insert_new
from registry.base.errors import NotFound, RuleError
from registry.base.written_reason import written_reason
from registry.record import province_lock
from registry.record.tables import Graduate
from registry.review.void import void
from registry.second_factor import resets
from registry.signing import agreement_ends, agreement_moves, termination_review
from registry.signing.states import (
    AGREEMENT_TITLES,
    LIVE,
    VOIDING,
    AgreementEvent,
    AgreementState,
    VoidingEvent,
    VoidingState,
)
from registry.signing.tables import Agreement, Voiding
from registry.signing.termination_moves import TerminationDeed

GOOD_FOR = timedelta(days=7)
"""How long a request may be confirmed."""


@dataclass(frozen=True)
class AskedVoiding:
    """A request, and the names of who asked and decided."""

    row: Voiding
    asked_by: str
    decided_by: str


def find(session: Session, school_id: int, key: str) -> Agreement:
    """Return an agreement of a school's graduate; raise NotFound for others."""
    found = session.scalar(
        select(Agreement)
        .join(Graduate, Graduate.id == Agreement.graduate_id)
        .where(Graduate.school_id == school_id, Agreement.key == key)
        .options(joinedload(Agreement.invitation))
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound("协议")
    return found


def of_agreement(session: Session, agreement: Agreement) -> Sequence[AskedVoiding]:
    """Return the requests to void an agreement, newest first."""
    rows = session.scalars(
        select(Voiding).where(Voiding.agreement_id == agreement.id).order_by(Voiding.id.desc())
    ).all()
    ids = {ident for each in rows for ident in (each.asked_by_id, each.decided_by_id)}
    named = dict(session.execute(select(Staff.id, Staff.name).where(Staff.id.in_(ids))).all())
    return [
        AskedVoiding(each, named.get(each.asked_by_id, ""), named.get(each.decided_by_id or 0, ""))
        for each in rows
    ]


def is_open(at: datetime) -> ColumnElement[bool]:
    """Return the condition of requests that may still be confirmed."""
    return _is_open_if_asked_after(at - GOOD_FOR)


def _is_open_if_asked_after(moment: datetime | BindParameter[datetime]) -> ColumnElement[bool]:
    return (Voiding.state == VoidingState.ASKED) & (Voiding.asked_at > moment)


def waiting_for(staff: Staff, at: datetime) -> Counting:
    """Return the query of the requests of others of a school that somebody may decide about."""
    mine = {_SCHOOL.key: staff.school_id, _ASKED_BY.key: staff.id}
    return Counting(_FOR_OTHERS, {**mine, _ASKED_AFTER.key: at - GOOD_FOR})


_SCHOOL: BindParameter[int] = bindparam("of_school", type_=BigId)
_ASKED_BY: BindParameter[int] = bindparam("voiding_asked_by", type_=BigId)
_ASKED_AFTER: BindParameter[datetime] = bindparam("voiding_asked_after", type_=UtcDateTime())
_FOR_OTHERS: Query = (
    select(*columns(Voiding.asked_at))
    .join(Agreement, Agreement.id == Voiding.agreement_id)
    .join(Graduate, Graduate.id == Agreement.graduate_id)
    .where(
        Graduate.school_id == _SCHOOL,
        Voiding.asked_by_id != _ASKED_BY,
        _is_open_if_asked_after(_ASKED_AFTER),
    )
)


def ask(session: Session, staff: Staff, key: str, why: str, at: datetime) -> None:
    """Ask for an agreement to be voided, for a reason that both parties read.

    Raises NotFound, or RuleError `reason_missing`, `reason_too_long`, `agreement_over`,
    `locked_by_province` or `voiding_waits`.
    """
    reason = written_reason(why, "请写明作废的原因，单位和毕业生都会看到。")
    agreement = _locked(session, staff, key)
    _refuse_over(session, agreement)
    row = insert_new(session, Voiding).values(
        agreement_id=agreement.id,
        reason=reason,
        state=VOIDING.start,
        asked_by_id=staff.id,
        asked_at=at,
    )
    if session.scalar(row.returning(Voiding.id)) is None:
        raise RuleError("voiding_waits", "这份协议已有一份作废申请待确认。")
    _note(session, staff, "agreement_voiding_asked", agreement, reason, at)


def confirm(session: Session, staff: Staff, key: str, at: datetime) -> None:
    """Void an agreement as the second person, and the destination it wrote; both are told.

    Raises NotFound, or RuleError `voiding_over`, `own_request`, `account_too_new`,
    `agreement_over` or `locked_by_province`.
    """
    agreement = _locked(session, staff, key)
    request = _asked(session, agreement)
    if request.asked_by_id == staff.id:
        raise RuleError("own_request", "您是申请人，请由本校另一位管理员确认。")
    resets.check_seasoned(staff, at)
    _refuse_over(session, agreement)
    graduate = session.get_one(Graduate, agreement.graduate_id, populate_existing=True)
    wrote = agreement_moves.of_destination(session, graduate) is not None
    _settle(session, staff, request, VoidingEvent.CONFIRM, at)
    why = (request.reason, staff.actor)
    if not agreement_ends.end(
        session, AgreementEvent.VOID, (Agreement.id == agreement.id,), why, at
    ):
        raise RuntimeError("an agreement moved while its graduate was locked")
    termination_review.overtake(session, [agreement.id], TerminationDeed("", staff.actor, at))
    if wrote:  # anything else that is in force stands
        void(session, [graduate.id], at)
    _note(session, staff, "agreement_voided", agreement, request.reason, at)


def refuse(session: Session, staff: Staff, key: str, at: datetime) -> None:
    """Do not agree to a request of somebody else; the agreement stands as it did.

    Raises NotFound, or RuleError `voiding_over`, `own_request` or `account_too_new`.
    """
    agreement = _locked(session, staff, key)
    request = _asked(session, agreement)
    if request.asked_by_id == staff.id:
        raise RuleError("own_request", "您是申请人，不再需要作废的请撤回申请。")
    resets.check_seasoned(staff, at)
    _settle(session, staff, request, VoidingEvent.REFUSE, at)
    _note(session, staff, "agreement_voiding_refused", agreement, request.reason, at)


def withdraw(session: Session, staff: Staff, key: str, at: datetime) -> None:
    """Take one's own request back.

    Raises NotFound, or RuleError `voiding_over` or `not_own_request`.
    """
    agreement = _locked(session, staff, key)
    request = _asked(session, agreement)
    if request.asked_by_id != staff.id:
        raise RuleError("not_own_request", "只有申请人可以撤回申请。")
    _settle(session, staff, request, VoidingEvent.WITHDRAW, at)
    _note(session, staff, "agreement_voiding_withdrawn", agreement, request.reason, at)


def lapse(session: Session, at: datetime) -> int:
    """Let requests lapse that nobody confirmed in time; return how many."""
    old = (Voiding.asked_at <= at - GOOD_FOR,)
    return len(moves.move(session, VOIDING, Voiding.state, VoidingEvent.LAPSE, *old, decided_at=at))


def _locked(session: Session, staff: Staff, key: str) -> Agreement:
    """Lock the graduate of an agreement of one's own school, and return it as it stands then."""
    found = find(session, staff.school_id or 0, key)
    wanted = select(Graduate.id).where(Graduate.id == found.graduate_id)
    session.execute(wanted.with_for_update(key_share=True))
    return find(session, staff.school_id or 0, key)


def _refuse_over(session: Session, agreement: Agreement) -> None:
    state = AgreementState(agreement.state)
    if state not in LIVE:
        raise RuleError("agreement_over", f"这份协议{AGREEMENT_TITLES[state]}，不需要作废。")
    if state is AgreementState.SIGNED:
        province_lock.refuse(session, [agreement.graduate_id])


def _asked(session: Session, agreement: Agreement) -> Voiding:
    wanted = select(Voiding).where(
        Voiding.agreement_id == agreement.id, Voiding.state == VoidingState.ASKED
    )
    found = session.scalar(wanted.execution_options(populate_existing=True))
    if found is None:
        raise _over()
    return found


def _settle(
    session: Session, staff: Staff, request: Voiding, event: VoidingEvent, at: datetime
) -> None:
    those = (Voiding.id == request.id, is_open(at))
    decided = {"decided_by_id": staff.id, "decided_at": at}
    if not moves.move(session, VOIDING, Voiding.state, event, *those, **decided):
        raise _over()


def _over() -> RuleError:
    return RuleError("voiding_over", "这份作废申请已经办理、撤回或过期，请刷新页面。")


def _note(
    session: Session, staff: Staff, action: str, agreement: Agreement, reason: str, at: datetime
) -> None:
    graduate = session.get_one(Graduate, agreement.graduate_id)
    unit = agreement.terms["unit_name"]
    details = {"agreement": agreement.key, "employer": unit, "reason": reason}
    audit.note(session, audit.by_staff(staff, action, f"graduate:{graduate.key}", details), at)
