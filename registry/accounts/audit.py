"""The audit log (操作日志): who did what to which record, added in the doer's own transaction."""

import hashlib
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Select, func, insert, literal, select, union_all
from sqlalchemy.orm import Session

from registry.accounts import addresses
from registry.accounts.audit_log.tables import AuditDetail, MergedSchool
from registry.accounts.tables import AuditEntry, Staff
from registry.base.bulk_rows import insert_rows
from registry.base.crypto import Vault

SYSTEM, COMMAND, STRANGER = "system", "command", "stranger"
GRADUATE = "graduate:"
"""How the subject of a row about a person begins."""
ADDRESS = "audit"
"""The purpose of an address's blind index in the log."""
_ORIGIN = "audit origin"


@dataclass(frozen=True)
class AuditRecord:
    """What somebody did.

    What is said in `details` of a row whose subject is a graduate can be erased with her; that of
    other rows stays, so it names nobody. Identity numbers and phones are masked in both.
    """

    actor: str
    """`staff:<key>`, `graduate:<key>`, `system`, `command`, `stranger`."""
    action: str
    """A word of `registry/accounts/audit_log/words.py`."""
    subject: str
    school_id: int | None
    details: Mapping[str, Any] = field(default_factory=dict)
    people: Sequence[int] | None = None
    """Of a list: the ids of the graduates it showed."""
    province: str | None = None
    """Of what a province's staff did, where no door knows: which province's."""


@dataclass(frozen=True)
class AuditOrigin:
    """Where what a transaction does comes from, as the log keeps it."""

    address: str
    """A blind index, as `address_index` makes it."""
    device: str
    province: str | None = None
    """Of a province's staff: which province's."""


def address_index(vault: Vault, address: str) -> str:
    """Return how the log keeps an address: equal for one household or office (IPv6: /64)."""
    return address_indexes(vault, address)[0]


def address_indexes(vault: Vault, address: str) -> Sequence[str]:
    """Return every index that rows from an address may have, as of `Vault.indexes`."""
    return vault.indexes(ADDRESS, addresses.household(address))


def comes_from(session: Session, origin: AuditOrigin) -> None:
    """Say where all that a session notes from now on comes from: for doors."""
    session.info[_ORIGIN] = origin


def came_from(session: Session) -> str | None:
    """Return the blind index of the address that a transaction comes from; None for no door's."""
    origin: AuditOrigin | None = session.info.get(_ORIGIN)
    return origin.address if origin else None


def by_staff(
    staff: Staff,
    action: str,
    subject: str = "",
    details: Mapping[str, Any] | None = None,
    people: Sequence[int] | None = None,
) -> AuditRecord:
    """Return what a member of staff did, to their own account where no subject is named."""
    about = subject or staff.actor
    said = details or {}
    return AuditRecord(staff.actor, action, about, staff.school_id, said, people, staff.province)


def note(session: Session, record: AuditRecord, at: datetime) -> None:
    """Keep what was done."""
    entry, detail = _rows(session, record, at)
    session.flush()
    connection = session.connection()
    if detail is not None:
        connection.execute(_DETAIL, detail)
    connection.execute(_ENTRY, entry)


_DETAIL = insert(AuditDetail.__table__).inline()  # type: ignore[arg-type]  # it is a Table
_ENTRY = insert(AuditEntry.__table__).inline()  # type: ignore[arg-type]  # as above


def note_all(session: Session, records: Sequence[AuditRecord], at: datetime) -> None:
    """Keep many records at once."""
    rows = [_rows(session, each, at) for each in records]
    insert_rows(session, AuditDetail, [detail for _, detail in rows if detail is not None])
    insert_rows(session, AuditEntry, [entry for entry, _ in rows])


