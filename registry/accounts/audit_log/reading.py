"""How the audit log is read: by person, by member of staff, by kind and time, newest first."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Row,
    Select,
    and_,
    exists,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.orm import Session

from registry.accounts import audit
from registry.accounts.audit_log.tables import AuditDetail, MergedSchool
from registry.accounts.audit_log.words import KINDS
from registry.accounts.employer_tables import Employer
from registry.accounts.school_tables import Department
from registry.accounts.tables import AuditEntry, Role, Staff
from registry.base.database import is_sqlite, one_of_texts
from registry.base.paging import PAGE, Page, Place, turned

STREAMED = 1000  # rows a round trip of an export
STAFF = "staff:"
"""How the actor of a row begins that a member of staff did."""


@dataclass(frozen=True)
class Sight:
    """Something a member of staff did with a person's record, or a list that she stood in."""

    id: int
    at: datetime
    action: str
    role: str
    """Empty where the account is no more."""
    department: str | None
    """Of the member of staff, where they belong to one."""
    employer: str | None
    """The unit whose account it is, where it is one's."""
    address: str | None
    details: Mapping[str, Any]


def about_person(session: Session, graduate_id: int, key: str) -> ColumnElement[bool]:
    """Return the condition that a row is about a graduate, or about a list that showed her."""
    return or_(AuditEntry.subject == f"{audit.GRADUATE}{key}", shows(session, graduate_id))


def shows(session: Session, graduate_id: int) -> ColumnElement[bool]:
    """Return the condition that a list showed a graduate."""
    if not is_sqlite(session):
        return AuditEntry.people.op("@>")(literal([graduate_id], ARRAY(BigInteger)))
    each = func.json_each(AuditEntry.people).table_valued("value")
    return and_(
        AuditEntry.people.is_not(None),
        exists(select(1).select_from(each).where(each.c.value == graduate_id)),
    )


def sights(
    session: Session, graduate_id: int, key: str, before: int | None = None, limit: int = 50
) -> list[Sight]:
    """Return what staff did with a graduate's record or saw of her, newest first.

    `before` is the id of the row that the page comes after.
    """
    wanted = (
        select(AuditEntry, AuditDetail.content, Staff.role, Department.name, Employer.unit_name)
        .outerjoin(AuditDetail, AuditDetail.digest == AuditEntry.detail)
        .outerjoin(Staff, literal(STAFF) + Staff.key == AuditEntry.actor)
        .outerjoin(Department, Department.id == Staff.department_id)
        .outerjoin(Employer, Employer.id == Staff.employer_id)
        .where(about_person(session, graduate_id, key), AuditEntry.actor.startswith(STAFF))
        .order_by(AuditEntry.id.desc())
        .limit(limit)
    )
    if before is not None:
        wanted = wanted.where(AuditEntry.id < before)
    return [
        Sight(
            *(row.id, row.at, row.action, role or "", department, employer, row.address),
            content or row.details,
        )
        for row, content, role, department, employer in session.execute(wanted)
    ]


@dataclass(frozen=True)
class AuditScope:
    """Whose log is read: a school's, a province's, or the platform's (both None)."""

    school_id: int | None = None
    province: str | None = None


@dataclass(frozen=True)
class LogFilter:
    """Which rows are meant; what is empty does not narrow."""

    person: tuple[int, str] | None = None
    """Id and key of a graduate."""
    actor: str = ""
    kind: str = ""
    """The name of an `ActionKind`."""
    since: datetime | None = None
    until: datetime | None = None
    addresses: Sequence[str] = ()
    """Blind indexes of one address, or their beginnings."""


@dataclass(frozen=True)
class LogRow:
    """A row with the names it needs to be read."""

    id: int
    at: datetime
    actor: str
    name: str | None
    """Of the member of staff who did it."""
    role: str | None
    action: str
    subject: str
    address: str | None
    device: str | None
    details: Mapping[str, Any]

    @property
    def key(self) -> str:
        """Return how an address names the place of the row."""
        return str(self.id)


def page(session: Session, scope: AuditScope, wanted: LogFilter, place: Place) -> Page[LogRow]:
    """Return a page of rows, newest first."""
    statement = _rows().where(*conditions(session, scope, wanted))
    if place.before:  # newer than a row
        statement = statement.where(AuditEntry.id > int(place.before)).order_by(AuditEntry.id)
    elif place.after:
        statement = statement.where(AuditEntry.id < int(place.after))
    if not place.before:
        statement = statement.order_by(AuditEntry.id.desc())
    return turned(map(_read, session.execute(statement.limit(PAGE + 1))), place)


