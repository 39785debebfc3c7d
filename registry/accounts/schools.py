"""The schools that take part, for who looks after them: the operator, and each province its own."""

from collections.abc import Collection
from typing import NamedTuple

from sqlalchemy import ColumnElement, func, or_, select, true
from sqlalchemy.orm import Session

from registry.accounts.school_tables import School
from registry.accounts.tables import Staff
from registry.base.errors import NotFound
from registry.base.paging import Page, Place, nearest, turned
from registry.base.text import clean


class ListedSchool(NamedTuple):
    """A school in the list."""

    key: str
    code: str
    name: str
    province: str
    staff: int
    """Accounts that can sign in."""


def page(session: Session, words: str, place: Place, province: str = "") -> Page[ListedSchool]:
    """Return the schools whose name or code has the words, of a province where one is given."""
    start = select(School.id).where(School.key == (place.before or place.after))
    staff = select(func.count()).where(Staff.school_id == School.id, Staff.active.is_(True))
    columns = (School.key, School.code, School.name, School.province, staff.scalar_subquery())
    wanted = select(*columns).where(_meant(words), _in(province))
    found = session.execute(nearest(wanted, School.id, start.scalar_subquery(), place))
    return turned((ListedSchool(*row) for row in found), place)


def find(session: Session, key: str, province: str = "") -> School:
    """Return a school by its key, of a province where one is given; raise NotFound for others."""
    found = session.scalar(select(School).where(School.key == key, _in(province)))
    if found is None:
        raise NotFound("学校")
    return found


def find_by_code(session: Session, code: str) -> School | None:
    """Return the school with a code."""
    return session.scalar(select(School).where(School.code == clean(code)))


def names_by_code(session: Session, codes: Collection[str]) -> dict[str, str]:
    """Return the names of the schools with these codes; of others none."""
    wanted = select(School.code, School.name).where(School.code.in_(codes))
    return {each.code: each.name for each in session.execute(wanted)}


def set_sender(session: Session, school: School, address: str, code: str) -> None:
    """Set from where a school posts files; the code has six digits, or none."""
    school.post_address, school.post_code = address, code
    session.flush()


def _meant(words: str) -> ColumnElement[bool]:
    wanted = clean(words)
    by_name = School.name.contains(wanted, autoescape=True)
    return or_(by_name, School.code.startswith(wanted, autoescape=True)) if wanted else true()


def _in(province: str) -> ColumnElement[bool]:
    return School.province == province if province else true()
