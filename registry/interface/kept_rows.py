"""Rows of a batch that say what is kept of their record, about whom the roster says the same.

A province's system pushes everything each night, nearly all of it unchanged: such a row costs its
part of one query, and is neither read by the rules nor locked.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.accounts.school_tables import School
from registry.base.database import one_of_texts
from registry.interface.reading import PushedRow
from registry.interface.tables import SourceRecord
from registry.record.tables import Graduate

_RECORD, _GRADUATE, _SCHOOL = SourceRecord.__table__, Graduate.__table__, School.__table__
"""The bare tables: to the mapper's layer a hundred rows cost more than the query."""


class _Kept(NamedTuple):
    """A kept record, and whom it is about: as the roster has her now."""

    source_id: str
    version: int
    digest: str
    void: bool
    school_id: int | None
    code: str | None
    system: str | None
    year: int | None
    name: str | None
    candidate_number: str | None
    student_number: str | None


def unchanged(
    session: Session, province: str, rows: Mapping[str, PushedRow]
) -> Iterator[tuple[PushedRow, int | None]]:
    """Yield the rows, given by source id, that say what is kept, with the school's number."""
    if not rows:
        return
    found = session.execute(
        select(
            *(_RECORD.c.source_id, _RECORD.c.version, _RECORD.c.digest, _RECORD.c.void),
            *(_RECORD.c.school_id, _SCHOOL.c.code, _SCHOOL.c.correction_system),
            *(_GRADUATE.c.year, _GRADUATE.c.name),
            *(_GRADUATE.c.candidate_number, _GRADUATE.c.student_number),
        )
        .select_from(_RECORD)
        .outerjoin(_GRADUATE, _GRADUATE.c.id == _RECORD.c.graduate_id)
        .outerjoin(_SCHOOL, _SCHOOL.c.id == _RECORD.c.school_id)
        .where(
            _RECORD.c.province == province,
            one_of_texts(session, SourceRecord.source_id, sorted(rows)),
        )
    )
    for each in found:
        kept = _Kept(*each)
        row = rows[kept.source_id]
        same = (kept.version, kept.void, kept.digest) == (row.version, row.void, row.digest)
        if same and (row.void or _is_her(kept, row)):
            yield row, kept.school_id


def _is_her(kept: _Kept, row: PushedRow) -> bool:
    """Say whether the roster has her as the row has her; others are looked for as new ones are."""
    candidate, student = row.number("ksh"), row.number("xh")
    return (
        bool(kept.system)
        and (kept.code, kept.name) == (row.get("yxdm"), row.get("xm"))
        and str(kept.year) == row.get("byjc")
        and candidate in {"", kept.candidate_number}
        and student in {"", kept.student_number}
    )
