"""The files of the office: right columns, right people, texts only, nothing that is not theirs."""

import io
import re
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import IO, Any
from zipfile import ZipFile

import pytest
import python_calamine
from sqlalchemy import select

from registry.accounts.tables import AuditEntry
from registry.base.errors import RuleError
from registry.numbers.sealed_number import COLUMNS, sealed_number
from registry.numbers.shape import Kind
from registry.record.tables import Graduate
from registry.tasks import kinds, run, workbooks
from registry.tasks.file_making import make_file
from registry.tasks.people import Building
from registry.tasks.states import TaskKind, TaskState
from tests import pdf_reading
from tests.registry.statements import statements
from tests.registry.tasks.conftest import BASE, Bureau, reported
from tests.wxapp.school.records import IDENTITY as CARD
from tests.wxapp.school.records import PHONE as MOBILE
from tests.wxapp.school.records import Campus

NUMBER = re.compile(r"[0-9]{7}[0-9A-Z]{11}")


def sheet_of(content: bytes) -> list[list[Any]]:
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
    return book.get_sheet_by_index(0).to_python()


def numbers_of(bureau: Bureau) -> set[str]:
    with bureau.desk.readers.begin() as session:
        rows = session.execute(select(*COLUMNS)).all()
    return {sealed_number(each).number(bureau.desk.vault) for each in rows}


def test_the_posting_list_has_the_twelve_columns_staff_made_by_hand(bureau: Bureau) -> None:
    bureau.add(
        lambda campus: reported(
            campus,
            "=HYPERLINK(1)",
            file_address="海尔路 178 号",
            file_contact="档案科",
            file_phone="0532-8",
        )
    )
    name, content = bureau.file(bureau.done(TaskKind.POSTING_LIST))
    assert re.fullmatch(r"寄档清单_2026届_20260610_1000\.xlsx", name)
    heading, row = sheet_of(content)
    assert heading == [
        *("姓名", "生源地名称", "档案转寄类型名称", "身份证号", "手机号码", "用人单位名称"),
        *("档案转寄单位", "档案转递单位地址", "档案转寄联系人", "档案转寄联系电话", "班级"),
        "转递编号",
    ]
    (number,) = numbers_of(bureau)
    assert row == [
        *("=HYPERLINK(1)", "", "签约单位接收", CARD, MOBILE, "青岛海纳软件有限公司"),
        *("青岛市人才服务中心", "海尔路 178 号", "档案科", "0532-8", "软件2201", number),
    ]
    assert b"<f>" not in ZipFile(io.BytesIO(content)).read("xl/worksheets/sheet1.xml")


def test_the_table_says_all_but_who_she_is_to_the_state(bureau: Bureau) -> None:
    bureau.add(lambda campus: reported(campus, "李娟"))
    for kind, own in ((Kind.FILE, "档案转递类型"), (Kind.HOUSEHOLD, "户口迁移类型")):
        heading, row = sheet_of(bureau.file(bureau.done(TaskKind.TABLE, kind))[1])
        said = dict(zip(heading, row, strict=True))
        assert said["姓名"], said["毕业去向"] == ("李娟", "签就业协议形式就业")
        assert said[own]
        assert NUMBER.fullmatch(str(said["转递编号"]))
        assert (said["编号状态"], said["本次变化"]) == ("有效", "本次新生成")
        assert CARD not in row
        assert MOBILE not in row


def test_what_lapsed_is_renewed_before_it_is_downloaded_and_said(bureau: Bureau) -> None:
    people: list[Graduate] = []
    bureau.add(lambda campus: people.extend(reported(campus, name) for name in ("甲一", "乙二")))
    assert bureau.done(TaskKind.NUMBERS).counts == {"created": 2, "renewed": 0}
    old = numbers_of(bureau)
    bureau.clock.move(timedelta(minutes=1))
    bureau.add(
        lambda campus: campus.report(
            campus.session.merge(people[0], load=True), file_unit="济南市人才中心"
        )
    )
    task = bureau.done(TaskKind.TABLE)
    assert (task.counts["created"], task.counts["renewed"]) == (0, 1)
    heading, first, second = sheet_of(bureau.file(task)[1])
    changes = [row[heading.index("本次变化")] for row in (first, second)]
    assert changes == ["本次更新", ""]
    assert str(first[heading.index("转递编号")]) not in old
    assert str(second[heading.index("转递编号")]) in old


def test_a_download_of_what_needs_renewal_still_holds_exactly_those(bureau: Bureau) -> None:
    bureau.add(lambda campus: [reported(campus, name) for name in ("甲一", "乙二")])
    task = bureau.done(TaskKind.TABLE, state="none")
    assert task.total == 2
    assert len(sheet_of(bureau.file(task)[1])) == 3


