"""What a member of staff is told about their own account, on every page until they have seen it.

That somebody else signed in, reset or tried something is of use only while it is fresh, so it is
told where staff are: in the console. `staff.has_notices` says that there is something, since every
page asks.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.orm import Session

from registry.accounts.tables import Staff, StaffNotice

KEPT = timedelta(days=180)
MOST_SHOWN = 5


class NoticeKind(StrEnum):
    """What somebody is told."""

    NEW_DEVICE = "new_device"
    """A sign-in from a browser that did not sign in before; details: `device`."""
    WRONG_CODES = "wrong_codes"
    """Somebody had the password, and codes of the second factor that were wrong."""
    BACKUP_CODE_USED = "backup_code_used"
    """A sign-in with a backup code; details: `left`, how many there still are."""
    PASSWORD_GIVEN = "password_given"  # noqa: S105 - the name of a kind
    """A colleague gave the account a first password; details: `by`."""
    FACTOR_RESET = "factor_reset"
    """The second factor was taken off by two people; details: `asked_by`, `by`."""
    FACTOR_RESET_BY_HOST = "factor_reset_by_host"
    """It was taken off from the command line of the host."""
    RESET_ASKED = "reset_asked"
    """To its owner: somebody asked for the second factor to be taken off; details: `by`."""
    RESET_WAITS = "reset_waits"
    """To who may decide about that; details: `by`, `name` of its owner."""
    TOO_MANY_REVEALS = "too_many_reveals"
    """To who looks after it: an account wanted more whole numbers than its hour has; details:
    `name`, `budget`."""
    QUALIFIED = "qualified"
    """An employer may sign; details: `by`, `day`, the last one."""
    PAPERS_CHECKED = "papers_checked"
    """An employer may recruit, and not sign; details: `by`."""
    PAPERS_RETURNED = "papers_returned"
    """An employer's papers were returned; details: `by`, `reason`."""
    QUALIFICATION_ENDING = "qualification_ending"
    """It ends within a month; details: `schools`, `day`."""
    QUALIFICATION_ENDED = "qualification_ended"
    """It has ended; details: `schools`."""
    SUSPENDED = "suspended"
    """A school lets an employer invite nobody; details: `school`, `reason`."""
    RESUMED = "resumed"
    """It lets it invite again; details: `school`."""
    LISTED = "listed"
    """An employer signs with nobody; details: `where`, `day`, `reason`."""
    TAKEOVER_ASKED = "takeover_asked"
    """Somebody asks to manage an employer's accounts; details: `name`, `when`."""
    TAKEOVER_DECLINED = "takeover_declined"
    """A school did not agree to that; details: `name`."""
    INVITATION_ACCEPTED = "invitation_accepted"
    """A graduate accepted; no details: it is said once, for however many."""
    INVITATION_REFUSED = "invitation_refused"
    INVITATION_LAPSED = "invitation_lapsed"
    INVITATION_CANCELLED = "invitation_cancelled"
    ACCEPTANCE_RETRACTED = "acceptance_retracted"
    AGREEMENT_SIGNED = "agreement_signed"
    AGREEMENT_FAILED = "agreement_failed"
    AGREEMENT_RETURNED = "agreement_returned"
    AGREEMENT_SENT_AGAIN = "agreement_sent_again"
    """What was returned is before the school again: she agreed to other terms, or sent it as is."""
    AGREEMENT_VOIDED = "agreement_voided"
    SUPPLEMENT_ANSWERED = "supplement_answered"
    """A graduate answered a supplement, or has let it lapse."""
    TERMINATION_ASKED = "termination_asked"
    """A graduate asks to terminate, and waits for the employer's answer."""
    TERMINATION_MOVED = "termination_moved"
    """A request to terminate was answered, withdrawn, or brought before the school."""
    TERMINATION_DECIDED = "termination_decided"
    SYNC_TROUBLED = "sync_troubled"
    """Records of schools do not come, or are not taken; details: `schools`, `state`."""


