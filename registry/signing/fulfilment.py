"""Agreements that were kept (已履行): over by the clock on 31 March after the cohort's year.

By then she has long begun to work, and the labour contract holds between the two: nothing of an
agreement is terminated any more. The destination that it wrote stays as it is. The day is that of
the end of transferring files (guide for schools, figure 8), after which no school looks on.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from registry.accounts import audit
from registry.accounts.audit import SYSTEM, AuditRecord
from registry.base.clock import SHANGHAI
from registry.base.database import one_of
from registry.base.moves import move
from registry.record.tables import Graduate
from registry.signing import supplement_ends
from registry.signing.states import AGREEMENT, AgreementEvent, AgreementState, VoidingState
from registry.signing.tables import Agreement, Voiding
from registry.signing.termination_states import LIVE
from registry.signing.termination_tables import Termination

LAST_MONTH, LAST_DAY = 3, 31
"""Of the year after the cohort's: the last day (Asia/Shanghai) on which a termination is asked."""
CHUNK = 1000


def fulfil(session: Session, at: datetime) -> int:
    """End the agreements whose time is over, `CHUNK` at most; return how many.

    Twice does no harm, and late neither: what somebody asks meanwhile goes on first. A graduate
    whom somebody else is writing about right now is left for the next time.
    """
    locked = _locked(session, at)
    if not locked:
        return 0
    # Asked again under the lock: a request that was not committed before stands in the way now.
    those = (one_of(session, Agreement.graduate_id, locked), *_free())
    event = AgreementEvent.FULFIL
    moved = move(session, AGREEMENT, Agreement.state, event, *those, ended_at=at)
    supplement_ends.overtake(session, moved, at)
    _note(session, moved, at)
    return len(moved)


def _locked(session: Session, at: datetime) -> Sequence[int]:
    """Lock the next graduates whose agreements are over, as everywhere before these are moved."""
    signed = Agreement.state == AgreementState.SIGNED
    # A record that was ended is of its cohort below 0.
    over = func.abs(Graduate.year) <= last_cohort(at)
    due = (
        select(Graduate.id)
        .join(Agreement, Agreement.graduate_id == Graduate.id)
        .where(signed, over, *_free())
        .order_by(Graduate.id)
        .limit(CHUNK)
        .with_for_update(of=Graduate, skip_locked=True, key_share=True)
    )
    return session.scalars(due).all()


def last_cohort(at: datetime) -> int:
    """Return the last cohort whose agreements are over by now."""
    today = at.astimezone(SHANGHAI).date()
    is_over = (today.month, today.day) > (LAST_MONTH, LAST_DAY)
    return today.year - 1 if is_over else today.year - 2


def _free() -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Return the conditions that nobody has yet to decide how an agreement ends."""
    ending = select(Termination.id).where(
        Termination.agreement_id == Agreement.id, Termination.state.in_(sorted(LIVE))
    )
    asked = select(Voiding.id).where(
        Voiding.agreement_id == Agreement.id, Voiding.state == VoidingState.ASKED
    )
    return ~ending.exists(), ~asked.exists()


def _note(session: Session, moved: Sequence[int], at: datetime) -> None:
    rows = session.execute(
        select(Agreement.key, Agreement.terms, Graduate.key, Graduate.school_id)
        .join(Graduate, Graduate.id == Agreement.graduate_id)
        .where(one_of(session, Agreement.id, moved))
        .order_by(Agreement.id)
    )
    records = [
        AuditRecord(
            SYSTEM,
            "agreement_fulfilled",
            f"{audit.GRADUATE}{graduate}",
            school_id,
            {"agreement": key, "employer": terms["unit_name"]},
        )
        for key, terms, graduate, school_id in rows
    ]
    audit.note_all(session, records, at)
