"""Whom the audit log names, for who may read it: found by name, number or key within a scope."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, false, or_, select
from sqlalchemy.orm import Session

from registry.accounts.audit_log.reading import AuditScope
from registry.accounts.school_tables import School
from registry.base.database import one_of_texts
from registry.record.tables import Graduate

MOST = 20
"""How many are offered to choose from."""


class LoggedPerson(NamedTuple):
    """A graduate whom rows of the log are about."""

    id: int
    key: str
    name: str
    student_number: str
    year: int
    """Below 0 for an ended record."""
    school: str

    @property
    def cohort(self) -> int:
        """Return the cohort, of an ended record the one it was of."""
        return abs(self.year)


def find(
    session: Session, scope: AuditScope, words: str, identity_indexes: Sequence[str]
) -> Sequence[LoggedPerson]:
    """Return the graduates of a name, a student number, or an identity number."""
    hers = (Graduate.name == words, Graduate.student_number == words)
    meant = or_(*hers, Graduate.identity_index.in_(identity_indexes))
    return _read(session, _people(scope).where(meant).limit(MOST))


def of_key(session: Session, scope: AuditScope, key: str) -> LoggedPerson | None:
    """Return the graduate of a key; None outside the scope."""
    found = _read(session, _people(scope).where(Graduate.key == key))
    return found[0] if found else None


def named(session: Session, scope: AuditScope, keys: Collection[str]) -> dict[str, LoggedPerson]:
    """Return the graduates of many keys, by key."""
    wanted = _people(scope).where(one_of_texts(session, Graduate.key, list(keys)))
    return {each.key: each for each in _read(session, wanted)} if keys else {}


def _people(scope: AuditScope) -> Select[int, str, str, str, int, str]:
    columns = (Graduate.id, Graduate.key, Graduate.name, Graduate.student_number, Graduate.year)
    wanted = select(*columns, School.name).join(School, School.id == Graduate.school_id)
    return wanted.where(_within(scope)).order_by(Graduate.id)


def _within(scope: AuditScope) -> ColumnElement[bool]:
    """Return who may be named: to operators nobody."""
    if scope.school_id is not None:
        return Graduate.school_id == scope.school_id
    return School.province == scope.province if scope.province else false()


def _read(session: Session, wanted: Select[int, str, str, str, int, str]) -> Sequence[LoggedPerson]:
    return [LoggedPerson(*row) for row in session.execute(wanted)]
