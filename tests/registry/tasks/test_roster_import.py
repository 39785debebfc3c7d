"""A roster comes into the record whole: planned first, all or nothing seen, nothing doubled."""

import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import func, select, update
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker

from registry.accounts.school_tables import Department
from registry.base import files
from registry.base.database import database_now, open_readers
from registry.base.errors import NotFound, RuleError
from registry.base.file_tables import StoredFile
from registry.codes import identity
from registry.record import events
from registry.record.confirmation.confirm import Reply, answer
from registry.record.confirmation.states import ConfirmationState
from registry.record.scope import Scope
from registry.record.tables import Answer, Graduate, Registration
from registry.review.seasons import season
from registry.roster import assessing
from registry.roster.problems import Policy
from registry.tasks import claims, kinds, lookup, roster_import, run
from registry.tasks.claims import Claim
from registry.tasks.procedure import Running
from registry.tasks.roster_import import ImportChoice, Report, Upload
from registry.tasks.states import TaskKind, TaskState
from registry.tasks.tables import Task
from tests.clock import StandingClock
from tests.registry.sheets import Rows, a_person, as_csv, as_xlsx, export_2024, national, upload
from tests.registry.staff_context import VAULT, WorkDesk, a_school
from tests.registry.tasks.conftest import BASE

AT_ONCE = ImportChoice(dry_run=False)


@pytest.fixture
def desk(sessions: sessionmaker[Session], clock: StandingClock) -> WorkDesk:
    return WorkDesk(sessions, open_readers(sessions.kw["bind"]), VAULT, clock)


@pytest.fixture
def school(desk: WorkDesk) -> int:
    with desk.sessions.begin() as session:
        return a_school(session, desk.clock)


def bring_in(desk: WorkDesk, school: int, rows: Rows, choice: ImportChoice = AT_ONCE) -> Report:
    return roster_import.import_now(desk, Upload(school, None, "名单.xlsx", as_xlsx(rows)), choice)


def begun(desk: WorkDesk, school: int, rows: Rows, choice: ImportChoice) -> str:
    with desk.sessions.begin() as session:
        sent = Upload(school, None, "名单.xlsx", as_xlsx(rows))
        return roster_import.begin(session, desk.vault, sent, choice, desk.clock()).key


def count(desk: WorkDesk, table: type[DeclarativeBase]) -> int:
    with desk.readers.begin() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def the_graduate(session: Session) -> Graduate:
    return session.scalars(select(Graduate)).one()


def codes(report: Report, severity: str = "error") -> list[tuple[int, str]]:
    return [(each["row"], each["code"]) for each in report.problems if each["severity"] == severity]


@pytest.mark.parametrize("lay_out", [national, upload, export_2024])
def test_each_layout_says_the_same_of_a_person(
    desk: WorkDesk, school: int, lay_out: Callable[..., Rows]
) -> None:
    report = bring_in(desk, school, lay_out(a_person()))
    assert (report.state, report.year) == (TaskState.FINISHED, 2026)
    assert report.counts["new"] == report.counts["reported"] == 1
    with desk.readers.begin() as session:
        found = the_graduate(session)
        registered = session.get_one(Registration, found.registration_id)
    assert (found.student_number, found.level, found.sex) == ("002200001", "31", "1")
    assert (found.origin, found.graduation_month) == ("山东省济南市历下区", "202606")
    assert found.confirmation == ConfirmationState.UNCONFIRMED
    assert (registered.category, registered.unit_code) == ("10", "91350100M000100Y43")
    assert registered.unit_location == "福建省福州市鼓楼区"


def test_numbers_are_sealed_and_found_by_their_index(desk: WorkDesk, school: int) -> None:
    person = a_person()
    bring_in(desk, school, national(person))
    with desk.readers.begin() as session:
        found = the_graduate(session)
    number, phone = person["身份证号"], person["手机号码"]
    assert desk.vault.open(identity.IDENTITY, found.id, found.identity_sealed) == number
    assert found.identity_index == identity.identity_index(desk.vault, number)
    assert found.phone_sealed
    assert desk.vault.open(identity.PHONE, found.id, found.phone_sealed) == phone
    assert found.particulars_sealed
    said = json.loads(desk.vault.open(identity.PARTICULARS, found.id, found.particulars_sealed))
    assert said["ethnicity"] == "汉族"


def test_the_same_file_twice_changes_and_announces_nothing(desk: WorkDesk, school: int) -> None:
    heard: list[events.RecordEvent] = []
    rows = national(a_person(1), a_person(2))
    bring_in(desk, school, rows)
    events.tell_before_commit(desk.sessions, lambda _session, happened: heard.extend(happened))
    report = bring_in(desk, school, rows)
    assert (report.counts["unchanged"], report.counts["changed"], report.counts["new"]) == (2, 0, 0)
    assert heard == []
    assert count(desk, Registration) == count(desk, Graduate) == 2


