"""Staff are told once that the synchronisation of a school has stopped or goes wrong."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from registry.accounts import staff_notices
from registry.accounts.school_tables import School
from registry.accounts.staff_notices import NoticeKind
from registry.accounts.tables import Role, Staff
from registry.interface import sync_health
from registry.interface.sync_health import TITLES, SchoolSync, SyncState

ALARMING = frozenset({SyncState.LATE, SyncState.FAULTY})
"""A school that never synchronised is being set up: its pages say so."""
NAMED = 3
"""How many schools a sentence names."""


@dataclass(frozen=True)
class SyncAlarm:
    """Schools of one province that have come into one trouble."""

    province: str
    """GB/T 2260 code, six digits."""
    state: SyncState
    schools: Sequence[SchoolSync]


def tell(session: Session, at: datetime) -> list[SyncAlarm]:
    """Tell provinces and schools of what went wrong since the last look; return what did.

    Where all is well again nobody is told, and what goes wrong next is told anew.
    """
    changed = [each for each in sync_health.everywhere(session, at) if _alarm(each) != each.told]
    taken = [each for each in changed if _take(session, each)]
    troubled = [each for each in taken if _alarm(each)]
    by_province = defaultdict[tuple[str, SyncState], list[SchoolSync]](list)
    for each in troubled:
        by_province[each.province, each.state].append(each)
        there = select(School.id).where(School.key == each.key).scalar_subquery()
        _say(session, (Staff.role == Role.SCHOOL) & (Staff.school_id == there), [each], at)
    for (province, _), schools in by_province.items():
        _say(session, (Staff.role == Role.PROVINCE) & (Staff.province == province), schools, at)
    return [SyncAlarm(*place, schools) for place, schools in by_province.items()]


def _alarm(school: SchoolSync) -> str | None:
    return school.state.value if school.state in ALARMING else None


def _take(session: Session, school: SchoolSync) -> bool:
    """Note what is told now; say whether no other clockwork has just done so."""
    moved = session.scalar(
        update(School)
        .where(School.key == school.key, School.sync_alarm.is_not_distinct_from(school.told))
        .values(sync_alarm=_alarm(school))
        .returning(School.id)
        .execution_options(synchronize_session=False)
    )
    return moved is not None


def _say(
    session: Session, whom: ColumnElement[bool], schools: Sequence[SchoolSync], at: datetime
) -> None:
    named = "、".join(each.name for each in schools[:NAMED])
    rest = f"等 {len(schools)} 所学校" if len(schools) > NAMED else ""
    details = {"schools": named + rest, "state": TITLES[schools[0].state]}
    people = session.scalars(select(Staff.id).where(whom, Staff.active.is_(True))).all()
    staff_notices.tell_each(session, people, NoticeKind.SYNC_TROUBLED, details, at)
