"""A courier's list is checked first, noted as a whole, told row by row, and twice does no harm."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from io import BytesIO

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from registry.base import files
from registry.base.errors import NotFound, RuleError
from registry.numbers import shape
from registry.numbers.posting import noting
from registry.numbers.posting.noting import PostRoom
from registry.numbers.posting.states import PostingWay
from registry.numbers.posting.tables import Posting
from registry.numbers.sealed_number import COLUMNS, sealed_number
from registry.numbers.tables import IssuedNumber
from registry.record.scope import Scope
from registry.record.tables import Graduate
from registry.roster.problems import Policy
from registry.tasks import courier_list, courier_rows, courier_steps, run
from registry.tasks.courier_list import CourierChoice
from registry.tasks.sheet_files import Upload
from registry.tasks.states import TaskKind, TaskState
from registry.tasks.tables import Task
from tests.registry.sheets import as_csv, as_xlsx
from tests.registry.tasks.conftest import BASE, Bureau
from tests.wxapp.school.records import Campus

TODAY = date(2026, 6, 10)
Rows = Sequence[Mapping[str, str]]


@dataclass
class Mailroom:
    """A school that uploads courier's lists."""

    bureau: Bureau
    graduates: dict[str, Graduate]

    def upload(
        self, rows: Rows | bytes, policy: Policy = Policy.VALID_ROWS, scope: Scope | None = None
    ) -> Task:
        """Upload a list and have it checked."""
        desk, campus = self.bureau.desk, self.bureau.campus
        content = rows if isinstance(rows, bytes) else sheet_of(rows)
        upload = Upload(campus.school.id, self.bureau.staff.id, "寄送.xlsx", content)
        choice = CourierChoice(2026, PostingWay.EMS, policy)
        with desk.sessions.begin() as session:
            where = scope or campus.scope
            begun = courier_list.begin(session, desk.vault, where, upload, choice, desk.clock())
        return self.work(begun)

    def note(self, task: Task) -> Task:
        """Approve what was checked, and have it noted."""
        with self.bureau.desk.sessions.begin() as session:
            courier_list.approve(session, self.bureau.campus.scope, task.key)
        return self.work(task)

    def work(self, task: Task) -> Task:
        """Do all there is to do; return the task as it is then."""
        while run.run_next(self.bureau.desk, BASE):
            pass
        with self.bureau.desk.readers.begin() as session:
            return session.get_one(Task, task.id)

    def whys(self, task: Task) -> list[str]:
        """Return what is said of each row."""
        desk = self.bureau.desk
        with desk.readers.begin() as session:
            plan = courier_steps.plan_of(session, desk.vault, task)
            assert plan is not None
            return [each.why for each in plan.rows]

    def result(self, task: Task) -> list[list[str]]:
        """Return the rows of the result file."""
        desk = self.bureau.desk
        with desk.readers.begin() as session:
            stored = files.find(session, task.of_school, task.file_id)
            assert stored is not None
            content = files.opened(desk.vault, stored)
        book = CalamineWorkbook.from_filelike(BytesIO(content))
        return [list(map(str, row)) for row in book.get_sheet_by_index(0).to_python()]

    def postings(self) -> dict[str, Posting]:
        """Return the standing postings by name."""
        with self.bureau.desk.readers.begin() as session:
            ids = [each.id for each in self.graduates.values()]
            found = noting.standing_of(session, ids)
            return {n: found[g.id] for n, g in self.graduates.items() if g.id in found}


def sheet_of(rows: Rows) -> bytes:
    titles = list(dict.fromkeys(title for row in rows for title in row))
    return as_xlsx([titles, *([row.get(title, "") for title in titles] for row in rows)])


def parts(task: Task) -> tuple[int, ...]:
    return tuple(task.counts[each] for each in ("rows", "ready", "noted", "refused", "skipped"))


@pytest.fixture
def mail(bureau: Bureau) -> Mailroom:
    graduates = dict[str, Graduate]()

    def prepare(campus: Campus) -> None:
        for place, name in enumerate(("甲甲", "乙乙", "丙丙", "留留", "无无")):
            graduates[name] = campus.graduate(name, place % 2)
        for name in ("甲甲", "乙乙", "丙丙"):
            campus.report(graduates[name], file_address="福州南路8号")
        campus.report(graduates["留留"], file_type="暂存学校", file_unit="")
        for each in graduates.values():
            campus.session.refresh(each)

    bureau.add(prepare)
    return Mailroom(bureau, graduates)


def row_for(graduate: Graduate, number: str = "EA123456785CN", **more: str) -> dict[str, str]:
    return {
        "学号": graduate.student_number,
        "姓名": graduate.name,
        "单号": number,
        "寄出日期": "20260609",
        **more,
    }