def every(session: Session, those: Sequence[ColumnElement[bool]], most: int) -> Iterator[LogRow]:
    """Yield the newest rows of those, a thousand in memory at a time."""
    statement = _rows().where(*those).order_by(AuditEntry.id.desc()).limit(most)
    for row in session.execute(statement.execution_options(yield_per=STREAMED)):
        yield _read(row)


def count(session: Session, those: Sequence[ColumnElement[bool]], most: int) -> int:
    """Return how many rows there are, and no more than one above `most`."""
    some = select(AuditEntry.id).where(*those).limit(most + 1).subquery()
    return session.scalar(select(func.count()).select_from(some)) or 0


def conditions(
    session: Session, scope: AuditScope, wanted: LogFilter
) -> Sequence[ColumnElement[bool]]:
    """Return what a row has to be."""
    found = [_within(session, scope)]
    if wanted.person:
        found.append(about_person(session, *wanted.person))
    if wanted.actor:
        found.append(AuditEntry.actor == wanted.actor)
    if wanted.kind:
        found.append(AuditEntry.action.in_(_words_of(wanted.kind)))
    if wanted.since:
        found.append(AuditEntry.at >= wanted.since)
    if wanted.until:
        found.append(AuditEntry.at < wanted.until)
    if wanted.addresses:
        kept_as = (AuditEntry.address.startswith(e, autoescape=True) for e in wanted.addresses)
        found.append(or_(*kept_as))
    return found


def _words_of(kind: str) -> list[str]:
    return [action for each in KINDS if each.name == kind for action in each.words]


def _within(session: Session, scope: AuditScope) -> ColumnElement[bool]:
    if scope.school_id is not None:
        return _of_school(session, scope.school_id)
    if scope.province is not None:
        return AuditEntry.province == scope.province
    operators = select(literal(STAFF) + Staff.key).where(Staff.role == Role.OPERATOR)
    by_them = or_(AuditEntry.actor.in_(operators), AuditEntry.actor == audit.COMMAND)
    nobodys = and_(AuditEntry.school_id.is_(None), AuditEntry.province.is_(None))
    return or_(nobodys, by_them)


def _of_school(session: Session, school_id: int) -> ColumnElement[bool]:
    """Return the condition that a row is a school's, or of one that was merged into it.

    What the number's earlier owner did, which SQLite may give to a new school, is not.
    """
    rows = session.execute(
        select(MergedSchool.source_id, MergedSchool.target_id, MergedSchool.until_entry).where(
            or_(MergedSchool.target_id == school_id, MergedSchool.source_id == school_id)
        )
    ).all()
    begins = max((row.until_entry for row in rows if row.source_id == school_id), default=None)
    own = AuditEntry.school_id == school_id
    if begins is not None:
        own = and_(own, AuditEntry.id > begins)
    merged = [
        and_(AuditEntry.school_id == row.source_id, AuditEntry.id <= row.until_entry)
        for row in rows
        if row.target_id == school_id
    ]
    return or_(own, *merged) if merged else own


def _rows() -> Select[Any, Any, Any, Any]:
    return (
        select(AuditEntry, AuditDetail.content, Staff.name, Staff.role)
        .outerjoin(AuditDetail, AuditDetail.digest == AuditEntry.detail)
        .outerjoin(Staff, literal(STAFF) + Staff.key == AuditEntry.actor)
    )


def _read(found: Row[Any, Any, Any, Any]) -> LogRow:
    row, content, name, role = found
    return LogRow(
        *(row.id, row.at, row.actor, name, role, row.action, row.subject),
        *(row.address, row.device, content or row.details),
    )


def staff_named(session: Session, actors: Collection[str]) -> dict[str, str]:
    """Return the names of members of staff by `staff:<key>`."""
    keys = [each.removeprefix(STAFF) for each in actors if each.startswith(STAFF)]
    rows = session.execute(
        select(Staff.key, Staff.name).where(one_of_texts(session, Staff.key, keys))
    )
    return {f"{STAFF}{key}": name for key, name in rows}


def doers(session: Session, scope: AuditScope) -> list[tuple[str, str]]:
    """Return who may have done something within a scope: actor, and name with login."""
    of_place = Staff.role == Role.OPERATOR
    if scope.school_id is not None:
        of_place = Staff.school_id == scope.school_id
    elif scope.province is not None:
        of_place = Staff.province == scope.province
    rows = session.execute(
        select(Staff.key, Staff.name, Staff.login).where(of_place).order_by(Staff.name)
    )
    return [(f"{STAFF}{key}", f"{name}（{login}）") for key, name, login in rows]
