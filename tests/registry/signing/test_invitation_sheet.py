"""Inviting by a spreadsheet: checked first, sent as a whole, told row by row, never sent twice."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from registry.accounts.tables import Role
from registry.base.database import open_readers
from registry.base.errors import NotFound, RuleError
from registry.record.tables import Graduate
from registry.roster.problems import Policy
from registry.signing import employers, naming
from registry.signing.sheet_columns import template_workbook
from registry.signing.tables import Invitation
from registry.tasks import invitation_sheet, invitation_steps, lookup
from registry.tasks.states import TaskState
from tests.clock import StandingClock
from tests.registry.sheets import as_csv, as_xlsx
from tests.registry.signing.invitation_sheets import ROW, Inviting, row_for, sheet_of
from tests.registry.signing.signwork import OTHER_CODE, TERMS, Signwork
from tests.registry.signing.test_end_of_the_year import close_on
from tests.registry.staff_context import WorkDesk


@pytest.fixture
def inviting(work: Signwork, sessions: sessionmaker[Session], clock: StandingClock) -> Inviting:
    readers = open_readers(sessions.kw["bind"])
    staff = work.recruiter()
    work.session.commit()
    return Inviting(work, WorkDesk(sessions, readers, work.campus.vault, clock), staff)


@pytest.fixture
def graduates(work: Signwork) -> list[Graduate]:
    found = [work.campus.graduate(f"王{name}") for name in "一二三四五"]
    work.session.commit()
    return found


def invitations(inviting: Inviting) -> list[Invitation]:
    with inviting.desk.readers.begin() as session:
        return list(session.scalars(select(Invitation).order_by(Invitation.id)))


def parts(counts: dict[str, int]) -> tuple[int, ...]:
    return tuple(counts[each] for each in ("rows", "ready", "sent", "refused", "skipped"))


def test_a_file_is_checked_first_and_sent_when_that_was_approved(
    inviting: Inviting, graduates: list[Graduate]
) -> None:
    checked = inviting.upload([row_for(each) for each in graduates])
    assert checked.state == TaskState.PLANNED
    assert parts(checked.counts) == (5, 5, 0, 0, 0)
    assert invitations(inviting) == []
    sent = inviting.send(checked)
    assert sent.state == TaskState.FINISHED
    assert parts(sent.counts) == (5, 0, 5, 0, 0)
    found = invitations(inviting)
    assert {each.graduate_id for each in found} == {each.id for each in graduates}
    wanted = {name: TERMS[name] for name in TERMS if name != "exits"}
    assert {name: found[0].terms[name] for name in wanted} == wanted
    assert found[0].terms["exits"].startswith("升学、录用为公务员")
    assert len(inviting.work.messages("signing_invitation")) == 5


def test_every_row_comes_back_with_what_became_of_it(
    inviting: Inviting, graduates: list[Graduate]
) -> None:
    one, two, three, four, five = graduates
    inviting.work.invite(four, inviting.staff)
    inviting.work.session.commit()
    rows = [
        row_for(one, 内部编号="A-1"),
        row_for(two, 姓名="王贰"),
        row_for(three, 岗位名称="实习生", 违约金="很多"),
        row_for(four),
        row_for(one),
        {**ROW, "姓名": "", "学号": ""},
        row_for(five, 学校="别的大学"),
    ]
    sent = inviting.send(inviting.upload(rows))
    assert inviting.outcomes(sent) == [
        *("sent", "not_found", "invalid", "invited", "invalid", "nobody", "invalid"),
    ]
    assert parts(sent.counts) == (7, 0, 1, 5, 1)
    titles, first, second, third, *_ = inviting.result(sent)
    assert titles[-3:] == ["状态", "说明", "发送时间"]
    assert first[titles.index("内部编号")] == "A-1"
    assert first[-3:] == ["已发送", "", "2026-06-10 10:00:00"]
    assert second[-3] == "未找到该毕业生"
    assert "实习、见习不能签订就业协议" in third[-2]
    assert "违约金" in third[-2]


def test_the_same_file_sends_none_the_second_time(
    inviting: Inviting, graduates: list[Graduate]
) -> None:
    content = sheet_of([row_for(each) for each in graduates])
    inviting.send(inviting.upload(content))
    again = inviting.upload(content)
    assert parts(again.counts) == (5, 0, 0, 0, 5)
    assert inviting.result(again)[1][-3:] == [
        "已发送过",
        "同一文件的这一行已经发送过，没有重复发送",
        "2026-06-10 10:00:00",
    ]
    assert len(invitations(inviting)) == 5


def test_a_file_approved_twice_at_once_is_sent_once(
    inviting: Inviting, graduates: list[Graduate]
) -> None:
    content = sheet_of([row_for(each) for each in graduates])
    first, second = inviting.upload(content), inviting.upload(content)
    assert parts(inviting.send(first).counts) == (5, 0, 5, 0, 0)
    assert parts(inviting.send(second).counts) == (5, 0, 0, 0, 5)
    assert len(invitations(inviting)) == 5


def test_another_employer_may_send_the_same_file(
    inviting: Inviting, graduates: list[Graduate]
) -> None:
    other = inviting.work.recruiter(OTHER_CODE)
    inviting.work.session.commit()
    content = sheet_of([row_for(graduates[0])])
    inviting.send(inviting.upload(content))
    assert inviting.send(inviting.upload(content, staff=other)).counts["sent"] == 1


def test_all_or_nothing_sends_nothing_of_a_file_with_one_refused_row(
    inviting: Inviting, graduates: list[Graduate]
) -> None:
    rows = [row_for(graduates[0]), row_for(graduates[1], 姓名="王贰")]
    refused = inviting.upload(rows, Policy.ALL_OR_NOTHING)
    assert refused.state == TaskState.REFUSED
    assert "一份邀请都没有发出" in refused.message
    assert parts(refused.counts) == (2, 1, 0, 1, 0)
    assert inviting.result(refused)[2][-3] == "未找到该毕业生"


def test_what_has_changed_since_the_check_holds_back_all_or_nothing(
    inviting: Inviting, graduates: list[Graduate]
) -> None:
    checked = inviting.upload([row_for(each) for each in graduates], Policy.ALL_OR_NOTHING)
    inviting.work.invite(graduates[0], inviting.staff)
    inviting.work.session.commit()
    refused = inviting.send(checked)
    assert refused.state == TaskState.REFUSED
    assert len(invitations(inviting)) == 1


def test_whoever_was_invited_since_the_check_is_not_invited_again(
    inviting: Inviting, graduates: list[Graduate]
) -> None:
    checked = inviting.upload([row_for(each) for each in graduates])
    inviting.work.invite(graduates[0], inviting.staff)
    inviting.work.session.commit()
    sent = inviting.send(checked)
    assert parts(sent.counts) == (5, 0, 4, 1, 0)
    assert inviting.outcomes(sent)[0] == "invited"


def test_an_employer_suspended_since_the_check_sends_nothing(
    inviting: Inviting, graduates: list[Graduate]
) -> None:
    checked = inviting.upload([row_for(each) for each in graduates])
    work = inviting.work
    found = employers.find(work.session, work.campus.school.id, work.campus.employer().key)
    employers.suspend(work.session, work.staff(Role.SCHOOL), found, "虚假招聘", work.at)
    work.session.commit()
    refused = inviting.send(checked)
    assert refused.state == TaskState.REFUSED
    assert "签约资格未开通或已暂停" in refused.message
    assert invitations(inviting) == []


def test_she_who_has_signed_elsewhere_is_like_any_other(
    inviting: Inviting, graduates: list[Graduate]
) -> None:
    work = inviting.work
    work.accept(graduates[0], work.invite(graduates[0], work.recruiter(OTHER_CODE)))
    work.session.commit()
    assert inviting.outcomes(inviting.upload([row_for(graduates[0])])) == ["ready"]


def test_who_cannot_sign_is_told_with_one_sentence(inviting: Inviting) -> None:
    bound = inviting.work.campus.graduate("王芳", training_mode="2", training_unit="西藏自治区")
    inviting.work.session.commit()
    (row,) = inviting.plan(inviting.upload([row_for(bound)])).rows
    assert (row.title, row.outcome) == ("目前不能签约", "cannot_sign")


def test_a_file_of_guesses_learns_no_more_than_the_form(
    inviting: Inviting, graduates: list[Graduate]
) -> None:
    guesses = [row_for(graduates[0], 学号=f"19990{number:04}") for number in range(30)]
    checked = inviting.upload([*guesses, row_for(graduates[0])])
    found = inviting.outcomes(checked)
    free = naming.OF_EMPLOYER.free
    assert found[:free] == ["not_found"] * free
    assert set(found[free:]) == {"not_looked_up"}
    again = inviting.upload([row_for(graduates[1])])
    assert inviting.outcomes(again) == ["not_looked_up"]


def test_one_wrong_name_in_twenty_is_held_against_nobody(inviting: Inviting) -> None:
    work = inviting.work
    many = [work.campus.graduate(f"张{number}号") for number in range(60)]
    work.session.commit()
    rows = [row_for(each) for each in many]
    rows += [row_for(many[0], 学号=f"19990{number:04}") for number in range(3)]
    assert inviting.upload(rows).counts["refused"] == 3
    guesses = [row_for(many[0], 学号=f"19980{number:04}") for number in range(30)]
    outcomes = inviting.outcomes(inviting.upload(guesses))
    assert outcomes.count("not_found") == naming.OF_EMPLOYER.free


def test_guesses_at_one_number_wait_whoever_asks(
    inviting: Inviting, graduates: list[Graduate], clock: StandingClock
) -> None:
    her = graduates[0]
    for number in range(naming.OF_NUMBER.free):
        clock.move(timedelta(seconds=1))
        inviting.upload([row_for(her, 姓名=f"王{number}")])
    other = inviting.work.recruiter(OTHER_CODE)
    inviting.work.session.commit()
    assert inviting.outcomes(inviting.upload([row_for(her)], staff=other)) == ["not_looked_up"]


def test_a_file_as_people_write_it_is_read(inviting: Inviting, graduates: list[Graduate]) -> None:
    one, two = graduates[:2]
    rows = [
        line.split("|")
        for line in (
            "签约邀请名单",
            "毕业生||岗位和待遇|||||||档案|户口",
            (
                "*姓 名|学号（必填）|职位|工作职位类别|工作地点|转正月薪(元)|试用期(月)|试用期工资"
                "|违约金（元）|是否接收档案|是否接收户口"
            ),
            f" {one.name} |'{one.student_number}|测试|13|370202|9,000元/月|0.0||0|不接收|N",
            (
                f"{two.name}|{two.student_number}.0|测试|工程技术人员|青岛市市南区|8500.0|3个月"
                "|7500元|无|否|否"
            ),
        )
    ]
    checked = inviting.upload(as_csv(rows, "gb18030"))
    first, second = inviting.plan(checked).rows
    assert first.outcome == "ready", first.why
    assert (first.terms["pay"], first.terms["probation_months"]) == ("9000", "0")
    assert second.why == "请填写“违约金”"
    assert (second.terms["work_location_code"], second.terms["pay"]) == ("370202", "8500")


def test_the_day_to_answer_counts_from_the_sending(
    inviting: Inviting, graduates: list[Graduate], clock: StandingClock
) -> None:
    one, two, three = graduates[:3]
    rows = [row_for(one, 应约截止="7"), row_for(two, 应约截止="2026/6/20"), row_for(three)]
    checked = inviting.upload(rows)
    clock.move(timedelta(days=2))
    inviting.send(checked)
    days = [str(each.answer_by.date()) for each in invitations(inviting)]
    assert days == ["2026-06-19", "2026-06-20", "2026-06-17"]


def test_a_row_says_that_the_school_closes_sooner(
    inviting: Inviting, graduates: list[Graduate], session: Session
) -> None:
    close_on(inviting.work, date(2026, 6, 13))
    session.commit()
    one, two = graduates[:2]
    checked = inviting.upload([row_for(one, 应约截止="3"), row_for(two)])
    assert [each.odd for each in inviting.plan(checked).rows] == [
        [],
        ["该校本届登记于6月13日截止，应约截止提前到这一天"],
    ]
    inviting.send(checked)
    assert {str(each.answer_by.date()) for each in invitations(inviting)} == {"2026-06-13"}


@pytest.mark.parametrize("day", ["下周", "፩", "0", "31", "2026/6/11"])
def test_a_day_to_answer_that_cannot_be_read_is_said_so(
    inviting: Inviting, graduates: list[Graduate], day: str
) -> None:
    checked = inviting.upload([row_for(graduates[0], 应约截止=day)])
    (row,) = inviting.plan(checked).rows
    assert row.outcome == "invalid"
    assert row.why.startswith("应约截止：")


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([["甲", "乙", "丙"], ["1", "2", "3"]], "没有找到表头"),
        ([["姓名", "学号", "岗位名称"], ["王一", "1", "测试"]], "缺少必需的列"),
        ([["姓名", "学号", *ROW, "职位"], ["王一"]], "两列的含义相同"),
        ([["姓名", "学号", *ROW]], "没有要邀请的毕业生"),
    ],
)
def test_what_is_no_such_file_is_refused_with_what_to_do(
    inviting: Inviting, rows: list[list[str]], code: str
) -> None:
    refused = inviting.upload(as_xlsx(rows))
    assert refused.state == TaskState.REFUSED
    assert code in refused.message


def test_the_empty_template_holds_nobody(inviting: Inviting) -> None:
    refused = inviting.upload(template_workbook())
    assert "没有要邀请的毕业生" in refused.message


def test_others_see_nothing_of_it(inviting: Inviting, graduates: list[Graduate]) -> None:
    checked = inviting.upload([row_for(graduates[0])])
    employer_id = inviting.work.recruiter(OTHER_CODE).employer_id or 0
    inviting.work.session.commit()
    with inviting.desk.sessions.begin() as session:
        with pytest.raises(NotFound):
            invitation_sheet.approve(session, employer_id, checked.key)
        assert lookup.recent_of_employer(session, employer_id, 20) == []
        assert lookup.recent(session, inviting.work.campus.scope, 20) == []


def test_an_abandoned_file_cannot_be_sent(inviting: Inviting, graduates: list[Graduate]) -> None:
    checked = inviting.upload([row_for(graduates[0])])
    with inviting.desk.sessions.begin() as session:
        invitation_sheet.abandon(session, checked.employer_id or 0, checked.key)
    with pytest.raises(RuleError) as refused:
        inviting.send(checked)
    assert refused.value.code == "sheet_moved_on"
    assert invitation_steps.PARTS == ("ready", "sent", "refused", "skipped")
