"""Finds whom the rows of a roster are about, and refuses rows that would mix two people up."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from registry.base.crypto import Vault
from registry.base.database import one_of_texts
from registry.base.text import compared_name
from registry.codes import identity
from registry.codes.categories import BOUND_TRAINING
from registry.record.tables import Graduate
from registry.record.validation import GraduateFacts, agreement_problems
from registry.roster.checking import Record
from registry.roster.destinations import breaks_agreement
from registry.roster.layouts import TITLES
from registry.roster.problems import RowProblem, RowSeverity
from registry.roster.reading import row_words


class Known(NamedTuple):
    """A graduate who is already in the record, as far as a row is matched."""

    id: int
    year: int
    """The cohort; below 0 for a record that was ended."""
    name: str
    student_number: str
    candidate_number: str | None
    identity_index: str
    phone_index: str | None
    level: str
    training_mode: str
    training_unit: str


_GRADUATE = Graduate.__table__.c
_KNOWN = [_GRADUATE[name] for name in Known._fields]


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
        self._phones: dict[str, list[int]] = {}
        """The rows of each phone."""

    def see(self, record: Record) -> list[RowProblem]:
        """Return the problems of this row and of the earlier ones it repeats."""
        keys = (
            ("学号", record.student_number),
            ("考生号", record.candidate_number),
            ("身份证号", record.identity),
        )
        problems: list[RowProblem] = []
        if record.phone:
            self._phones.setdefault(record.phone, []).append(record.row)
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

    def shared_phones(self) -> list[list[int]]:
        """Return the rows of each phone that more people have than one family has."""
        return [rows for rows in self._phones.values() if len(rows) > FAMILY]


FAMILY = 2
"""How many graduates of a school may have one phone, a parent's: more is one filled in for many."""
NEAR = 2
"""How many cohorts apart records of one identity number and level are one study, put off."""


