"""A student who graduates in another month than was said is the same record, moved on."""

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session, sessionmaker

from registry.base.database import open_readers
from registry.record.confirmation.confirm import Reply, answer
from registry.record.tables import Answer, Confirmation, Graduate, Registration
from registry.roster.checking import Record
from registry.roster.matching import Roll
from registry.tasks import roster_import
from registry.tasks.roster_import import ImportChoice, Report, Upload
from tests.clock import StandingClock
from tests.registry.sheets import Person, a_person, as_xlsx, national
from tests.registry.staff_context import VAULT, WorkDesk, a_school

LATER = {"毕业时间": "202706", "毕业年份": "2027"}
AT_ONCE = ImportChoice(dry_run=False)


@pytest.fixture
def desk(sessions: sessionmaker[Session], clock: StandingClock) -> WorkDesk:
    return WorkDesk(sessions, open_readers(sessions.kw["bind"]), VAULT, clock)


@pytest.fixture
def school(desk: WorkDesk) -> int:
    with desk.sessions.begin() as session:
        return a_school(session, desk.clock)


@pytest.fixture
def student(desk: WorkDesk, school: int) -> Person:
    """Bring in a student of 2026."""
    person = a_person()
    bring_in(desk, school, person)
    return person


def bring_in(desk: WorkDesk, school: int, person: Person, choice: ImportChoice = AT_ONCE) -> Report:
    file = Upload(school, None, "名单.xlsx", as_xlsx(national(person)))
    return roster_import.import_now(desk, file, choice)


def cohorts(desk: WorkDesk) -> list[tuple[int, str]]:
    """Return cohort and month of every graduate."""
    with desk.readers.begin() as session:
        rows = session.execute(
            select(Graduate.year, Graduate.graduation_month).order_by(Graduate.id)
        )
        return [(year, month) for year, month in rows]


def warned(report: Report) -> list[str]:
    return [each["code"] for each in report.problems if each["severity"] == "warning"]


def test_the_check_says_that_she_moves_on_and_to_which_cohort(
    desk: WorkDesk, school: int, student: Person
) -> None:
    report = bring_in(desk, school, student | LATER, ImportChoice(dry_run=True))
    assert (report.counts["new"], report.counts["changed"], report.counts["moved"]) == (0, 1, 1)
    (said,) = (each["sentence"] for each in report.problems if each["code"] == "moves_on")
    assert "2026 届" in said
    assert "转入 2027 届" in said
    assert cohorts(desk) == [(2026, "202606")]


def test_she_keeps_her_record_and_its_history_and_confirms_anew(
    desk: WorkDesk, school: int, student: Person
) -> None:
    with desk.sessions.begin() as session:
        graduate = session.scalars(select(Graduate)).one()
        reply = Reply(Answer.CORRECT, graduate.registration_id or 0)
        answer(session, graduate.id, reply, channel="wechat", at=desk.clock())
    report = bring_in(desk, school, student | LATER)
    assert (report.counts["moved"], report.counts["reset"]) == (1, 1)
    assert cohorts(desk) == [(2027, "202706")]
    with desk.readers.begin() as session:
        assert session.scalars(select(Graduate.confirmation)).one() == "unconfirmed"
        assert len(session.scalars(select(Confirmation)).all()) == 1
        assert len(session.scalars(select(Registration)).all()) == 1


@pytest.mark.parametrize(
    "numbers",
    [
        {"学号": "2027999"},
        {"考生号": "27999999"},
        {"学号": "2027999", "考生号": "27999999"},
    ],
    ids=["another student number", "another candidate number", "both"],
)
def test_she_is_known_by_any_of_her_numbers(
    desk: WorkDesk, school: int, student: Person, numbers: Person
) -> None:
    report = bring_in(desk, school, student | LATER | numbers)
    assert report.counts["moved"] == 1, report.problems
    assert cohorts(desk) == [(2027, "202706")]


def test_another_degree_of_hers_is_another_record_and_said(
    desk: WorkDesk, school: int, student: Person
) -> None:
    degree = {"学号": "M2028", "考生号": "29999999", "学历代码": "11", "学历": "硕士生毕业"}
    report = bring_in(desk, school, student | degree | {"毕业时间": "202806", "毕业年份": "2028"})
    assert report.counts["new"] == 1, report.problems
    assert "another_record" in warned(report)
    assert cohorts(desk) == [(2026, "202606"), (2028, "202806")]