def test_another_layout_of_the_same_people_changes_nothing(desk: WorkDesk, school: int) -> None:
    bring_in(desk, school, national(a_person()))
    assert bring_in(desk, school, upload(a_person())).counts["unchanged"] == 1
    assert bring_in(desk, school, export_2024(a_person())).counts["unchanged"] == 1


def test_a_corrected_employer_resets_the_answer_and_is_announced(
    desk: WorkDesk, school: int, clock: StandingClock
) -> None:
    heard: list[events.RecordEvent] = []
    bring_in(desk, school, national(a_person()))
    with desk.sessions.begin() as session:
        found = the_graduate(session)
        reply = Reply(Answer.CORRECT, found.registration_id or 0)
        answer(session, found.id, reply, channel="wechat", at=clock())
    events.tell_before_commit(desk.sessions, lambda _session, happened: heard.extend(happened))
    report = bring_in(desk, school, national(a_person(单位名称="远山建设有限公司")))
    assert (report.counts["changed"], report.counts["reset"]) == (1, 1)
    (happened,) = heard
    assert isinstance(happened, events.RegistrationsChanged)
    assert [each.blocks for each in happened.changes] == [("毕业去向",)]
    with desk.readers.begin() as session:
        assert the_graduate(session).confirmation == ConfirmationState.UNCONFIRMED


def test_a_dry_run_writes_nothing_until_it_is_approved(desk: WorkDesk, school: int) -> None:
    key = begun(desk, school, national(a_person()), ImportChoice())
    assert run.run_next(desk, BASE)
    with desk.sessions.begin() as session:
        planned = roster_import.find(session, Scope(school), key)
        assert (planned.state, planned.counts["new"]) == (TaskState.PLANNED, 1)
        assert count(desk, Graduate) == 0
        roster_import.approve(session, Scope(school), key)
    assert run.run_next(desk, BASE)
    assert count(desk, Graduate) == 1
    assert not run.run_next(desk, BASE)


def test_approving_twice_is_told_apart(desk: WorkDesk, school: int) -> None:
    key = begun(desk, school, national(a_person()), ImportChoice())
    run.run_next(desk, BASE)
    with desk.sessions.begin() as session:
        roster_import.approve(session, Scope(school), key)
        with pytest.raises(RuleError, match="import_moved_on"):
            roster_import.approve(session, Scope(school), key)


def test_valid_rows_come_in_and_the_refused_are_handed_back(desk: WorkDesk, school: int) -> None:
    report = bring_in(
        desk, school, national(a_person(1), a_person(2, 身份证号="370102200301150013"))
    )
    assert (report.counts["new"], report.counts["refused"]) == (1, 1)
    with desk.readers.begin() as session:
        name, content = roster_import.refused_file(session, desk.vault, Scope(school), report.key)
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0)
    header, refused = sheet.to_python()
    assert name.endswith(".xlsx")
    assert header[-1] == "未导入原因"
    assert "校验位" in str(refused[-1])
    assert "第 3 行" in str(refused[-1])
    assert refused[header.index("学号")] == "002200002"


def test_a_mended_refused_file_can_come_back_as_it_is(desk: WorkDesk, school: int) -> None:
    rows = national(a_person(), more=["未导入原因", "辅导员"])
    report = bring_in(desk, school, rows)
    notes = [each["sentence"] for each in report.problems if each["code"] == "unknown_columns"]
    assert notes == ["这些列没有用到：辅导员。"]


def test_all_or_nothing_brings_in_nothing(desk: WorkDesk, school: int) -> None:
    rows = national(a_person(1), a_person(2, 毕业去向代码="99"))
    report = bring_in(desk, school, rows, ImportChoice(Policy.ALL_OR_NOTHING, dry_run=False))
    assert report.state is TaskState.REFUSED
    assert "本次未导入" in report.message
    assert count(desk, Graduate) == 0


def test_rows_that_repeat_each_other_are_all_refused(desk: WorkDesk, school: int) -> None:
    again = a_person(2, 学号=a_person(1)["学号"])
    report = bring_in(desk, school, national(a_person(1), again, a_person(3)))
    assert codes(report) == [(2, "duplicate"), (3, "duplicate")]
    assert report.counts["new"] == 1


def test_an_identity_of_somebody_else_is_refused(desk: WorkDesk, school: int) -> None:
    bring_in(desk, school, national(a_person(1)))
    thief = a_person(2, 身份证号=a_person(1)["身份证号"])
    assert codes(bring_in(desk, school, national(thief))) == [(2, "identity_taken")]