class Roll:
    """A school's graduates as they are before an import; a year is read when a row asks for it.

    A row about nobody of its own cohort may be about somebody of another, who graduates earlier or
    later than was said (延期): of other years only those are read who have a number of such a row.

    One query a year: a list of 500 numbers would be looked for in the whole table each time,
    since a database knows nothing yet of rows that this transaction has added.
    """

    def __init__(self, vault: Vault, school_id: int) -> None:
        """Begin with no year read."""
        self._vault = vault
        self._school_id = school_id
        self._years: set[int] = set()
        self._all_years: set[int] = set()
        """The years the school has records of; empty while nobody asked."""
        self._by_student: dict[tuple[int, str], Known] = {}
        self._by_candidate: dict[tuple[int, str], Known] = {}
        self._by_identity: dict[tuple[int, str], Known] = {}
        self._row_of: dict[int, int] = {}
        self._indexes: set[str] = set()
        """The blind indexes of all that were read."""

    def match(self, session: Session, records: Sequence[Record]) -> Matching:
        """Find the graduates the records are about: by student number, else candidate number.

        In another cohort also by identity number and level.
        """
        for year in {record.year for record in records} - self._years:
            self._read(session, year)
        named = [self._of_the_cohort(each) for each in records]
        pairs = list(zip(records, named, strict=True))
        unmatched = [record for record, those in pairs if those == (None, None)]
        if unmatched:
            self._read_elsewhere(session, unmatched)
        matching = Matching()
        for record, (student, candidate) in pairs:
            known = self._known(matching, record, student, candidate)
            if known is not None:
                matching.known[record.row] = known
                matching.problems += _against_the_agreement(record, known)
            if record.has_empty_phone and not (known and known.phone_index):
                matching.problems.append(_no_phone(record))
        matching.problems = _without_promises(matching.problems)
        return matching

    def others(self, years: Collection[int], numbers: Collection[str]) -> list[Known]:
        """Return who is on record in some cohorts and whom no row was about, by student number.

        `numbers` are student numbers of rows that were refused before they were matched.
        """
        return [
            known
            for (year, number), known in sorted(self._by_student.items())
            if year in years and known.id not in self._row_of and number not in numbers
        ]

    def _read_elsewhere(self, session: Session, records: Sequence[Record]) -> None:
        """Read who of the years that are not read has a number of these records."""
        if not self._all_years:
            mine = select(_GRADUATE.year).where(_GRADUATE.school_id == self._school_id).distinct()
            self._all_years = set(session.scalars(mine))
        years = sorted(self._all_years - self._years)
        numbers = (
            (_GRADUATE.student_number, (each.student_number for each in records)),
            (_GRADUATE.candidate_number, (each.candidate_number for each in records)),
            (
                _GRADUATE.identity_index,
                [index for each in records for index in identity_indexes(self._vault, each)],
            ),
        )
        for column, said in numbers:
            wanted = list(filter(None, said))
            if years and wanted:
                theirs = one_of_texts(session, column, wanted)
                self._remember(session, _GRADUATE.year.in_(years), theirs)

    def _read(self, session: Session, year: int) -> None:
        self._remember(session, _GRADUATE.year == year)
        self._years.add(year)

    def _remember(self, session: Session, *those: ColumnElement[bool]) -> None:
        wanted = select(*_KNOWN).where(_GRADUATE.school_id == self._school_id, *those)
        for row in session.execute(wanted).all():
            known = Known._make(row)
            year = known.year
            self._by_student[year, known.student_number] = known
            if known.candidate_number:
                self._by_candidate[year, known.candidate_number] = known
            if known.identity_index:
                self._by_identity[year, known.identity_index] = known
                self._indexes.add(known.identity_index)

    def _index_of(self, record: Record) -> str:
        """Return the index a row's person is kept under, or would be; empty for no number."""
        indexes = identity_indexes(self._vault, record)
        return next((each for each in indexes if each in self._indexes), next(iter(indexes), ""))

    def _known(
        self, matching: Matching, record: Record, student: Known | None, candidate: Known | None
    ) -> Known | None:
        def refuse(column: str, code: str, sentence: str, row: int = record.row) -> None:
            matching.problems.append(RowProblem(row, column, code, sentence))

        known = student or candidate
        if student and candidate and student.id != candidate.id:
            refuse("考生号", "two_people", "学号和考生号分别属于两位毕业生，请核对。")
        index = self._index_of(record)
        same = self._by_identity.get((record.year, index)) if index else None
        if same is not None and (known is None or same.id != known.id):
            number = same.student_number
            refuse(
                "身份证号", "identity_taken", f"证件号码与本届学号 {number} 的毕业生相同，请核对。"
            )
        if known is None and same is None:
            known = self._of_another_cohort(record, index)
            _tell_of_another_cohort(matching, record, known)
        if record.left:
            _tell_of_who_left(matching, record, known)
        if known is None:
            _warn_of_no_identity(matching, record)
            self._warn_of_another_record(matching, record, index)
            return None
        first = self._row_of.setdefault(known.id, record.row)
        if first != record.row:
            sentence = "与{}说的是同一位毕业生，只能保留一行。"
            refuse("学号", "same_graduate", sentence.format(row_words(first)))
            refuse("学号", "same_graduate", sentence.format(row_words(record.row)), first)
        _compare(matching, record, known, index)
        return known

    def _of_the_cohort(self, record: Record) -> tuple[Known | None, Known | None]:
        """Return whom the row's student number and its candidate number name in its own cohort."""
        return (
            self._by_student.get((record.year, record.student_number)),
            self._by_candidate.get((record.year, record.candidate_number)),
        )

    def _of_another_cohort(self, record: Record, index: str) -> Known | None:
        """Return the same student in the nearest other cohort; numbers say more than the person."""
        years = sorted(self._years | self._all_years, key=lambda year: abs(abs(year) - record.year))
        students = (self._by_student.get((year, record.student_number)) for year in years)
        candidates = (self._by_candidate.get((year, record.candidate_number)) for year in years)
        for known in (*students, *candidates):
            if known is not None and _is_same_person(known, record, index):
                return known
        people = (self._by_identity.get((year, index)) for year in years) if index else ()
        return next((each for each in people if each and _is_same_study(each, record)), None)

    def _warn_of_another_record(self, matching: Matching, record: Record, index: str) -> None:
        read = self._years | self._all_years
        years = sorted(each for each in read if (each, index) in self._by_identity)
        if index and years:
            words = "、".join(f"{abs(each)} 届" for each in years)
            sentence = f"本校 {words}已有同一人的毕业记录，将另外新增一条。"
            if self._is_another_phone(record, [self._by_identity[each, index] for each in years]):
                sentence += _ANOTHER_PHONE
            matching.problems.append(
                RowProblem(record.row, "身份证号", "another_record", sentence, RowSeverity.WARNING)
            )

    def _is_another_phone(self, record: Record, known: Sequence[Known]) -> bool:
        """Say whether a row's phone is none of the person's other records."""
        phones = {each.phone_index for each in known if each.phone_index}
        theirs = identity.phone_indexes(self._vault, record.phone) if record.phone else ()
        return bool(phones and theirs) and phones.isdisjoint(theirs)


