"""How far a member of staff sees: a school, or a part of it. Every query of theirs takes it.

A part is a department, or the classes and majors a counsellor looks after. Whatever asks about
graduates takes `within`; whatever is done for the whole school asks `Scope.whole_school`.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from sqlalchemy import BindParameter, ColumnElement, Select, and_, bindparam, exists, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from registry.accounts.school_tables import School
from registry.accounts.tables import StaffCharge
from registry.base.database import BigId
from registry.base.errors import NotFound
from registry.record.tables import Graduate


@dataclass(frozen=True)
class Scope:
    """A school, the department where only one of them is meant, the province where that looks."""

    school_id: int
    department_id: int | None = None
    province: str = ""
    """GB/T 2260 code, for the province's own staff: the school has to lie in it."""
    counsellor_id: int | None = None
    """The counsellor (a `Staff.id`) of whose classes and majors only the people are meant."""

    @property
    def whole_school(self) -> bool:
        """Say whether no part of the school is meant, but all of it."""
        return self.department_id is None and self.counsellor_id is None


MADE = 64
"""Statements that are kept of a sort, see `made_for`."""


def made_for(scope: Scope) -> tuple[Scope, Mapping[str, int]]:
    """Return a scope of the same parts that names none, for statements made once, and the values.

    What a function makes of such a scope is kept by `lru_cache(MADE)`: a statement that each page
    of staff asks takes longer to be made than to be answered. A province's own staff ask seldom,
    and of theirs each is made for its scope.
    """
    if scope.province:
        return scope, {}
    parts = (scope.department_id is not None, scope.counsellor_id is not None)
    values = {
        _SCHOOL.key: scope.school_id,
        _DEPARTMENT.key: scope.department_id,
        _COUNSELLOR.key: scope.counsellor_id,
    }
    return _PARTS[parts], {name: value for name, value in values.items() if value is not None}


_SCHOOL: BindParameter[int] = bindparam("of_school", type_=BigId)
_DEPARTMENT: BindParameter[int] = bindparam("of_department", type_=BigId)
_COUNSELLOR: BindParameter[int] = bindparam("of_counsellor", type_=BigId)
_PARTS = {
    (department, counsellor): Scope(
        cast("int", _SCHOOL),
        cast("int", _DEPARTMENT) if department else None,
        counsellor_id=cast("int", _COUNSELLOR) if counsellor else None,
    )
    for department in (False, True)
    for counsellor in (False, True)
}


def school_of(session: Session, scope: Scope) -> School:
    """Return the scope's school."""
    return session.get_one(School, scope.school_id)


def lock_school(session: Session, school_id: int) -> None:
    """Lock a school until the transaction ends: acts on all of it come one after the other."""
    session.get_one(School, school_id, with_for_update={"key_share": True})


def within(scope: Scope) -> ColumnElement[bool]:
    """Return the condition that a graduate lies within the scope."""
    parts = [of_school(Graduate.school_id, scope)]
    if scope.department_id is not None:
        parts.append(Graduate.department_id == scope.department_id)
    if scope.counsellor_id is not None:
        parts.append(in_charge_of(scope.counsellor_id))
    return and_(*parts)


def in_charge_of(counsellors: int | Select[int]) -> ColumnElement[bool]:
    """Return the condition that a counsellor, or one of several, looks after her class or major."""
    whose = StaffCharge.staff_id
    by_class = and_(StaffCharge.class_name != "", StaffCharge.class_name == Graduate.class_name)
    by_major = and_(StaffCharge.major != "", StaffCharge.major == Graduate.major)
    return exists().where(
        whose.in_(counsellors) if isinstance(counsellors, Select) else whose == counsellors,
        StaffCharge.department_id == Graduate.department_id,
        or_(by_class, by_major),
    )


def not_ended() -> ColumnElement[bool]:
    """Return the condition that a graduate is of a cohort, for queries that ask for none.

    Of an ended record (`registry.review.ended`) the year is below 0.
    """
    return Graduate.year > 0


def of_school(
    column: InstrumentedAttribute[int] | InstrumentedAttribute[int | None], scope: Scope
) -> ColumnElement[bool]:
    """Return the condition that a column names the scope's school, in its province where given."""
    mine = column == scope.school_id
    if not scope.province:
        return mine
    there = select(School.id).where(School.id == scope.school_id, School.province == scope.province)
    return and_(mine, there.exists())


def in_province(session: Session, province: str, school_key: str) -> tuple[School, Scope]:
    """Return a school of the province and how far the province sees; raise NotFound for others."""
    wanted = select(School).where(School.key == school_key, School.province == province)
    school = session.scalar(wanted)
    if school is None:
        raise NotFound("学校")
    return school, Scope(school.id, province=province)


def those_in_province(
    session: Session, province: str, school_keys: Collection[str]
) -> Sequence[School]:
    """Return those of the schools that lie in the province, by code; others are left out."""
    wanted = select(School).where(School.key.in_(school_keys), School.province == province)
    return session.scalars(wanted.order_by(School.code)).all()
