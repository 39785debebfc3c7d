"""What changed of a registration, as the audit log says it: titles and readable values."""

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.base.database import one_of
from registry.record import fields
from registry.record.field_values import said
from registry.record.fields import PLACES, REGISTRATION
from registry.record.tables import Registration


def in_force(session: Session, ids: Collection[int | None]) -> dict[int, Mapping[str, Any]]:
    """Return what versions of a registration say, by their ids."""
    wanted = sorted({each for each in ids if each is not None})
    if not wanted:
        return {}
    columns = (getattr(Registration, name) for name in REGISTRATION)
    rows = session.execute(
        select(Registration.id, *columns).where(one_of(session, Registration.id, wanted))
    )
    return {row[0]: dict(zip(REGISTRATION, row[1:], strict=True)) for row in rows}


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return what differs, each with title, before and after; of a place only its name."""
    category = str(after.get("category") or before.get("category") or "")
    found = []
    for name in REGISTRATION:
        old, new = (said(name, values.get(name)) for values in (before, after))
        if old != new and name not in PLACES:
            found.append({"title": fields.title(name, category), "before": old, "after": new})
    return found