def test_the_reports_are_named_by_number_and_name_and_who_is_missing_is_told(
    bureau: Bureau,
) -> None:
    names = ("李娟", "李\U0002a6d6", "../../王/芳")
    bureau.add(lambda campus: [reported(campus, name) for name in names])
    task = bureau.done(TaskKind.REPORTS)
    with ZipFile(io.BytesIO(bureau.file(task)[1])) as archive:
        found = archive.namelist()
        report = archive.read(next(name for name in found if name.endswith("-李娟.pdf")))
        told = archive.read("未列入的人员.txt").decode()
    assert len(found) == 3
    assert all("/" not in name and "\\" not in name for name in found)
    assert "李\U0002a6d6：字库中没有“\U0002a6d6”" in told
    assert "档案信息转递报告" in pdf_reading.words_of(report)
    assert len(pdf_reading.codes_of(report)) == 1
    assert task.counts["left_out"] == 1
    assert "没有列入：1 人字库中没有“\U0002a6d6”" in task.message


def test_a_slip_has_two_parts_and_all_that_is_filled_in_by_hand(bureau: Bureau) -> None:
    bureau.add(
        lambda campus: [
            reported(campus, name, file_address="海尔路 178 号") for name in ("李娟#[]$", "王芳")
        ]
    )
    name, pdf = bureau.file(bureau.done(TaskKind.SLIPS))
    assert name.endswith(".pdf")
    first, second = pdf_reading.pages_of(pdf)
    assert "李娟#[]$" in first
    assert "王芳" in second
    for part in (
        *("高等学校毕业生档案转递单", "回执", f"身份证号{CARD}", f"手机号码{MOBILE}"),
        *("收档单位名称青岛市人才服务中心", "收档单位地址海尔路178号"),
        *("就业单位名称青岛海纳软件有限公司", "档案转递类型签约单位接收"),
        *("班级软件2201", "收件人（签名）", "2026年6月10日"),
    ):
        assert part in first
    found = {re.search(f"转递编号({NUMBER.pattern})", page)[1] for page in (first, second)}  # type: ignore[index]  # found, or the test fails
    assert found == numbers_of(bureau)


def test_no_slip_is_printed_for_a_file_that_stays(bureau: Bureau) -> None:
    def people(campus: Campus) -> None:
        reported(campus, "李娟")
        reported(campus, "王芳", file_type="暂存学校", file_unit="")

    bureau.add(people)
    task = bureau.done(TaskKind.SLIPS)
    with ZipFile(io.BytesIO(bureau.file(task)[1])) as archive:
        assert archive.namelist() == ["高等学校毕业生档案转递单-001.pdf", "未列入的人员.txt"]
        assert "王芳：档案留在学校" in archive.read("未列入的人员.txt").decode()


def test_slips_of_nobody_are_refused_with_a_sentence(bureau: Bureau) -> None:
    bureau.add(lambda campus: reported(campus, file_type="暂存学校", file_unit=""))
    task = bureau.done(TaskKind.SLIPS)
    assert (task.state, task.file_id) == (TaskState.REFUSED, None)
    assert "没有一份可以打印" in task.message


def test_what_is_not_posted_has_no_posting_list_and_nobody_no_task(bureau: Bureau) -> None:
    with pytest.raises(RuleError, match="nobody_meant"):
        bureau.ask(TaskKind.TABLE)
    bureau.add(reported)
    with pytest.raises(RuleError, match="not_of_this_kind"):
        bureau.ask(TaskKind.POSTING_LIST, Kind.HOUSEHOLD)
    bureau.done(TaskKind.NUMBERS)
    with pytest.raises(RuleError, match="nobody_meant"):
        bureau.ask(TaskKind.NUMBERS)


def test_a_department_gets_its_own_people_only(bureau: Bureau) -> None:
    bureau.add(lambda campus: [reported(campus, "甲一"), reported(campus, "乙二", department=1)])
    task = bureau.ask(TaskKind.TABLE, scope=bureau.campus.department_scope(1))
    bureau.work()
    heading, *rows = sheet_of(bureau.file(bureau.now(task))[1])
    assert [row[heading.index("姓名")] for row in rows] == ["乙二"]
    assert len(numbers_of(bureau)) == 1


def test_the_log_says_who_took_what_of_how_many_and_no_more(bureau: Bureau) -> None:
    bureau.add(reported)
    bureau.done(TaskKind.POSTING_LIST)
    with bureau.desk.readers.begin() as session:
        entry = session.scalars(select(AuditEntry)).one()
    assert (entry.action, entry.actor) == ("office_posting_list", f"staff:{bureau.staff.key}")
    assert entry.details == {
        "kind": "file",
        "people": 1,
        "created": 1,
        "renewed": 0,
        "left_out": 0,
    }


def test_a_file_that_takes_long_is_seen_to_be_read_for(bureau: Bureau) -> None:
    """PostgreSQL ends a transaction that asks nothing for a minute, however much is done for it."""
    bureau.add(lambda campus: reported(campus, "李娟"))
    asked = list[bool]()

    def write(building: Building, file: IO[bytes]) -> None:
        for done in range(2):
            with statements(building.session) as said:
                building.advance(done)
            asked.append(any("SELECT 1" in each for each in said))
        workbooks.write_table(building, file)

    usual = kinds.PROCEDURES[TaskKind.TABLE]
    slow = replace(usual, run=partial(make_file, write=write, is_workbook=True))
    task = bureau.ask(TaskKind.TABLE)
    assert run.run_next(bureau.desk, BASE, {**kinds.PROCEDURES, TaskKind.TABLE: slow})
    assert bureau.now(task).state == TaskState.FINISHED
    assert asked == [True, True]