def changes(
    titles: Mapping[str, str], before: Mapping[str, Any], after: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Return what differs of some fields, as `details["changes"]` of a row says it."""
    return [
        {"title": title, "before": before.get(name), "after": after.get(name)}
        for name, title in titles.items()
        if before.get(name) != after.get(name)
    ]


def digest_of(salt: str, content: Mapping[str, Any]) -> str:
    """Return the digest (64 hex digits) that an entry keeps of its detail."""
    return hashlib.sha256(f"{salt}\0{canonical(content)}".encode()).hexdigest()


def canonical(value: object) -> str:
    """Return a value as JSON that reads the same whichever database gave it back."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def find(session: Session, school_id: int, action: str, subject: str) -> AuditEntry | None:
    """Return the entry of an action that a school's log holds once for this subject."""
    return session.scalar(
        select(AuditEntry).where(
            AuditEntry.school_id.in_(schools_of(school_id)),
            AuditEntry.subject == subject,
            AuditEntry.action == action,
        )
    )


def said_in(session: Session, entry: AuditEntry) -> Mapping[str, Any]:
    """Return what a row says: of a person in its detail, empty once she was erased."""
    found = session.get(AuditDetail, entry.detail) if entry.detail else None
    return found.content if found else entry.details


class Done(NamedTuple):
    """Something that was done, and by whom: None where it was no member of staff."""

    at: datetime
    name: str | None
    action: str
    details: Mapping[str, Any]


def recent(session: Session, school_id: int, subject: str, limit: int = 20) -> list[Done]:
    """Return what was last done to something of a school, newest first."""
    rows = session.execute(
        select(AuditEntry.at, Staff.name, AuditEntry.action, AuditEntry.details)
        .outerjoin(Staff, AuditEntry.actor == "staff:" + Staff.key)
        .where(AuditEntry.school_id.in_(schools_of(school_id)), AuditEntry.subject == subject)
        .order_by(AuditEntry.id.desc())
        .limit(limit)
    )
    return [Done(*row) for row in rows]


def schools_of(school_id: int) -> Select[int]:
    """Return the query of the schools whose rows a school reads: its own and those merged into it.

    For rows of a subject whose name is used once; `of_school` tells schools of one number apart.
    """
    merged = select(MergedSchool.source_id).where(MergedSchool.target_id == school_id)
    both = union_all(select(literal(school_id, BigInteger).label("id")), merged).subquery()
    return select(both.c.id)


def keep_merged(session: Session, source_id: int, target_id: int) -> None:
    """Let a school read the rows of another that is merged into it, and of all merged into that."""
    newest = session.scalar(select(func.max(AuditEntry.id))) or 0
    earlier = session.execute(
        select(MergedSchool.source_id, MergedSchool.until_entry).where(
            MergedSchool.target_id == source_id
        )
    )
    rows = [(source_id, newest), *((row[0], row[1]) for row in earlier)]
    insert_rows(
        session,
        MergedSchool,
        [
            {"source_id": source, "target_id": target_id, "until_entry": until}
            for source, until in rows
        ],
    )


def _rows(
    session: Session, record: AuditRecord, at: datetime
) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """Return the rows of a record: its entry, and what it says of a person."""
    origin: AuditOrigin | None = session.info.get(_ORIGIN)
    said = json.loads(json.dumps(dict(record.details)))  # as it will be read
    detail = _detail(said) if said and record.subject.startswith(GRADUATE) else None
    entry = {
        "at": at,
        "actor": record.actor,
        "action": record.action,
        "subject": record.subject,
        "school_id": record.school_id,
        "province": record.province or (origin.province if origin else None),
        "address": origin.address if origin else None,
        "device": origin.device if origin else None,
        "people": None if record.people is None else list(record.people),
        "details": {} if detail else said,
        "detail": detail["digest"] if detail else None,
    }
    return entry, detail


def _detail(said: dict[str, Any]) -> dict[str, Any]:
    salt = secrets.token_hex(16)
    return {"digest": digest_of(salt, said), "salt": salt, "content": said}
