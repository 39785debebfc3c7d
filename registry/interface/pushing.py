"""What a province's system pushes becomes the record: by versions that only rise.

Late, doubled and shuffled versions end in the same state: a lower version is stale, the same one
with the same content unchanged, with other content a conflict, which is kept out. A higher one with
the same content only moves the version. A void record stays, else an older one would bring it back.
Destinations are written by `registry.record.registration.record`, like those of any other door.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property

from sqlalchemy.orm import Session

from registry.interface import kept_rows, sources, sync_days
from registry.interface.in_force import Pusher, lock_people, put_in_force, put_out_of_force
from registry.interface.people import NamedPeople, Person
from registry.interface.reading import PushedRow, Reading, RowFault, read
from registry.interface.sources import KeptRecord

MOST_ROWS = 1000
"""Rows of one batch: some 2 MB at 2 kB a row."""
_ANOTHER = RowFault("source_id", "graduate_differs", "该编号原属于另一名毕业生，请换用新的编号。")
_TAKEN = RowFault("source_id", "graduate_taken", "这名毕业生已有另一条有效记录，请先作废那一条。")


class PushOutcome(StrEnum):
    """What became of one row."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    STALE = "stale"
    REJECTED = "rejected"
    VERSION_CONFLICT = "version_conflict"


@dataclass(frozen=True)
class RowResult:
    """What became of one row."""

    index: int
    source_id: str
    outcome: PushOutcome
    version: int
    """The newest that is kept; of a rejected row its own."""
    errors: Sequence[RowFault] = ()
    warnings: Sequence[RowFault] = ()
    school_id: int | None = None
    """None where it is not known, or not the province's."""


@dataclass(frozen=True)
class _Line:
    """A row, whose it is (None of a void one) and what it says."""

    row: PushedRow
    person: Person | None = None
    reading: Reading = field(default_factory=Reading)

    def result(
        self, outcome: PushOutcome, version: int, school_id: int | None, *errors: RowFault
    ) -> RowResult:
        """Return what became of it."""
        warnings = self.reading.warnings
        row = self.row
        return RowResult(row.index, row.source_id, outcome, version, errors, warnings, school_id)

    def rejected(self, *errors: RowFault) -> RowResult:
        """Return that it is rejected, and why."""
        school_id = self.person.school.id if self.person else None
        return self.result(PushOutcome.REJECTED, self.row.version, school_id, *errors)


@dataclass(frozen=True)
class _Step:
    """What a line does to what is kept of its record."""

    line: _Line
    kept: KeptRecord
    outcome: PushOutcome

    @cached_property
    def becomes(self) -> KeptRecord:
        """Return what is kept afterwards."""
        row, person = self.line.row, self.line.person
        if not self.is_written:
            return self.kept
        return KeptRecord(
            id=self.kept.id,
            version=row.version,
            digest=row.digest,
            void=row.void,
            school_id=person.school.id if person else self.kept.school_id,
            graduate_id=person.id if person else self.kept.graduate_id,
        )

    @property
    def is_written(self) -> bool:
        """Say whether the version rises."""
        return self.line.row.version > self.kept.version

    @property
    def says_otherwise(self) -> bool:
        """Say whether the content is another, so that the record may change."""
        return self.outcome in {PushOutcome.CREATED, PushOutcome.UPDATED}

    @property
    def names_another(self) -> bool:
        """Say whether it names another graduate than the record was about."""
        person = self.line.person
        known = self.kept.graduate_id
        return self.is_written and person is not None and known not in {None, person.id}

    @property
    def result(self) -> RowResult:
        """Return what became of the line."""
        becomes = self.becomes
        return self.line.result(self.outcome, becomes.version, becomes.school_id)


def push(session: Session, pusher: Pusher, rows: Sequence[PushedRow]) -> list[RowResult]:
    """Take rows in, in their order; return one result for each.

    The caller's transaction is the batch's: all good rows are seen at once, or none.
    """
    results = _as_kept(session, pusher, rows)
    rest = [each for each in rows if each.index not in results]
    if rest:
        results |= _taken_in(session, pusher, rest)
    told = [results[row.index] for row in rows]
    sync_days.count(session, [(each.school_id, each.outcome) for each in told], pusher.at)
    return told