_ANOTHER_PHONE = "手机号与原记录不同：将通知原手机号和已绑定的微信，24 小时后才能绑定新的微信。"


def identity_indexes(vault: Vault, record: Record) -> Sequence[str]:
    """Return what a row's person may be kept under; worked out once, since it is asked often."""
    if record.identity and not record.identity_indexes:
        record.identity_indexes = identity.identity_indexes(vault, record.identity)
    return record.identity_indexes


def _without_promises(problems: Sequence[RowProblem]) -> list[RowProblem]:
    """Leave out what is said of a row that is refused: nothing of it will happen."""
    refused = {each.row for each in problems if each.severity is RowSeverity.ERROR}
    return [
        each for each in problems if each.severity is RowSeverity.ERROR or each.row not in refused
    ]


def _is_same_person(known: Known, record: Record, index: str) -> bool:
    """Say whether a number of another cohort is the same student's: schools give them out again."""
    if index and known.identity_index:
        return index == known.identity_index
    return compared_name(record.basics.get("name", "")) == compared_name(known.name)


def _is_same_study(known: Known, record: Record) -> bool:
    """Say whether a person's record is of the study the row is about, not of one before or after.

    The first digit of a level is the study's (学历代码), the second whether it was completed.
    """
    near = abs(abs(known.year) - record.year) <= NEAR
    level: str = record.basics.get("level", "")
    return near and level != "" and level[:1] == known.level[:1]


def _tell_of_who_left(matching: Matching, record: Record, known: Known | None) -> None:
    if known is None:
        sentence = f"学籍状态为“{record.left}”，本校没有这位毕业生的记录，不需要导入。"
        matching.problems.append(RowProblem(record.row, "学籍状态", "left_unknown", sentence))
    elif known.year > 0:
        sentence = (
            f"学籍状态为“{record.left}”，将停用本校 {known.year} 届学号 {known.student_number} "
            "的记录：不计入名单、统计和提醒，编号失效；该行的其他内容不导入。"
        )
        matching.problems.append(
            RowProblem(record.row, "学籍状态", "record_ends", sentence, RowSeverity.WARNING)
        )


def _tell_of_another_cohort(matching: Matching, record: Record, known: Known | None) -> None:
    if known is None or record.left:
        return
    if known.year < 0:
        sentence = "这位毕业生的记录已停用。如需继续登记，请先在其页面恢复，再导入。"
        matching.problems.append(RowProblem(record.row, "学号", "record_ended", sentence))
        return
    sentence = (
        f"与本校 {known.year} 届学号 {known.student_number} 是同一毕业生，"
        f"将转入 {record.year} 届：原编号失效，已确认的需重新确认。"
    )
    matching.problems.append(
        RowProblem(record.row, "毕业时间", "moves_on", sentence, RowSeverity.WARNING)
    )


def _no_phone(record: Record) -> RowProblem:
    sentence = "没有手机号码，收不到短信验证码，本人暂时不能绑定微信。请补上手机号码再导入。"
    return RowProblem(record.row, "手机号码", "no_phone", sentence, RowSeverity.WARNING)


def _against_the_agreement(record: Record, known: Known) -> list[RowProblem]:
    """Hold who is directed or commissioned on record to that, where the row says nothing of it."""
    mode, unit = (record.basics.get(name) for name in ("training_mode", "training_unit"))
    bound = (mode or known.training_mode) in BOUND_TRAINING
    if not bound or not record.registration or (mode and unit):
        return []
    said = {name: value for name, value in record.registration.items() if value}
    facts = GraduateFacts(
        training_mode=mode or known.training_mode, training_unit=unit or known.training_unit
    )
    return [
        RowProblem(
            record.row,
            TITLES[problem.field],
            problem.code,
            problem.sentence,
            RowSeverity.ERROR if breaks_agreement(problem, said) else RowSeverity.WARNING,
        )
        for problem in agreement_problems(said, facts)
        if problem.code != "agreement_unknown" and problem.field in record.registration
    ]


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
