"""Keeps what an import changes of whom, and gives it back when the import is undone."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from registry.base.bulk_rows import insert_rows
from registry.base.crypto import Vault
from registry.codes import identity
from registry.record.confirmation.states import CONFIRMATION
from registry.record.recordings import Recording
from registry.roster.tables import ImportChange

APART = ("department_id", "identity_sealed", "phone_sealed", "particulars_sealed")
"""Columns whose earlier value stands in a column of its own: what is sealed is sealed anew with the
others, and departments are merged."""
_INDEXES = frozenset({"identity_index", "phone_index"})
"""Columns that follow from what is sealed: kept by name alone, since the index key changes."""


def keep(
    session: Session,
    task_id: int,
    added: Sequence[int],
    recordings: Sequence[Recording],
    at: datetime,
) -> None:
    """Keep what an import did in a few statements: whom it added, and what it changed of whom."""
    registered = {each.graduate_id: each.registration_after for each in recordings}
    new = set(added)
    rows = [_added(ident, registered.get(ident), at) for ident in added]
    rows += [_changed(each, at) for each in recordings if each.graduate_id not in new]
    insert_rows(session, ImportChange, [{"task_id": task_id, **row} for row in rows])


def _added(graduate_id: int, registration_id: int | None, at: datetime) -> dict[str, Any]:
    return {
        "graduate_id": graduate_id,
        "added": True,
        "before": {},
        **dict.fromkeys(APART),
        "registration_before": None,
        "registration_after": registration_id,
        "confirmation": CONFIRMATION.start,
        "answered_at": None,
        "authorization_ended": False,
        "found_at": at,
        "left_at": at,
    }


def _changed(recording: Recording, at: datetime) -> dict[str, Any]:
    before = recording.before
    return {
        "graduate_id": recording.graduate_id,
        "added": False,
        "before": {
            name: None if name in APART or name in _INDEXES else value
            for name, value in before.items()
        },
        **{name: before.get(name) for name in APART},
        "registration_before": recording.registration_before,
        "registration_after": recording.registration_after,
        "confirmation": recording.confirmation,
        "answered_at": recording.answered_at,
        "authorization_ended": recording.authorization_ended,
        "found_at": recording.found_at,
        "left_at": at,
    }


def of_import(
    session: Session, task_id: int, *, added: bool, step: int
) -> Iterator[Sequence[ImportChange]]:
    """Yield whom an import added, or whom it changed, some at a time, in the order of the lock."""
    after = 0
    while True:
        wanted = (
            select(ImportChange)
            .where(ImportChange.task_id == task_id, ImportChange.added.is_(added))
            .where(ImportChange.graduate_id > after)
            .order_by(ImportChange.graduate_id)
            .limit(step)
        )
        found = session.scalars(wanted).all()
        if not found:
            return
        for each in found:
            session.expunge(each)  # recording expires what the session holds: a query for each
        yield found
        after = found[-1].graduate_id


def basics_before(vault: Vault, change: ImportChange) -> Mapping[str, Any]:
    """Return the columns of Graduate that an import wrote, with what stood there."""
    before = {
        name: getattr(change, name) if name in APART else value
        for name, value in change.before.items()
    }
    return before | {name: _index(vault, change, name) for name in _INDEXES & before.keys()}


def _index(vault: Vault, change: ImportChange, name: str) -> str | None:
    """Return what her earlier number is found by now."""
    ident = change.graduate_id
    if name == "identity_index":
        sealed = change.identity_sealed
        number = vault.open(identity.IDENTITY, ident, sealed) if sealed else ""
        return identity.identity_index(vault, number)
    phone = change.phone_sealed
    return identity.phone_index(vault, vault.open(identity.PHONE, ident, phone) if phone else "")


def forget(session: Session, task_id: int) -> None:
    """Forget what an import changed: it was undone."""
    session.execute(
        delete(ImportChange)
        .where(ImportChange.task_id == task_id)
        .execution_options(synchronize_session=False)
    )
