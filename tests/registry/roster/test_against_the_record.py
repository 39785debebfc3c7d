"""Rows are held against what is on record of the same person: agreements, phones."""

from datetime import UTC, datetime

import pytest
from sqlalchemy.orm import Session, sessionmaker

from registry.base.database import open_readers
from registry.record.scope import Scope
from registry.tasks import roster_import, run
from registry.tasks.roster_import import ImportChoice, Report, Upload
from tests.clock import StandingClock
from tests.registry.sheets import Person, a_person, as_xlsx
from tests.registry.staff_context import VAULT, WorkDesk, a_school

AT = datetime(2026, 6, 10, 2, 0, tzinfo=UTC)
OF_A_PERSON = ["学号", "姓名", "身份证号", "毕业时间", "手机号码"]
AGREEMENT = ["培养方式", "定向或委培单位"]
DESTINATION = ["毕业去向", "单位名称"]
DIRECTED = {"培养方式": "定向", "定向或委培单位": "某研究所", "手机号码": "16000000001"}
ELSEWHERE = {"毕业去向": "签就业协议形式就业", "单位名称": "青禾科技有限公司"}


@pytest.fixture
def desk(sessions: sessionmaker[Session], clock: StandingClock) -> WorkDesk:
    return WorkDesk(sessions, open_readers(sessions.kw["bind"]), VAULT, clock)


@pytest.fixture
def school(desk: WorkDesk) -> int:
    with desk.sessions.begin() as session:
        return a_school(session, desk.clock)


def bring_in(desk: WorkDesk, school: int, person: Person, titles: list[str]) -> Report:
    content = as_xlsx([titles, [person.get(title, "") for title in titles]])
    choice = ImportChoice(dry_run=False)
    return roster_import.import_now(desk, Upload(school, None, "名单.xlsx", content), choice)


def said(report: Report) -> list[tuple[str, str]]:
    return [(each["code"], each["severity"]) for each in report.problems if each["row"]]


def test_a_directed_graduate_on_record_is_held_to_the_agreement_by_a_file_that_has_no_word_of_it(
    desk: WorkDesk, school: int
) -> None:
    bring_in(desk, school, a_person(1, **DIRECTED), [*OF_A_PERSON, *AGREEMENT])
    titles = [*OF_A_PERSON, *DESTINATION]
    refused = bring_in(desk, school, a_person(1, **ELSEWHERE), titles)
    assert (refused.counts["refused"], refused.counts["changed"]) == (1, 0)
    assert ("agreement_unit", "error") in said(refused)
    kept = {**ELSEWHERE, "单位名称": "某研究所"}
    assert bring_in(desk, school, a_person(1, **kept), titles).counts["changed"] == 1


def test_a_file_that_ends_the_agreement_frees_her(desk: WorkDesk, school: int) -> None:
    bring_in(desk, school, a_person(1, **DIRECTED), [*OF_A_PERSON, *AGREEMENT])
    free = a_person(1, **ELSEWHERE, 培养方式="非定向")
    report = bring_in(desk, school, free, [*OF_A_PERSON, *AGREEMENT, *DESTINATION])
    assert report.counts["changed"] == 1


def test_who_has_no_destination_yet_comes_in_with_a_warning(desk: WorkDesk, school: int) -> None:
    seeking = a_person(1, **DIRECTED, 毕业去向="待就业", 单位名称="")
    report = bring_in(desk, school, seeking, [*OF_A_PERSON, *AGREEMENT, *DESTINATION])
    assert report.counts["new"] == 1
    assert ("agreement_category", "warning") in said(report)


@pytest.mark.parametrize("phone", ["", "无"])
def test_a_missing_phone_is_told_with_what_follows(desk: WorkDesk, school: int, phone: str) -> None:
    report = bring_in(desk, school, a_person(手机号码=phone), OF_A_PERSON)
    assert report.counts["new"] == 1
    (told,) = [each for each in report.problems if each["code"] == "no_phone"]
    assert "不能绑定微信" in told["sentence"]


def test_a_phone_that_is_on_record_need_not_be_said_again(desk: WorkDesk, school: int) -> None:
    bring_in(desk, school, a_person(), OF_A_PERSON)
    assert said(bring_in(desk, school, a_person(手机号码=""), OF_A_PERSON)) == []


def test_a_file_without_a_column_for_phones_says_so_once(desk: WorkDesk, school: int) -> None:
    report = bring_in(desk, school, a_person(), OF_A_PERSON[:-1])
    assert [each["row"] for each in report.problems if "phone" in each["code"]] == [0]
    assert said(report) == []


def test_an_error_cell_changes_nothing_on_record(desk: WorkDesk, school: int) -> None:
    titles = [*OF_A_PERSON, "所在院系", "民族", *DESTINATION, "单位组织机构代码"]
    bring_in(desk, school, a_person(), titles)
    broken = ("所在院系", "民族", "单位名称", "单位组织机构代码")
    report = bring_in(desk, school, {**a_person(), **dict.fromkeys(broken, "#N/A")}, titles)
    assert (report.counts["unchanged"], report.counts["changed"]) == (1, 0)
    assert said(report) == [("error_cell", "warning")] * 4


@pytest.mark.parametrize(
    ("first", "again"),
    [
        ({"姓名": "张三"}, {"姓名": "张\u3000三"}),
        ({"姓名": "王\u200b五"}, {"姓名": "王五"}),
        ({"学号": "2022010101"}, {"学号": "2022010101.0"}),
        ({"学号": "0022010101"}, {"学号": "'0022010101"}),
        ({"手机号码": "13800138000"}, {"手机号码": "(+86)138-0013-8000;"}),
        ({"毕业时间": "202606"}, {"毕业时间": "2026-06-30 00:00:00"}),
        ({"专业代码": "080901"}, {"专业代码": "80901"}),
    ],
)
def test_the_same_said_by_another_program_changes_nobody(
    desk: WorkDesk, school: int, first: Person, again: Person
) -> None:
    titles = [*OF_A_PERSON, "专业代码"]
    bring_in(desk, school, {**a_person(), **first}, titles)
    report = bring_in(desk, school, {**a_person(), **again}, titles)
    assert (report.counts["unchanged"], report.counts["new"]) == (1, 0)


def test_the_plan_names_who_is_new_who_changes_and_who_is_not_in_the_file(
    desk: WorkDesk, school: int
) -> None:
    titles = [*OF_A_PERSON, "所在院系", "学历", *DESTINATION]
    for number in (1, 2, 3):
        bring_in(desk, school, a_person(number), titles)
    changed = a_person(1, 单位名称="远山建设有限公司", 所在院系="文学院")
    people = (changed, a_person(4, 姓名="孙丽"), {**a_person(3), "身份证号": "3701"})
    content = as_xlsx([titles, *([each.get(title, "") for title in titles] for each in people)])
    with desk.sessions.begin() as session:
        upload = Upload(school, None, "名单.xlsx", content)
        key = roster_import.begin(session, desk.vault, upload, ImportChoice(), desk.clock()).key
    assert run.run_next(desk, "")
    with desk.readers.begin() as session:
        found = roster_import.find(session, Scope(school), key)
        plan = roster_import.plan_of(session, desk.vault, found)
    assert plan is not None
    assert [(each.name, each.row) for each in plan.new] == [("孙丽", 3)]
    (person,) = plan.changed
    assert person.changes == [
        ("院系", "计算机学院", "文学院"),
        ("单位名称", "青禾科技有限公司", "远山建设有限公司"),
    ]
    assert [each.student_number for each in plan.absent] == ["002200002"]
    assert plan.departments == {"文学院": 1}