def test_of_a_row_that_is_refused_nothing_is_promised(
    desk: WorkDesk, school: int, student: Person
) -> None:
    report = bring_in(desk, school, student | {"学号": "M2026", "考生号": "29999999"})
    assert (report.counts["refused"], report.counts["warnings"]) == (1, 0), report.problems
    assert [each["code"] for each in report.problems if each["severity"] == "error"] == [
        "identity_taken"
    ]


def test_a_student_number_used_again_is_another_person(
    desk: WorkDesk, school: int, student: Person
) -> None:
    other = {**a_person(2), "学号": student["学号"], **LATER}
    report = bring_in(desk, school, other)
    assert (report.counts["new"], report.counts["moved"]) == (1, 0), report.problems
    assert cohorts(desk) == [(2026, "202606"), (2027, "202706")]


def test_two_rows_of_two_cohorts_are_not_both_about_her(
    desk: WorkDesk, school: int, student: Person
) -> None:
    rows = national(student, student | LATER)
    file = Upload(school, None, "名单.xlsx", as_xlsx(rows))
    report = roster_import.import_now(desk, file, AT_ONCE)
    assert report.counts["refused"] == 2
    assert cohorts(desk) == [(2026, "202606")]


@pytest.mark.parametrize("month", [{}, LATER], ids=["the same cohort", "the next cohort"])
def test_a_row_about_a_record_that_was_ended_is_refused(
    desk: WorkDesk, school: int, student: Person, month: Person
) -> None:
    with desk.sessions.begin() as session:
        session.execute(update(Graduate).values(year=-2026))
    report = bring_in(desk, school, student | month)
    assert report.counts["refused"] == 1
    assert "record_ended" in [each["code"] for each in report.problems]
    assert cohorts(desk) == [(-2026, "202606")]


def of_who_left(school: int, **changes: str) -> Upload:
    left = a_person() | {"学籍状态": "退学"} | changes
    return Upload(school, None, "名单.xlsx", as_xlsx(national(left, more=["学籍状态"])))


def test_who_left_by_a_roster_is_ended_once_and_said(
    desk: WorkDesk, school: int, student: Person
) -> None:
    planned = roster_import.import_now(desk, of_who_left(school), ImportChoice(dry_run=True))
    assert (planned.counts["changed"], planned.counts["ended"]) == (1, 1)
    assert "record_ends" in warned(planned)
    assert cohorts(desk) == [(2026, "202606")]
    roster_import.import_now(desk, of_who_left(school), AT_ONCE)
    assert cohorts(desk) == [(-2026, "202606")]
    again = roster_import.import_now(desk, of_who_left(school), AT_ONCE)
    assert (again.counts["unchanged"], again.counts["ended"]) == (1, 0), again.problems


def test_what_else_the_row_of_who_left_says_is_not_taken(
    desk: WorkDesk, school: int, student: Person
) -> None:
    report = roster_import.import_now(
        desk, of_who_left(school, **LATER, 单位名称="乙公司"), AT_ONCE
    )
    assert (report.counts["changed"], report.counts["reset"], report.counts["moved"]) == (1, 0, 0)
    assert cohorts(desk) == [(-2026, "202606")]
    with desk.readers.begin() as session:
        assert session.scalars(select(Registration.version)).all() == [1]


def test_who_left_and_is_not_on_record_is_not_added(desk: WorkDesk, school: int) -> None:
    report = roster_import.import_now(desk, of_who_left(school), AT_ONCE)
    assert report.counts["refused"] == 1
    assert cohorts(desk) == []


def test_of_other_cohorts_only_those_are_read_whom_a_row_may_mean(
    desk: WorkDesk, school: int, student: Person
) -> None:
    for number in range(2, 6):
        bring_in(desk, school, a_person(number))
    new = Record(1, 2027, "2027999", "", a_person(2)["身份证号"], "", "")
    roll = Roll(VAULT, school)
    with desk.readers.begin() as session:
        roll.match(session, [new])
    assert [each.student_number for each in roll.others([2026], [])] == [a_person(2)["学号"]]