def _as_kept(session: Session, pusher: Pusher, rows: Sequence[PushedRow]) -> dict[int, RowResult]:
    """Return the results of rows that say what is kept, by one query and without a lock.

    They change nothing, so it does not matter what happens to their records meanwhile. A record
    that the batch names twice is left to those who keep the order.
    """
    named = Counter(each.source_id for each in rows)
    once = {each.source_id: each for each in rows if named[each.source_id] == 1}
    unchanged = kept_rows.unchanged(session, pusher.province, once)
    return {
        row.index: RowResult(
            *(row.index, row.source_id, PushOutcome.UNCHANGED, row.version),
            school_id=school_id,
        )
        for row, school_id in unchanged
    }


def _taken_in(session: Session, pusher: Pusher, rows: Sequence[PushedRow]) -> dict[int, RowResult]:
    people = NamedPeople(session, pusher.province, [each for each in rows if not each.void])
    seen = [_line(people, row, pusher.at) for row in rows]
    results = {each.index: each for each in seen if isinstance(each, RowResult)}
    lines = [each for each in seen if isinstance(each, _Line)]
    names = {each.row.source_id for each in lines}
    locked = sources.lock(session, pusher.province, names, pusher.at)
    standing = dict(locked)
    lock_people(session, [each.person for each in lines if each.person], locked.values())
    for together in _rounds(lines):
        results |= {each.index: each for each in _play(session, pusher, together, standing)}
    sources.drop_unwritten(session, standing)
    return results


def _line(people: NamedPeople, row: PushedRow, at: datetime) -> _Line | RowResult:
    """Return a row with whose it is and what it says, or that it is rejected."""
    if row.void:
        return _Line(row)
    person = people.of(row)
    if isinstance(person, RowFault):
        return _Line(row).rejected(person)
    line = _Line(row, person, read(row, person.facts, at))
    return line.rejected(*line.reading.errors) if line.reading.errors else line


def _rounds(lines: Sequence[_Line]) -> Iterator[list[_Line]]:
    """Yield lines of which no two are about one record or graduate; almost always all of them."""
    current, taken = list[_Line](), set[str | int]()
    for line in lines:
        names: set[str | int] = {line.row.source_id}
        if line.person:
            names.add(line.person.id)
        if names & taken:
            yield current
            current, taken = [], set()
        taken |= names
        current.append(line)
    if current:
        yield current


def _play(
    session: Session, pusher: Pusher, lines: Sequence[_Line], standing: dict[str, KeptRecord]
) -> list[RowResult]:
    """Take in lines about different records and graduates, void ones first."""
    steps = [_step(line, standing[line.row.source_id]) for line in lines]
    refused = [each.line.rejected(_ANOTHER) for each in steps if each.names_another]
    ends = [each for each in steps if each.line.row.void]
    put_out_of_force(session, [each.kept for each in ends if each.says_otherwise], pusher)
    _write(session, ends, standing, pusher.at)
    says = [each for each in steps if not each.line.row.void and not each.names_another]
    taken = _taken(session, says)
    refused += [each.line.rejected(_TAKEN) for each in taken]
    says = [each for each in says if each not in taken]
    _register(session, pusher, says)
    _write(session, says, standing, pusher.at)
    return [*refused, *(each.result for each in (*ends, *says))]


def _step(line: _Line, kept: KeptRecord) -> _Step:
    row = line.row
    is_same = row.digest == kept.digest
    if row.version < kept.version:
        return _Step(line, kept, PushOutcome.STALE)
    if row.version == kept.version and not is_same:
        return _Step(line, kept, PushOutcome.VERSION_CONFLICT)
    if is_same:
        return _Step(line, kept, PushOutcome.UNCHANGED)
    return _Step(line, kept, PushOutcome.UPDATED if kept.version else PushOutcome.CREATED)


def _taken(session: Session, steps: Sequence[_Step]) -> list[_Step]:
    """Return the steps about graduates for whom another record of the source speaks."""
    about = {
        each.line.person.id: each for each in steps if each.says_otherwise and each.line.person
    }
    speaking = sources.speaking_for(session, list(about))
    return [
        each for ident, each in about.items() if speaking.get(ident, each.kept.id) != each.kept.id
    ]


def _register(session: Session, pusher: Pusher, steps: Sequence[_Step]) -> None:
    lines = [each.line for each in steps if each.says_otherwise]
    written = [
        (each.person, each.reading.registration, each.row.reported_at)
        for each in lines
        if each.person
    ]
    put_in_force(session, written, pusher)


def _write(
    session: Session, steps: Sequence[_Step], standing: dict[str, KeptRecord], at: datetime
) -> None:
    written = [each for each in steps if each.is_written]
    sources.write(session, [each.becomes for each in written], at)
    standing.update({each.line.row.source_id: each.becomes for each in written})
