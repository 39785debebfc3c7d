"""Finds whom the rows of a roster are about, and refuses rows that would mix two people up."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.base.crypto import Vault
from registry.base.text import compared_name
from registry.codes import identity
from registry.record.tables import Graduate
from registry.roster.checking import Record
from registry.roster.problems import RowProblem, RowSeverity
from registry.roster.reading import row_words


@dataclass(frozen=True, slots=True)
class Known:
    """A graduate who is already in the record, as far as a row is matched."""

    id: int
    name: str
    student_number: str
    candidate_number: str | None
    identity_index: str
    phone_index: str | None


@dataclass
class Matching:
    """Whom each row is about, by row number; rows about nobody yet are new."""

    known: dict[int, Known] = field(default_factory=dict)
    problems: list[RowProblem] = field(default_factory=list)


class Duplicates:
    """Remembers the keys of a file's rows: no two rows may be about the same person."""

    def __init__(self) -> None:
        """Begin with no row."""
        self._first: dict[tuple[str, int, str], int] = {}

    def see(self, record: Record) -> list[RowProblem]:
        """Return the problems of this row and of the earlier ones it repeats."""
        keys = (
            ("学号", record.student_number),
            ("考生号", record.candidate_number),
            ("身份证号", record.identity),
        )
        problems: list[RowProblem] = []
        for title, value in keys:
            if not value:
                continue
            first = self._first.setdefault((title, record.year, value), record.row)
            if first != record.row:
                problems += [
                    RowProblem(
                        row, title, "duplicate", f"{title}与{row_words(other)}相同，只能保留一行。"
                    )
                    for row, other in ((record.row, first), (first, record.row))
                ]
        return problems


class Roll:
    """A school's graduates as they are before an import; a year is read when a row asks for it.

    One query a year: a list of 500 numbers would be looked for in the whole table each time,
    since a database knows nothing yet of rows that this transaction has added.
    """

    def __init__(self, vault: Vault, school_id: int) -> None:
        """Begin with no year read."""
        self._vault = vault
        self._school_id = school_id
        self._years: set[int] = set()
        self._by_student: dict[tuple[int, str], Known] = {}
        self._by_candidate: dict[tuple[int, str], Known] = {}
        self._by_identity: dict[tuple[int, str], Known] = {}
        self._row_of: dict[int, int] = {}

    def match(self, session: Session, records: Sequence[Record]) -> Matching:
        """Find the graduates the records are about: by student number, else candidate number."""
        for year in {record.year for record in records} - self._years:
            self._read(session, year)
        matching = Matching()
        for record in records:
            known = self._known(matching, record)
            if known is not None:
                matching.known[record.row] = known
        return matching

    def _read(self, session: Session, year: int) -> None:
        rows = session.execute(
            select(
                Graduate.id,
                Graduate.name,
                Graduate.student_number,
                Graduate.candidate_number,
                Graduate.identity_index,
                Graduate.phone_index,
            ).where(Graduate.school_id == self._school_id, Graduate.year == year)
        )
        for row in rows:
            known = Known(*row)
            self._by_student[year, known.student_number] = known
            if known.candidate_number:
                self._by_candidate[year, known.candidate_number] = known
            if known.identity_index:
                self._by_identity[year, known.identity_index] = known
        self._years.add(year)

    def _known(self, matching: Matching, record: Record) -> Known | None:
        def refuse(column: str, code: str, sentence: str, row: int = record.row) -> None:
            matching.problems.append(RowProblem(row, column, code, sentence))

        student = self._by_student.get((record.year, record.student_number))
        candidate = self._by_candidate.get((record.year, record.candidate_number))
        known = student or candidate
        if student and candidate and student.id != candidate.id:
            refuse("考生号", "two_people", "学号和考生号分别属于两位毕业生，请核对。")
        index = identity.identity_index(self._vault, record.identity)
        same = self._by_identity.get((record.year, index)) if index else None
        if same is not None and (known is None or same.id != known.id):
            number = same.student_number
            refuse(
                "身份证号", "identity_taken", f"证件号码与本届学号 {number} 的毕业生相同，请核对。"
            )
        if known is None:
            _warn_of_no_identity(matching, record)
            return None
        first = self._row_of.setdefault(known.id, record.row)
        if first != record.row:
            sentence = "与{}说的是同一位毕业生，只能保留一行。"
            refuse("学号", "same_graduate", sentence.format(row_words(first)))
            refuse("学号", "same_graduate", sentence.format(row_words(record.row)), first)
        _compare(matching, record, known, index)
        return known


def _warn_of_no_identity(matching: Matching, record: Record) -> None:
    if not record.identity:
        sentence = "没有证件号码，本人暂时不能绑定微信。请再导入含证件号码的名单。"
        matching.problems.append(
            RowProblem(record.row, "身份证号", "no_identity", sentence, RowSeverity.WARNING)
        )


def _compare(matching: Matching, record: Record, known: Known, index: str) -> None:
    """Tell a corrected identity number from a row that is about somebody else."""
    if not index or not known.identity_index or index == known.identity_index:
        return
    if compared_name(record.basics.get("name", "")) != compared_name(known.name):
        sentence = "这个学号（或考生号）已属于另一位毕业生：姓名和证件号码都不同。"
        matching.problems.append(RowProblem(record.row, "学号", "another_person", sentence))
    else:
        sentence = "证件号码与原有记录不同，将按文件更正。"
        matching.problems.append(
            RowProblem(record.row, "身份证号", "identity_changes", sentence, RowSeverity.WARNING)
        )
