"""Whose a pushed record is: a graduate whom the roster of a school of the province knows.

Persons come by roster alone: a record names one by school, cohort, name and number, and adds none.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from registry.accounts.school_tables import School
from registry.base.database import one_of, one_of_texts
from registry.base.text import compared_name
from registry.interface.reading import PushedRow, RowFault
from registry.record.tables import Graduate
from registry.record.validation import GraduateFacts

_SCHOOL = RowFault("yxdm", "school_not_yours", "学校代码不属于本省。")
REGISTERS_HERE = RowFault(
    "yxdm", "registers_here", "该校毕业生在全国系统登记去向，不由接口同步，请联系平台运营人员。"
)
_UNKNOWN = RowFault(
    "",
    "graduate_unknown",
    "学校名单中没有这名毕业生（院校、届次、考生号或学号），请学校先导入名单。",
)
_OTHER_NAME = RowFault("xm", "name_disagrees", "姓名与学校名单不一致，请核对。")
_OTHER_NUMBER = RowFault("xh", "number_disagrees", "学号与学校名单不一致，请核对。")


@dataclass(frozen=True)
class SyncedSchool:
    """A school whose province has a system of its own."""

    id: int
    code: str
    system: str
    """What the system is called; empty where its graduates register here."""


@dataclass(frozen=True)
class Person:
    """A graduate as the interface needs her."""

    id: int
    school: SyncedSchool
    facts: GraduateFacts


Found = Person | RowFault


class NamedPeople:
    """The graduates that the rows of one batch may be about."""

    def __init__(self, session: Session, province: str, rows: Sequence[PushedRow]) -> None:
        """Read them, in three queries at most, however many rows there are."""
        codes = {each.get("yxdm") for each in rows}
        self._schools = {
            each.code: each for each in schools_of(session, province) if each.code in codes
        }
        self._by_candidate = self._found(session, rows, "ksh", Graduate.candidate_number)
        self._by_student = self._found(session, rows, "xh", Graduate.student_number)

    def _found(
        self,
        session: Session,
        rows: Sequence[PushedRow],
        name: str,
        column: InstrumentedAttribute[str] | InstrumentedAttribute[str | None],
    ) -> dict[
        tuple[int, int, str | None], Row[*tuple[int, int, int, str, str, str, str, str | None]]
    ]:
        numbers = sorted({each.number(name) for each in rows} - {""})
        years = sorted({int(each.get("byjc")) for each in rows})
        schools = [each.id for each in self._schools.values()]
        if not numbers or not schools:
            return {}
        wanted = _graduates(column).where(
            one_of(session, Graduate.school_id, schools),
            one_of(session, Graduate.year, years),
            one_of_texts(session, column, numbers),
        )
        return {(each[1], each[2], each[-1]): each for each in session.execute(wanted)}

    def of(self, row: PushedRow) -> Found:
        """Return whose a row is, or why it is nobody's."""
        school = self._schools.get(row.get("yxdm"))
        if school is None or not school.system:
            return REGISTERS_HERE if school else _SCHOOL
        place = (school.id, int(row.get("byjc")))
        found = self._by_candidate.get((*place, row.number("ksh")))
        found = found or self._by_student.get((*place, row.number("xh")))
        if found is None:
            return _UNKNOWN
        ident, _, year, name, student, mode, unit, _ = found
        if row.number("xh") not in {"", student}:
            return _OTHER_NUMBER
        if compared_name(name) != compared_name(row.get("xm")):
            return _OTHER_NAME
        return Person(ident, school, GraduateFacts(name, year, mode, unit))


def _graduates(
    number: InstrumentedAttribute[str] | InstrumentedAttribute[str | None],
) -> Select[int, int, int, str, str, str, str, str | None]:
    return select(
        Graduate.id,
        Graduate.school_id,
        Graduate.year,
        Graduate.name,
        Graduate.student_number,
        Graduate.training_mode,
        Graduate.training_unit,
        number.label("number"),
    )


def schools_of(session: Session, province: str) -> list[SyncedSchool]:
    """Return the schools of a province."""
    rows = session.execute(
        select(School.id, School.code, School.correction_system).where(School.province == province)
    )
    return [SyncedSchool(ident, code, system or "") for ident, code, system in rows]


def registers_here(session: Session, province: str, code: str) -> bool:
    """Say whether a school is of a province and its graduates register here."""
    mine = (School.province == province, School.code == code)
    here = select(School.id).where(*mine, School.correction_system.is_(None))
    return session.scalar(here) is not None