def test_a_list_is_checked_first_and_noted_when_that_was_approved(mail: Mailroom) -> None:
    first, second = mail.graduates["甲甲"], mail.graduates["乙乙"]
    rows = [row_for(first), row_for(second, "370001234", 方式="机要", 签收日期="2026-06-10")]
    checked = mail.upload(rows)
    assert checked.state == TaskState.PLANNED
    assert parts(checked) == (2, 2, 0, 0, 0)
    assert mail.postings() == {}
    noted = mail.note(checked)
    assert (noted.state, parts(noted)) == (TaskState.FINISHED, (2, 0, 2, 0, 0))
    found = mail.postings()
    assert (found["甲甲"].way, found["甲甲"].state) == ("ems", "posted")
    assert found["甲甲"].address == "福州南路8号"
    assert (found["乙乙"].way, found["乙乙"].received_on) == ("confidential", TODAY)
    assert mail.result(noted)[1][-2:] == ["已登记", "寄出"]


def test_the_same_list_twice_changes_nothing(mail: Mailroom) -> None:
    rows = [row_for(mail.graduates["甲甲"], 签收日期="20260610")]
    mail.note(mail.upload(rows))
    before = mail.postings()["甲甲"].settled_at
    again = mail.upload(rows)
    assert parts(again) == (1, 0, 0, 0, 1)
    assert mail.whys(again) == ["内容与已登记的一致，没有重复登记"]
    assert mail.postings()["甲甲"].settled_at == before


def test_a_list_of_receipts_notes_what_came_in(mail: Mailroom) -> None:
    her = mail.graduates["甲甲"]
    mail.note(mail.upload([row_for(her)]))
    receipt = {"学号": her.student_number, "邮件号": "EA123456785CN", "妥投日期": "2026-06-10"}
    noted = mail.note(mail.upload([receipt]))
    assert parts(noted) == (1, 0, 1, 0, 0)
    assert mail.postings()["甲甲"].received_on == TODAY


def test_each_row_that_cannot_be_noted_says_why(mail: Mailroom) -> None:
    one, two = mail.graduates["甲甲"], mail.graduates["乙乙"]
    stays, nothing = mail.graduates["留留"], mail.graduates["无无"]
    mail.note(mail.upload([row_for(one)]))
    rows = [
        row_for(one, "EA999999999CN"),
        row_for(one, 寄出日期="20260608"),
        {**row_for(two), "姓名": "别人"},
        {**row_for(two), "学号": "999"},
        row_for(two, 寄出日期="20260611"),
        row_for(two, 签收日期="20260601"),
        row_for(two, 寄出日期=""),
        row_for(two, "1.05E+12"),
        row_for(two, 方式="顺丰"),
        row_for(stays),
        row_for(nothing),
        {"方式": "EMS"},
        {**row_for(two), "学号": ""},
    ]
    task = mail.upload(rows)
    assert parts(task) == (13, 0, 0, 12, 1)
    whys = mail.whys(task)
    assert whys[0].startswith("已登记寄送：2026-06-09 通过EMS寄出，单号 EA123456785CN，已寄出")
    expected = [
        "同一单号已登记的寄出日期为 2026-06-09，请核对",
        "姓名与学校登记的不一致",
        "2026 届没有这位毕业生，或不在您的管理范围内",
        "寄出日期不能晚于今天",
        "签收日期不能早于寄出日期（2026-06-09）",
        "请填写“寄出日期”",
        "“单号”“单号”被表格当成了数值",
        "“寄送方式”寄送方式请填写“EMS”或“机要”",
        "档案转递类型为“暂存学校”，不用寄送",
        "尚未上报去向，不能登记寄送",
        "没有内容，已跳过",
        "请填写“学号”“转递编号”或“转档字号”",
    ]
    for why, words in zip(whys[1:], expected, strict=True):
        assert why.startswith(words), (why, words)
    assert [row[-2] for row in mail.result(task)][:2] == ["状态", "不能登记"]


def test_one_graduate_has_one_row(mail: Mailroom) -> None:
    her = mail.graduates["甲甲"]
    task = mail.upload([row_for(her), row_for(her, "EA999999999CN")])
    assert parts(task) == (2, 1, 0, 1, 0)
    assert mail.whys(task)[1] == "与第 2 行是同一位毕业生，一人只能有一行"


def test_one_number_for_two_files_is_pointed_out_and_noted(mail: Mailroom) -> None:
    first, second, third = (mail.graduates[name] for name in ("甲甲", "乙乙", "丙丙"))
    filled_down = [row_for(first), row_for(second), row_for(third, "EA100000017CN")]
    task = mail.note(mail.upload(filled_down))
    assert (parts(task), task.counts["warnings"]) == ((3, 0, 3, 0, 0), 1)
    said = [row[-1] for row in mail.result(task)[1:]]
    assert ["单号与第 2 行相同" in each for each in said] == [False, True, False]