def test_a_student_number_of_somebody_else_is_refused(desk: WorkDesk, school: int) -> None:
    bring_in(desk, school, national(a_person(1)))
    other = a_person(2, 学号=a_person(1)["学号"], 姓名="周明")
    assert codes(bring_in(desk, school, national(other))) == [(2, "another_person")]


def test_a_name_in_another_spelling_is_nobody_else(desk: WorkDesk, school: int) -> None:
    bring_in(desk, school, national(a_person(1, 姓名="阿依古丽·买买提")))
    corrected = {"身份证号": a_person(2)["身份证号"], "性别代码": a_person(2)["性别代码"]}
    again = a_person(1, 姓名="阿依古丽买买提", **corrected, 性别=a_person(2)["性别"])
    assert codes(bring_in(desk, school, national(again))) == []


def test_a_value_in_another_spelling_is_stored_once(desk: WorkDesk, school: int) -> None:
    bring_in(desk, school, national(a_person(单位名称="青禾科技（福建）有限公司")))
    again = a_person(单位名称="青禾科技(福建) 有限公司", 单位联系人="王经理")
    assert bring_in(desk, school, national(again)).counts["changed"] == 1
    with desk.readers.begin() as session:
        found = session.get_one(Registration, the_graduate(session).registration_id)
    assert (found.unit_name, found.unit_contact) == ("青禾科技（福建）有限公司", "王经理")


def test_a_corrected_student_number_finds_its_owner(desk: WorkDesk, school: int) -> None:
    bring_in(desk, school, national(a_person()))
    report = bring_in(desk, school, national(a_person(学号="2022000A")))
    assert (report.counts["changed"], report.counts["new"]) == (1, 0)
    with desk.readers.begin() as session:
        assert the_graduate(session).student_number == "2022000A"


def test_two_rows_about_one_graduate_are_refused(desk: WorkDesk, school: int) -> None:
    bring_in(desk, school, national(a_person(1)))
    by_student = a_person(1, 考生号="")
    by_candidate = a_person(1, 学号="2022000B", 身份证号=a_person(4)["身份证号"])
    report = bring_in(desk, school, national(by_student, by_candidate))
    assert codes(report) == [(2, "same_graduate"), (3, "same_graduate")]


def test_an_empty_cell_forgets_nothing_of_the_person(desk: WorkDesk, school: int) -> None:
    bring_in(desk, school, national(a_person()))
    bring_in(desk, school, national(a_person(手机号码="", 所在班级="", 所在院系="")))
    with desk.readers.begin() as session:
        found = the_graduate(session)
        department = session.get_one(Department, found.department_id)
    assert found.phone_sealed
    assert (found.class_name, department.name) == ("计科2201", "计算机学院")


def test_who_no_longer_has_an_employer_keeps_nothing_of_it(desk: WorkDesk, school: int) -> None:
    bring_in(desk, school, national(a_person()))
    seeking = a_person(毕业去向代码="70", 毕业去向="待就业", 单位名称="", 单位组织机构代码="")
    bring_in(desk, school, export_2024(seeking))
    with desk.readers.begin() as session:
        registered = session.get_one(Registration, the_graduate(session).registration_id)
    assert (registered.unit_name, registered.unit_contact, registered.unit_code) == ("", "", "")
    assert registered.file_unit == "福州市人才服务中心"


def test_a_lost_workers_import_is_done_again_and_nothing_is_doubled(
    desk: WorkDesk, school: int
) -> None:
    begun(desk, school, national(a_person()), AT_ONCE)
    with desk.sessions.begin() as session:
        lost = claims.claim(session)
        assert lost is not None
    assert not run.run_next(desk, BASE)
    _let_the_lease_pass(desk)
    assert run.run_next(desk, BASE)
    go_on(desk, lost)  # the lost worker wakes up
    assert count(desk, Graduate) == count(desk, Registration) == 1


def test_a_worker_writes_nothing_once_another_has_its_import(desk: WorkDesk, school: int) -> None:
    begun(desk, school, national(a_person()), AT_ONCE)
    with desk.sessions.begin() as session:
        lost = claims.claim(session)
    _let_the_lease_pass(desk)
    with desk.sessions.begin() as session:
        assert claims.claim(session)
    assert lost is not None
    go_on(desk, lost)
    assert count(desk, Graduate) == 0
    with desk.sessions.begin() as session, pytest.raises(claims.Overtaken):
        claims.write(session, lost, done=1)


def test_an_import_that_never_ends_is_given_up(desk: WorkDesk, school: int) -> None:
    key = begun(desk, school, national(a_person()), AT_ONCE)
    for _ in range(run.MAX_ATTEMPTS):
        with desk.sessions.begin() as session:
            assert claims.claim(session)
        _let_the_lease_pass(desk)
    assert run.run_next(desk, BASE)
    with desk.readers.begin() as session:
        given_up = roster_import.find(session, Scope(school), key)
    assert (given_up.state, "重新上传" in given_up.message) == (TaskState.REFUSED, True)