def tell(
    session: Session, staff_id: int, kind: NoticeKind, details: Mapping[str, Any], at: datetime
) -> None:
    """Have somebody told; `details` are what the sentence names."""
    session.add(StaffNotice(staff_id=staff_id, kind=kind, details=dict(details), at=at))
    _mark(session, staff_id, there_are=True)


def tell_each(
    session: Session,
    staff_ids: Collection[int],
    kind: NoticeKind,
    details: Mapping[str, Any],
    at: datetime,
) -> None:
    """Have several people told the same, but for who was told just that and has not seen it."""
    those = StaffNotice.staff_id.in_(staff_ids) & StaffNotice.seen_at.is_(None)
    waiting = session.execute(
        select(StaffNotice.staff_id, StaffNotice.details).where(those, StaffNotice.kind == kind)
    )
    told = {staff_id for staff_id, said in waiting if said == details}
    for staff_id in sorted(set(staff_ids) - told):
        tell(session, staff_id, kind, details, at)


def tell_once(
    session: Session, staff_id: int, kind: NoticeKind, details: Mapping[str, Any], at: datetime
) -> None:
    """Have somebody told, unless they have not yet seen what they were told of this kind."""
    waiting = select(StaffNotice.id).where(_unseen_of(staff_id), StaffNotice.kind == kind)
    if session.scalar(waiting.limit(1)) is None:
        tell(session, staff_id, kind, details, at)


def tell_anew(
    session: Session, staff_id: int, kind: NoticeKind, until: datetime, at: datetime
) -> None:
    """Have what somebody was told until a moment, and has not seen, be told as of now.

    Who else is just doing so is not waited for.
    """
    old = select(StaffNotice.id).where(
        _unseen_of(staff_id), StaffNotice.kind == kind, StaffNotice.at <= until
    )
    session.execute(
        update(StaffNotice)
        .where(StaffNotice.id.in_(old.with_for_update(skip_locked=True)))
        .values(at=at)
        .execution_options(synchronize_session=False)
    )


def unseen(session: Session, staff_id: int, known_since: datetime) -> Sequence[StaffNotice]:
    """Return what somebody was told and has not yet seen, newest first; the last few.

    `known_since` is when the browser that asks first signed in: of a new browser it is told where
    the others are, and not in itself, or who should not be there would say to have seen it.
    """
    wanted = select(StaffNotice).where(_shown_in(staff_id, known_since))
    return session.scalars(wanted.order_by(StaffNotice.id.desc()).limit(MOST_SHOWN)).all()


def see(session: Session, staff_id: int, known_since: datetime, up_to: int, at: datetime) -> None:
    """Note that somebody has seen what they were told, up to the row that the page showed."""
    session.execute(
        update(StaffNotice)
        .where(_shown_in(staff_id, known_since), StaffNotice.id <= up_to)
        .values(seen_at=at)
        .execution_options(synchronize_session=False)
    )
    left = select(StaffNotice.id).where(_unseen_of(staff_id)).limit(1)
    _mark(session, staff_id, there_are=session.scalar(left) is not None)


def sweep(session: Session, at: datetime) -> None:
    """Delete what was told long ago."""
    session.execute(
        delete(StaffNotice)
        .where(StaffNotice.at < at - KEPT)
        .execution_options(synchronize_session=False)
    )


def _mark(session: Session, staff_id: int, *, there_are: bool) -> None:
    session.execute(
        update(Staff)
        .where(Staff.id == staff_id, Staff.has_notices.is_(not there_are))
        .values(has_notices=there_are)
    )


def _shown_in(staff_id: int, known_since: datetime) -> ColumnElement[bool]:
    elsewhere = (StaffNotice.kind != NoticeKind.NEW_DEVICE) | (StaffNotice.at > known_since)
    return _unseen_of(staff_id) & elsewhere


def _unseen_of(staff_id: int) -> ColumnElement[bool]:
    return (StaffNotice.staff_id == staff_id) & StaffNotice.seen_at.is_(None)