def test_a_graduate_is_named_by_her_transfer_number_or_the_slips_reference(mail: Mailroom) -> None:
    bureau = mail.bureau
    bureau.ask(TaskKind.NUMBERS)
    bureau.work()
    with bureau.desk.readers.begin() as session:
        row = session.execute(
            select(*COLUMNS).where(IssuedNumber.graduate_id == mail.graduates["甲甲"].id)
        ).one()
        number = shape.grouped(sealed_number(row).number(bureau.desk.vault))
    reference = f"档转字 2026-{mail.graduates['乙乙'].student_number} 号"
    rows = [
        {"转递编号": number, "单号": "12345", "寄出日期": "20260609"},
        {"转档字号": reference, "单号": "12345", "寄出日期": "20260609"},
        {"转递编号": number, "学号": mail.graduates["丙丙"].student_number, "单号": "12345"},
        {"转递编号": "26104252222222222", "单号": "12345", "寄出日期": "20260609"},
    ]
    task = mail.note(mail.upload(rows))
    assert parts(task) == (4, 0, 2, 2, 0)
    assert set(mail.postings()) == {"甲甲", "乙乙"}
    assert mail.whys(task)[2] == "转递编号与学号不是同一位毕业生"
    assert mail.whys(task)[3] == "“转递编号”不是有效的转递编号，请核对"


def test_what_was_noted_meanwhile_is_refused_and_the_sum_still_adds_up(mail: Mailroom) -> None:
    bureau, her = mail.bureau, mail.graduates["甲甲"]
    checked = mail.upload([row_for(her), row_for(mail.graduates["乙乙"])])
    mail.note(mail.upload([row_for(her, "EA999999999CN")]))
    noted = mail.note(checked)
    assert parts(noted) == (2, 0, 1, 1, 0)
    assert mail.postings()["甲甲"].number == "EA999999999CN"
    assert bureau.desk.clock() is not None


def test_nothing_is_noted_that_was_not_good_when_it_was_approved(mail: Mailroom) -> None:
    her = mail.graduates["无无"]
    checked = mail.upload([row_for(her), row_for(mail.graduates["甲甲"])])
    assert parts(checked) == (2, 1, 0, 1, 0)
    mail.bureau.add(lambda campus: campus.report(campus.session.merge(her)))
    noted = mail.note(checked)
    assert parts(noted) == (2, 0, 1, 1, 0)
    assert mail.whys(noted)[0] == "核对之后登记信息有变化，请重新上传核对"
    assert set(mail.postings()) == {"甲甲"}


def test_all_or_nothing_notes_nothing_where_a_row_is_refused(mail: Mailroom) -> None:
    rows = [row_for(mail.graduates["甲甲"]), row_for(mail.graduates["留留"])]
    task = mail.upload(rows, Policy.ALL_OR_NOTHING)
    assert task.state == TaskState.REFUSED
    assert "有 1 行没有通过核对" in task.message
    assert mail.postings() == {}


def test_a_department_notes_its_own_only(mail: Mailroom) -> None:
    campus = mail.bureau.campus
    rows = [row_for(mail.graduates["甲甲"]), row_for(mail.graduates["乙乙"])]
    task = mail.upload(rows, scope=campus.department_scope(0))
    assert parts(task) == (2, 1, 0, 1, 0)
    with mail.bureau.desk.sessions.begin() as session, pytest.raises(NotFound):
        courier_list.approve(session, campus.department_scope(1), task.key)


def test_a_list_that_was_given_up_is_not_noted(mail: Mailroom) -> None:
    task = mail.upload([row_for(mail.graduates["甲甲"])])
    with mail.bureau.desk.sessions.begin() as session:
        courier_list.abandon(session, mail.bureau.campus.scope, task.key)
    with pytest.raises(RuleError, match="list_moved_on"):
        mail.note(task)
    assert mail.postings() == {}


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([["学号", "单号", "寄出日期"]], "no_rows"),
        ([["姓名", "寄出日期", "方式"], ["甲", "20260609", "EMS"]], "columns_missing"),
        ([["姓名", "单号", "方式"], ["甲", "12345", "EMS"]], "columns_missing"),
        ([["天气", "心情"], ["晴", "好"]], "no_header"),
        ([["学号", "单号", "运单号"], ["1", "2", "3"]], "column_twice"),
    ],
)
def test_what_is_no_list_is_refused_as_a_whole(rows: list[list[str]], code: str) -> None:
    with pytest.raises(RuleError, match=f"^{code}:"):
        courier_rows.read(as_csv(rows))


def test_the_template_is_read_back(mail: Mailroom) -> None:
    assert PostRoom(mail.bureau.campus.scope, "staff:x", mail.bureau.desk.clock()).today == TODAY
    with pytest.raises(RuleError, match=r"^no_rows:"):
        courier_rows.read(courier_rows.template_workbook())
