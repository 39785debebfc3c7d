"""How many graduates there are of each kind, for every table: kept where the counts tell it apart.

Otherwise it is one grouped pass over a cohort.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy import ColumnElement, SQLColumnExpression, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from registry.record import counts
from registry.record.confirmation.states import ConfirmationState
from registry.record.count_tables import GraduateCount
from registry.record.graduate_filter import GraduateFilter, matching
from registry.record.scope import Scope
from registry.record.tables import Graduate, Registration


class By(StrEnum):
    """What the lines of a table are."""

    DEPARTMENT = "department"
    MAJOR = "major"
    LEVEL = "level"
    CLASS = "class"
    SEX = "sex"
    COUNSELLOR = "counsellor"


class Cell(NamedTuple):
    """Graduates who have everything in common that is told apart."""

    key: tuple[str | int, ...]
    """The values of `COLUMNS` of what it is by."""
    category: str
    """First two digits; empty where no destination is in force."""
    state: ConfirmationState
    number: int


COLUMNS: Mapping[By, Sequence[SQLColumnExpression[str] | SQLColumnExpression[int]]] = {
    By.DEPARTMENT: (Graduate.department_id,),
    By.MAJOR: (Graduate.major,),
    By.LEVEL: (Graduate.level,),
    By.CLASS: (Graduate.department_id, Graduate.class_name),
    By.SEX: (Graduate.sex,),
    By.COUNSELLOR: (Graduate.department_id, Graduate.class_name, Graduate.major),
}
"""Of a counsellor: by what she is found who looks after somebody."""
_KEPT: Mapping[By, Sequence[InstrumentedAttribute[str]] | Sequence[InstrumentedAttribute[int]]] = {
    By.DEPARTMENT: (GraduateCount.department_id,),
    By.LEVEL: (GraduateCount.level,),
}


def tallied(session: Session, scope: Scope, wanted: GraduateFilter, by: By) -> list[Cell]:
    """Count the graduates of a scope and cohort; ended records are of none."""
    stands = counts.kept(scope, wanted)
    if by in _KEPT and stands is not None:
        columns_kept = (*_KEPT[by], GraduateCount.category, GraduateCount.confirmation)
        return [
            Cell(tuple(key), code, ConfirmationState(state), n)
            for (*key, code, state), n in counts.told(session, stands, *columns_kept)
        ]
    columns = COLUMNS[by]
    grouped = (*columns, category_digits(), Graduate.confirmation)
    rows = session.execute(
        select(*grouped, func.count())
        .select_from(Graduate)
        .outerjoin(Registration, Registration.id == Graduate.registration_id)
        .where(matching(scope, wanted))
        .group_by(*grouped)
    )
    return [Cell(tuple(key), code, ConfirmationState(state), n) for *key, code, state, n in rows]


def levels(session: Session, scope: Scope, year: int) -> Sequence[str]:
    """Return the codes of the levels that graduates of a scope have in a cohort."""
    if (stands := counts.kept(scope, GraduateFilter(year))) is not None:
        return counts.levels(session, stands)
    mine = select(Graduate.level).where(matching(scope, GraduateFilter(year)), Graduate.level != "")
    return session.scalars(mine.distinct().order_by(Graduate.level)).all()


def category_digits() -> ColumnElement[str]:
    """Return the first two digits of the category in force, empty where there is none."""
    return func.coalesce(func.substr(Registration.category, 1, 2), "")
