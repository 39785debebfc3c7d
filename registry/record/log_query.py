"""What a reader of the audit log asks for, by the fields of an address or of a task."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy.orm import Session

from registry.accounts import audit
from registry.accounts.audit_log.reading import AuditScope, LogFilter
from registry.accounts.audit_log.words import KINDS
from registry.accounts.tables import Role, Staff
from registry.base.clock import SHANGHAI
from registry.base.crypto import Vault
from registry.base.errors import NotFound, RuleError
from registry.base.iso_dates import day_of
from registry.record import logged_people
from registry.record.logged_people import LoggedPerson

FIELDS = ("person", "actor", "kind", "from", "to", "place")
_CODE = re.compile(r"[0-9a-f]{6,32}")
"""Of an address, as the list shows it."""


@dataclass(frozen=True)
class LogQuery:
    """What is asked for, as it stands in the form and as rows are found by it."""

    typed: Mapping[str, str]
    """Fields of the address that say something."""
    person: LoggedPerson | None
    wanted: LogFilter

    @property
    def about(self) -> str:
        """Return the subject of the row that says that this was read or exported."""
        return f"{audit.GRADUATE}{self.person.key}" if self.person else "audit"

    @property
    def kept(self) -> dict[str, str]:
        """Return the fields as a task may keep them: of an address its blind indexes."""
        place = {"place": " ".join(self.wanted.addresses)} if "place" in self.typed else {}
        return {**self.typed, **place}


def scope_of(staff: Staff) -> AuditScope | None:
    """Return whose log a member of staff reads; None for those who read none."""
    if staff.role == Role.SCHOOL and staff.school_id is not None:
        return AuditScope(school_id=staff.school_id)
    if staff.role == Role.PROVINCE and staff.province:
        return AuditScope(province=staff.province)
    return AuditScope() if staff.role == Role.OPERATOR else None


def read(session: Session, vault: Vault, scope: AuditScope, given: Mapping[str, str]) -> LogQuery:
    """Read the fields; raise RuleError `day_unreadable`, NotFound for a person out of the scope."""
    typed = {name: value for name in FIELDS if (value := given.get(name, "").strip())}
    person = None
    if key := typed.get("person"):
        person = logged_people.of_key(session, scope, key)
        if person is None:
            raise NotFound("毕业生")
    first, last = _day(typed, "from"), _day(typed, "to")
    wanted = LogFilter(
        person=(person.id, person.key) if person else None,
        actor=typed.get("actor", ""),
        kind=_kind(typed.get("kind", "")),
        since=_midnight(first) if first else None,
        until=_midnight(last + timedelta(days=1)) if last else None,
        addresses=_addresses(vault, typed.get("place", "")),
    )
    return LogQuery(typed, person, wanted)


def _kind(name: str) -> str:
    return name if name in {each.name for each in KINDS} else ""


def _day(typed: Mapping[str, str], name: str) -> date | None:
    if name not in typed:
        return None
    try:
        return day_of(typed[name])
    except ValueError:
        sentence = "日期请写成年月日，例如 2026-06-30。"
        raise RuleError("day_unreadable", sentence, name) from None


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), SHANGHAI)


def _addresses(vault: Vault, text: str) -> Sequence[str]:
    """Return the indexes of an address; a list shows their beginning, a task keeps them."""
    codes = text.split()
    if all(_CODE.fullmatch(each) for each in codes):
        return codes
    return audit.address_indexes(vault, text)
