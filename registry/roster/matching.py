"""Finds whom the rows of a roster are about, and refuses rows that would mix two people up."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from sqlalchemy import Select, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from registry import identity
from registry.crypto import Vault
from registry.roster.checking import Record
from registry.roster.problems import Problem, Severity
from registry.tables import Graduate


@dataclass(frozen=True)
class Known:
    """A graduate who is already in the record, as far as an import compares."""

    id: int
    name: str
    student_number: str
    candidate_number: str | None
    identity_index: str
    phone_index: str | None
    particulars_sealed: str | None


@dataclass
class Matching:
    """Whom each row is about, by row number; rows about nobody yet are new."""

    known: dict[int, Known] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


@dataclass(frozen=True)
class _Found:
    """The graduates of one year that any key of the rows points at."""

    by_student: dict[str, Known]
    by_candidate: dict[str, Known]
    by_identity: dict[str, list[Known]]


class Duplicates:
    """Remembers the keys of a file's rows: no two rows may be about the same person."""

    def __init__(self) -> None:
        """Begin with no row."""
        self._first: dict[tuple[str, int, str], int] = {}

    def see(self, record: Record) -> list[Problem]:
        """Return the problems of this row and of the earlier ones it repeats."""
        keys = (
            ("学号", record.student_number),
            ("考生号", record.candidate_number),
            ("身份证号", record.identity),
        )
        problems: list[Problem] = []
        for title, value in keys:
            if not value:
                continue
            first = self._first.setdefault((title, record.year, value), record.row)
            if first != record.row:
                problems += [
                    Problem(row, title, "duplicate", f"{title}与第 {other} 行相同，只能保留一行。")
                    for row, other in ((record.row, first), (first, record.row))
                ]
        return problems


def match(session: Session, vault: Vault, school_id: int, records: Sequence[Record]) -> Matching:
    """Find the graduates the records are about: by student number, else by candidate number."""
    matching = Matching()
    by_year = sorted(records, key=lambda record: record.year)
    for year, group in groupby(by_year, key=lambda record: record.year):
        rows = list(group)
        indexes = {each.row: identity.identity_index(vault, each.identity) for each in rows}
        found = _find(session, school_id, year, rows, indexes.values())
        for each in rows:
            _match_one(matching, each, indexes[each.row], found)
    return matching


def _find(
    session: Session, school_id: int, year: int, rows: Sequence[Record], indexes: Iterable[str]
) -> _Found:
    def those(
        column: InstrumentedAttribute[str] | InstrumentedAttribute[str | None],
        wanted: Iterable[str],
    ) -> list[Known]:
        values = {value for value in wanted if value}
        chosen = _known(school_id, year).where(column.in_(values))
        return [Known(*row) for row in session.execute(chosen)] if values else []

    students = those(Graduate.student_number, (each.student_number for each in rows))
    candidates = those(Graduate.candidate_number, (each.candidate_number for each in rows))
    same_identity: dict[str, list[Known]] = {}
    for known in those(Graduate.identity_index, indexes):
        same_identity.setdefault(known.identity_index, []).append(known)
    return _Found(
        {known.student_number: known for known in students},
        {known.candidate_number or "": known for known in candidates},
        same_identity,
    )


def _known(
    school_id: int, year: int
) -> Select[int, str, str, str | None, str, str | None, str | None]:
    return select(
        Graduate.id,
        Graduate.name,
        Graduate.student_number,
        Graduate.candidate_number,
        Graduate.identity_index,
        Graduate.phone_index,
        Graduate.particulars_sealed,
    ).where(Graduate.school_id == school_id, Graduate.year == year)


def _match_one(matching: Matching, record: Record, index: str, found: _Found) -> None:
    def complain(column: str, code: str, sentence: str, severity: Severity) -> None:
        matching.problems.append(Problem(record.row, column, code, sentence, severity))

    student = found.by_student.get(record.student_number)
    candidate = found.by_candidate.get(record.candidate_number)
    known = student or candidate
    if student and candidate and student.id != candidate.id:
        sentence = "学号和考生号分别属于两位毕业生，请核对。"
        complain("考生号", "two_people", sentence, Severity.ERROR)
    others = [
        each for each in found.by_identity.get(index, ()) if known is None or each.id != known.id
    ]
    if others:
        sentence = f"证件号码与本届学号 {others[0].student_number} 的毕业生相同，请核对。"
        complain("身份证号", "identity_taken", sentence, Severity.ERROR)
    if known is not None:
        matching.known[record.row] = known
        if index and known.identity_index and index != known.identity_index:
            if record.basics.get("name") != known.name:
                sentence = "这个学号（或考生号）已属于另一位毕业生：姓名和证件号码都不同。"
                complain("学号", "another_person", sentence, Severity.ERROR)
            else:
                sentence = "证件号码与原有记录不同，将按文件更正。"
                complain("身份证号", "identity_changes", sentence, Severity.WARNING)
    elif not index:
        sentence = "没有证件号码，本人暂时不能绑定微信。请再导入含证件号码的名单。"
        complain("身份证号", "no_identity", sentence, Severity.WARNING)
