"""Who may sign now: the one condition, and how it ends by the clock."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.orm import Session

from registry.accounts import employer_people, staff_notices
from registry.accounts.school_tables import School
from registry.accounts.staff_notices import NoticeKind
from registry.base.clock import SHANGHAI
from registry.base.moves import move
from registry.signing.employer_papers import EmployerListing
from registry.signing.employer_states import ListingState
from registry.signing.states import QUALIFICATION, QualificationEvent, QualificationState
from registry.signing.tables import Qualification

VALID = timedelta(days=365)
"""How long a qualification holds at most (12 months)."""
WARNED_BEFORE = timedelta(days=30)
"""How long before its end an employer's managers are told."""


def may_sign(at: datetime) -> ColumnElement[bool]:
    """Return the condition of the qualifications that let invite now."""
    return (
        (Qualification.state == QualificationState.QUALIFIED)
        & (Qualification.valid_until > at)
        & ~select(EmployerListing.id).where(_listed_there(at)).exists()
    )


def _listed_there(at: datetime) -> ColumnElement[bool]:
    """Return the condition of the listings that hold for a qualification's employer and school."""
    province = select(School.province).where(School.id == Qualification.school_id)
    return (
        (EmployerListing.employer_id == Qualification.employer_id)
        & in_force(at)
        & or_(
            EmployerListing.province.is_(None),
            EmployerListing.province == province.scalar_subquery(),
        )
    )


def in_force(at: datetime) -> ColumnElement[bool]:
    """Return the condition of the listings that hold."""
    return (EmployerListing.state == ListingState.LISTED) & (EmployerListing.until > at)


def expire(session: Session, at: datetime) -> int:
    """End the qualifications whose time is over, and tell their managers; return how many."""
    over = Qualification.valid_until <= at
    event = QualificationEvent.EXPIRE
    moved = move(session, QUALIFICATION, Qualification.state, event, over, updated_at=at)
    _tell(session, moved, NoticeKind.QUALIFICATION_ENDED, at)
    return len(moved)


def warn(session: Session, at: datetime) -> int:
    """Tell managers of what ends within `WARNED_BEFORE`, once; return of how many."""
    soon = (
        Qualification.state == QualificationState.QUALIFIED,
        Qualification.valid_until <= at + WARNED_BEFORE,
        Qualification.warned_at.is_(None),
    )
    marked = update(Qualification).where(*soon).values(warned_at=at).returning(Qualification.id)
    warned = session.scalars(marked.execution_options(synchronize_session=False)).all()
    _tell(session, warned, NoticeKind.QUALIFICATION_ENDING, at)
    return len(warned)


def _tell(session: Session, ids: Sequence[int], kind: NoticeKind, at: datetime) -> None:
    """Tell an employer's managers, in one sentence for all schools of one day."""
    rows = session.execute(
        select(Qualification.employer_id, Qualification.valid_until, School.name)
        .join(School, School.id == Qualification.school_id)
        .where(Qualification.id.in_(ids))
        .order_by(School.code)
    )
    schools = defaultdict[tuple[int, str], list[str]](list)
    for employer_id, until, name in rows:
        schools[employer_id, day_of(until or at)].append(name)
    for (employer_id, day), names in schools.items():
        details = {"schools": names_of(names), "day": day}
        tell_managers(session, [employer_id], kind, details, at)


def day_of(until: datetime) -> str:
    """Return the last day of something that ends at a moment, as people write it."""
    last = (until - timedelta(seconds=1)).astimezone(SHANGHAI)
    return f"{last.year}年{last.month}月{last.day}日"


def names_of(names: Sequence[str]) -> str:
    """Return a few schools by name, many as the first and their number."""
    return "、".join(names) if len(names) <= 3 else f"{names[0]}等 {len(names)} 所学校"


def tell_managers(
    session: Session,
    employer_ids: Collection[int],
    kind: NoticeKind,
    details: Mapping[str, object],
    at: datetime,
) -> None:
    """Tell those who manage the accounts and papers of employers."""
    for employer_id in employer_ids:
        for staff_id in employer_people.managers(session, employer_id):
            staff_notices.tell(session, staff_id, kind, details, at)
