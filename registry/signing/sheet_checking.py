"""Checks the rows of a spreadsheet by the form's rules, before anybody is looked up."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from registry.accounts.school_tables import School
from registry.base.errors import RuleError
from registry.base.text import compared, folded_number
from registry.record.validation import Severity
from registry.roster.reading import row_of
from registry.signing import sheet_rows, terms
from registry.signing.sheet_plan import InvitationPlan, PlannedInvitation, RowOutcome
from registry.signing.sheet_rows import InvitationSheet, SheetRow


@dataclass(frozen=True)
class _Check:
    """What rows are held against."""

    school: School
    sent_before: Mapping[int, str]
    first_of: Mapping[str, int]
    """The first row of each student number."""
    at: datetime


def planned(
    sheet: InvitationSheet, school: School, sent_before: Mapping[int, str], at: datetime
) -> InvitationPlan:
    """Return every row of a file with what can be said of it by itself.

    `sent_before` says when rows of the same file were sent before.
    """
    first_of = dict[str, int]()
    for each in sheet.rows:
        first_of.setdefault(each.student_number, each.row)
    against = _Check(school, sent_before, first_of, at)
    return InvitationPlan([_planned(each, against) for each in sheet.rows])


def _planned(said: SheetRow, against: _Check) -> PlannedInvitation:
    row = PlannedInvitation(said.row, said.name, said.student_number, said.terms, said.answer_by)
    if said.names_nobody:
        row.outcome, row.why = RowOutcome.NOBODY, "没有姓名和学号，已跳过"
    elif said.row in against.sent_before:
        row.repeat(against.sent_before[said.row])
    elif wrong := "；".join(each.rstrip("。") for each in _wrong(said, against)):
        row.outcome, row.why = RowOutcome.INVALID, wrong
    return row


def _wrong(said: SheetRow, against: _Check) -> Iterator[str]:
    """Yield what is wrong with a row."""
    yield from _wrong_with_whom(said, against)
    yield from said.unread.values()
    for each in terms.problems(said.terms):
        if each.severity is Severity.REFUSE and each.field not in said.unread:
            yield each.sentence
    if "answer_by" not in said.unread:
        try:
            sheet_rows.last_moment(said.answer_by, against.at)
        except RuleError as refusal:
            yield f"应约截止：{refusal.sentence}"


def _wrong_with_whom(said: SheetRow, against: _Check) -> Iterator[str]:
    if not said.name and "name" not in said.unread:
        yield "请填写“姓名”"
    if not said.student_number and "student_number" not in said.unread:
        yield "请填写“学号”"
    first = against.first_of[said.student_number]
    if said.student_number and first != said.row:
        yield f"学号与第 {row_of(first)} 行相同，一人只能发一份"
    school = against.school
    named = compared(said.school)
    if named and named != compared(school.name) and folded_number(named) != school.code:
        yield f"“学校”不是上传时选择的{school.name}"
