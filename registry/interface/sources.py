"""The newest versions of what a province's system pushed: locked, read and written, set by set."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from registry.base.bulk_rows import given_rows
from registry.base.database import insert_new, one_of, one_of_texts
from registry.interface.tables import SourceRecord


@dataclass(frozen=True)
class KeptRecord:
    """What is kept of one record of the source."""

    id: int
    version: int = 0
    """0: nothing is kept of it so far."""
    digest: str = ""
    void: bool = False
    school_id: int | None = None
    graduate_id: int | None = None


def lock(
    session: Session, province: str, source_ids: Collection[str], at: datetime
) -> dict[str, KeptRecord]:
    """Return what is kept of records, locked to the end of the transaction, by source id.

    Those that are new get a row of version 0, so that two batches that bring the same one wait for
    each other; `drop_unwritten` takes away what stays so.
    """
    names = sorted(source_ids)
    found = _locked(session, province, names) if names else {}
    if new := [each for each in names if each not in found]:
        fresh = {"province": province, "version": 0, "digest": "", "void": True, "received_at": at}
        rows = [{**fresh, "source_id": each} for each in new]
        session.execute(insert_new(session, SourceRecord), rows)
        found |= _locked(session, province, new)
    return found


def _locked(session: Session, province: str, names: Sequence[str]) -> dict[str, KeptRecord]:
    found = session.execute(
        select(
            SourceRecord.source_id,
            SourceRecord.id,
            SourceRecord.version,
            SourceRecord.digest,
            SourceRecord.void,
            SourceRecord.school_id,
            SourceRecord.graduate_id,
        )
        .where(*_named(session, province, names))
        .order_by(SourceRecord.source_id)
        .with_for_update()
    )
    return {
        name: KeptRecord(ident, version, digest, void, school_id, graduate_id)
        for name, ident, version, digest, void, school_id, graduate_id in found
    }


def _named(session: Session, province: str, names: Sequence[str]) -> tuple[Any, Any]:
    return (
        SourceRecord.province == province,
        one_of_texts(session, SourceRecord.source_id, names),
    )


def write(session: Session, rows: Sequence[KeptRecord], at: datetime) -> None:
    """Write new versions, the void ones first: who is free then may be another record's."""
    for void in (True, False):
        part = [{**vars(each), "received_at": at} for each in rows if each.void is void]
        if not part:
            continue
        given = given_rows(session, SourceRecord, part)
        values = {each.name: each for each in given.c if each.name != "id"}
        session.execute(
            update(SourceRecord)
            .where(SourceRecord.id == given.c.id, SourceRecord.version < given.c.version)
            .values(values)
            .execution_options(synchronize_session=False)
        )


def drop_unwritten(session: Session, locked: Mapping[str, KeptRecord]) -> None:
    """Delete the rows that `lock` added and nothing was written to."""
    added = [each.id for each in locked.values() if each.version == 0]
    if added:
        session.execute(
            delete(SourceRecord)
            .where(one_of(session, SourceRecord.id, added), SourceRecord.version == 0)
            .execution_options(synchronize_session=False)
        )


def speaking_for(session: Session, graduate_ids: Sequence[int]) -> dict[int, int]:
    """Return which record (by row) speaks for graduates now, by id of graduate."""
    if not graduate_ids:
        return {}
    rows = session.execute(
        select(SourceRecord.graduate_id, SourceRecord.id).where(
            one_of(session, SourceRecord.graduate_id, graduate_ids), ~SourceRecord.void
        )
    )
    return {graduate_id: ident for graduate_id, ident in rows if graduate_id is not None}
