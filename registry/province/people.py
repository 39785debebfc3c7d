"""Graduates of a province's schools, found for its office: by words, school, state and filing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import Session

from registry.accounts.school_tables import Department, School
from registry.base.paging import Page, Place, nearest, turned
from registry.province.refiled import changed_after_filing
from registry.record.confirmation.states import ConfirmationState
from registry.record.graduate_filter import with_words
from registry.record.province_tables import ProvinceEntry
from registry.record.tables import Graduate, Registration


class Filing(StrEnum):
    """Where a graduate's destination stands with the province."""

    FILED = "filed"
    WAITING = "waiting"
    NOT_SENT = "not_sent"


FILING_TITLES = {
    Filing.FILED: "已备案",
    Filing.WAITING: "待备案",
    Filing.NOT_SENT: "未上报",
}


@dataclass(frozen=True)
class ProvincePeople:
    """Which graduates of a province are meant; what is empty does not narrow."""

    province: str
    year: int
    words: str = ""
    """Part of a name or of a unit's, or the beginning of a student or candidate number."""
    school: str = ""
    """Key of a school."""
    state: ConfirmationState | None = None
    category: str = ""
    """毕业去向, the first two digits."""
    filing: Filing | None = None
    elsewhere: bool = False
    """Only of schools whose graduates register in the province's own system."""
    changed: bool = False
    """Only whose destination is no longer what was filed."""


@dataclass(frozen=True)
class FoundGraduate:
    """One row of the list."""

    id: int
    key: str
    name: str
    student_number: str
    level: str
    major: str
    school_key: str
    school: str
    department: str
    state: ConfirmationState
    category: str | None
    unit_name: str | None
    locked: bool | None
    """Whether the province has filed her; None where she is in no batch that stands."""

    @property
    def filing(self) -> Filing:
        """Return where she stands with the province."""
        if self.locked is None:
            return Filing.NOT_SENT
        return Filing.FILED if self.locked else Filing.WAITING


def page(session: Session, wanted: ProvincePeople, place: Place) -> Page[FoundGraduate]:
    """Return the graduates at `place`; raise RuleError `identity_in_address`."""
    start = select(Graduate.id).where(Graduate.key == (place.before or place.after))
    statement = _listed().where(*_conditions(wanted))
    rows = session.execute(nearest(statement, Graduate.id, start.scalar_subquery(), place))
    return turned((_read(row) for row in rows), place)


def by_identity(session: Session, province: str, indexes: Sequence[str]) -> list[FoundGraduate]:
    """Return the records of a province with one of these blind indexes, newest cohort first."""
    mine = (School.province == province, Graduate.identity_index.in_(indexes), Graduate.year > 0)
    rows = session.execute(_listed().where(*mine).order_by(Graduate.year.desc(), Graduate.id))
    return [_read(row) for row in rows]


def disputes_elsewhere(session: Session, province: str, year: int) -> int:
    """Return how many say that what the province's own system pushed of them is wrong."""
    wanted = ProvincePeople(province, year, state=ConfirmationState.DISPUTED, elsewhere=True)
    counted = select(func.count()).select_from(Graduate).join(School)
    return session.scalar(counted.where(*_conditions(wanted))) or 0


def _listed() -> Select[*tuple[Any, ...]]:
    standing = and_(ProvinceEntry.graduate_id == Graduate.id, ProvinceEntry.standing)
    return (
        select(
            *(Graduate.id, Graduate.key, Graduate.name, Graduate.student_number, Graduate.level),
            *(Graduate.major, School.key, School.name, Department.name, Graduate.confirmation),
            *(Registration.category, Registration.unit_name, ProvinceEntry.locked),
        )
        .select_from(Graduate)
        .join(School, School.id == Graduate.school_id)
        .join(Department, Department.id == Graduate.department_id)
        .outerjoin(Registration, Registration.id == Graduate.registration_id)
        .outerjoin(ProvinceEntry, standing)
    )


def _read(row: Any) -> FoundGraduate:  # noqa: ANN401 - a row of `_listed`
    values = list(row)
    values[9] = ConfirmationState(values[9])
    return FoundGraduate(*values)


def _conditions(wanted: ProvincePeople) -> Iterator[ColumnElement[bool]]:
    yield School.province == wanted.province
    yield Graduate.year == wanted.year
    yield from with_words(wanted.words)
    if wanted.school:
        yield School.key == wanted.school
    if wanted.state:
        yield Graduate.confirmation == wanted.state
    if wanted.category:
        yield Registration.category.startswith(wanted.category, autoescape=True)
    if wanted.elsewhere:
        yield School.correction_system.is_not(None)
    if wanted.changed:
        yield changed_after_filing()
    if wanted.filing:
        yield _STANDS[wanted.filing]


_STANDS = {
    Filing.FILED: ProvinceEntry.locked.is_(True),
    Filing.WAITING: ProvinceEntry.locked.is_(False),
    Filing.NOT_SENT: ProvinceEntry.graduate_id.is_(None),
}