def go_on(desk: WorkDesk, lost: Claim) -> None:
    """Let a lost worker wake up with the import it had claimed."""
    run.run_claimed(Running(desk, BASE, kinds.PROCEDURES[TaskKind.ROSTER_IMPORT], lost))


def _let_the_lease_pass(desk: WorkDesk) -> None:
    with desk.sessions.begin() as session:
        past = database_now(session) - timedelta(seconds=1)
        session.execute(update(Task).values(lease_until=past))


def test_progress_is_the_number_of_rows(desk: WorkDesk, school: int) -> None:
    people = [a_person(number) for number in range(1, 8)]
    key = begun(desk, school, national(*people), ImportChoice())
    run.run_next(desk, BASE)
    with desk.readers.begin() as session:
        found = roster_import.find(session, Scope(school), key)
    assert (found.done, found.total) == (7, 7)


def test_another_school_and_a_department_find_no_import(desk: WorkDesk, school: int) -> None:
    key = begun(desk, school, national(a_person()), ImportChoice())
    with desk.readers.begin() as session:
        for scope in (Scope(school + 1), Scope(school, 1)):
            with pytest.raises(NotFound):
                roster_import.find(session, scope, key)
            assert not roster_import.recent(session, scope)
        assert [each.key for each in roster_import.recent(session, Scope(school))] == [key]


def test_files_are_sealed_and_swept_after_a_week(
    desk: WorkDesk, school: int, clock: StandingClock
) -> None:
    key = begun(desk, school, national(a_person()), ImportChoice())
    with desk.sessions.begin() as session:
        stored = files.find(session, school, session.scalars(select(StoredFile.id)).one())
        assert stored is not None
        assert b"PK" not in stored.sealed[:40]
        assert files.sweep_expired(session, clock.move(timedelta(days=8))) == 1
    run.run_next(desk, BASE)
    with desk.readers.begin() as session:
        assert "重新上传" in roster_import.find(session, Scope(school), key).message


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_csv_comes_in_whatever_its_encoding(desk: WorkDesk, school: int, encoding: str) -> None:
    content = as_csv(national(a_person()), encoding)
    report = roster_import.import_now(desk, Upload(school, None, "名单.csv", content), AT_ONCE)
    assert (report.state, report.counts["new"]) == (TaskState.FINISHED, 1)


def test_people_of_two_years_come_in_from_one_file(desk: WorkDesk, school: int) -> None:
    late = replace_year(a_person(2), "202506")
    assert bring_in(desk, school, national(a_person(1), late)).counts["new"] == 2
    with desk.readers.begin() as session:
        assert sorted(session.scalars(select(Graduate.year))) == [2025, 2026]


def test_who_graduates_in_december_registers_until_the_end_of_next_august(
    desk: WorkDesk, school: int
) -> None:
    bring_in(desk, school, national(replace_year(a_person(), "202612")))
    with desk.readers.begin() as session:
        graduate = session.scalars(select(Graduate)).one()
        rules = season(session, school, graduate.year)
    assert (graduate.year, graduate.graduation_month) == (2027, "202612")
    assert rules.refusal(datetime(2027, 8, 31, 15, 59, tzinfo=UTC)) is None
    assert rules.refusal(datetime(2027, 8, 31, 16, 0, tzinfo=UTC)) is not None


def replace_year(person: dict[str, str], month: str) -> dict[str, str]:
    return {**person, "毕业时间": month, "毕业年份": month[:4]}


def test_an_import_stays_in_the_list_however_long_ago_it_was(
    desk: WorkDesk, school: int, clock: StandingClock
) -> None:
    key = bring_in(desk, school, national(a_person())).key
    with desk.sessions.begin() as session:
        assert lookup.forget_old(session, clock.move(timedelta(days=400))) == 0
        assert [each.key for each in roster_import.recent(session, Scope(school))] == [key]


def test_a_report_is_json(desk: WorkDesk, school: int) -> None:
    report = bring_in(desk, school, national(a_person(), a_person(2, 姓名="")))
    assert json.loads(json.dumps(report.as_json()))["counts"]["refused"] == 1


def test_a_school_without_departments_gets_all_of_a_long_file(
    desk: WorkDesk, school: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assessing, "CHUNK", 10)
    people = [a_person(number) for number in range(1, 13)]
    people[-1] = {**people[-1], "所在院系": "海洋学院"}
    choice = ImportChoice(dry_run=False, makes_departments=False)
    report = bring_in(desk, school, national(*people), choice)
    assert report.counts["new"] == 12, report.message
    report = bring_in(desk, school, national({**a_person(900), "所在院系": "海羊学院"}), choice)
    assert (report.state, "海羊学院" in report.message) == (TaskState.REFUSED, True)
