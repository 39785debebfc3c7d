"""What one person was called before: lists and sentences name her by what held when they were made.

Her log says which number or name was changed, an import keeps what stood there for a month.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.accounts import audit
from registry.accounts.audit_log.tables import AuditDetail
from registry.accounts.tables import AuditEntry
from registry.record.tables import Graduate
from registry.roster.layouts import TITLES
from registry.roster.tables import ImportChange

COLUMNS = ("student_number", "candidate_number", "name")
"""What a list of people or a sentence about a row of a file calls her by."""


def of(session: Session, graduate: Graduate) -> frozenset[str]:
    """Return her names and numbers, of now and of before: to be asked before her log goes."""
    now = {getattr(graduate, name) for name in COLUMNS}
    found = {*now, *_changed(session, graduate), *_kept(session, graduate)}
    return frozenset(each for each in found if isinstance(each, str) and each)


def _changed(session: Session, graduate: Graduate) -> Iterator[object]:
    titles = {TITLES[name] for name in COLUMNS}
    for said in _said(session, graduate):
        for change in said.get("changes") or ():
            if change.get("title") in titles:
                yield from (change.get("before"), change.get("after"))


def _said(session: Session, graduate: Graduate) -> Iterator[Mapping[str, Any]]:
    """Yield what the log says of her record."""
    yield from session.scalars(
        select(AuditDetail.content)
        .join(AuditEntry, AuditEntry.detail == AuditDetail.digest)
        .where(
            AuditEntry.school_id.in_(audit.schools_of(graduate.school_id)),
            AuditEntry.subject == f"{audit.GRADUATE}{graduate.key}",
        )
    )


def _kept(session: Session, graduate: Graduate) -> Iterator[object]:
    wanted = select(ImportChange.before).where(ImportChange.graduate_id == graduate.id)
    for before in session.scalars(wanted):
        yield from (before.get(name) for name in COLUMNS)
