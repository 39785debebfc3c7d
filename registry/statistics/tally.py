"""How many graduates there are of each kind, for every table: kept where the counts tell it apart.

Otherwise it is one grouped pass over a cohort.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy import ColumnElement, func, select
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


Atom = tuple[str | int, ...]
"""A smallest group that the tables of a report tell apart: what its people have of `_EACH`."""


class Cell(NamedTuple):
    """Graduates who have everything in common that is told apart."""

    key: tuple[str | int, ...]
    """The values of `COLUMNS` of what it is by."""
    category: str
    """First two digits; empty where no destination is in force."""
    state: ConfirmationState
    number: int
    atom: Atom = ()
    """Empty where one table alone is counted."""


_Column = InstrumentedAttribute[str] | InstrumentedAttribute[int]
COLUMNS: Mapping[By, Sequence[_Column]] = {
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


_EACH = (
    *(Graduate.department_id, Graduate.class_name, Graduate.major),
    *(Graduate.level, Graduate.sex),
)


def tallied_at_once(
    session: Session, scope: Scope, wanted: GraduateFilter
) -> Mapping[By, list[Cell]]:
    """Count for every table in one pass, and say of each cell of which atom it is."""
    names = [column.key for column in _EACH]
    cells = _counted(session, scope, wanted, _EACH)
    return {
        by: [each._replace(key=_picked(each, places), atom=each.key) for each in cells]
        for by, columns in COLUMNS.items()
        if (places := [names.index(column.key) for column in columns])
    }


def _picked(cell: Cell, places: Sequence[int]) -> tuple[str | int, ...]:
    return tuple(cell.key[place] for place in places)


def tallied(session: Session, scope: Scope, wanted: GraduateFilter, by: By) -> list[Cell]:
    """Count the graduates of a scope and cohort; ended records are of none."""
    stands = counts.kept(scope, wanted)
    if by in _KEPT and stands is not None:
        columns_kept = (*_KEPT[by], GraduateCount.category, GraduateCount.confirmation)
        return [
            Cell(tuple(key), code, ConfirmationState(state), n)
            for (*key, code, state), n in counts.told(session, stands, *columns_kept)
        ]
    return _counted(session, scope, wanted, COLUMNS[by])


def _counted(
    session: Session, scope: Scope, wanted: GraduateFilter, columns: Sequence[_Column]
) -> list[Cell]:
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
