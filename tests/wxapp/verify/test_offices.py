"""An office with an account looks a list up: each line judged, logged, and counted."""

import base64
import zipfile
from io import BytesIO

import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook

from registry.accounts import sessions
from registry.accounts.tables import Role, Staff
from registry.numbers import shape
from registry.numbers.lookup import receiver_lists
from registry.numbers.lookup.looking_up import ListEntry
from registry.numbers.shape import Issue, Kind
from registry.numbers.tables import Result
from tests.pages import Browser
from tests.stamps import stamp_of
from tests.wxapp.verify.window import NAME, Window

PASTED = "main form:has(textarea)"


def office(window: Window, role: Role = Role.RECEIVER) -> Browser:
    """Open a browser in which somebody of a role is signed in."""
    token = sessions.new_token()
    with window.resources.sessions.begin() as session:
        staff = Staff(
            login=f"office-{role}",
            name="市人才服务中心",
            role=role,
            password_hash="",
            created_at=window.clock(),
        )
        session.add(staff)
        session.flush()
        sessions.start(session, token, sessions.proven(staff), {}, window.clock())
    browser = window.browser()
    browser.client.set_cookie("quxiang", token)
    return browser


def table_of(page: Browser) -> list[list[str]]:
    rows = page.find_all("tbody tr")
    return [[cell.get_text(strip=True) for cell in row.find_all("td")] for row in rows]


def test_each_line_is_told_apart(window: Window) -> None:
    number = window.number()
    wrong = shape.make(Issue.TRANSFER, 2026, "10001")
    lines = f"姓名\t编号\n{NAME}\t{shape.grouped(number)}\n张三，{number}\n{NAME} {wrong}\n李四\n"
    page = office(window).get("/receiver/").submit(PASTED, lines=lines)
    assert [row[:3] for row in table_of(page)] == [
        [NAME, shape.grouped(number), "有效"],
        ["张三", number, "未查到"],
        [NAME, wrong, "未查到"],
        ["李四", "", "未查到"],
    ]
    assert "青禾科技有限公司" in table_of(page)[0]
    assert set(table_of(page)[1][3:]) == {""}


def test_the_workbook_holds_what_the_table_shows(window: Window) -> None:
    page = office(window).get("/receiver/").submit(PASTED, lines=f"{NAME} {window.number()}")
    content = base64.b64decode(str(page.find("a.save")["href"]).partition("base64,")[2])
    heading, row = (
        CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_index(0).to_python()
    )
    shown = [each.get_text(strip=True) for each in page.find_all("thead th")]
    assert heading == [*shown, "查询时间"]
    assert row == [*table_of(page)[0], "2026年7月1日 10:00:00"]
    assert "查询时间 2026年7月1日 10:00:00" in page.text


def test_what_was_looked_up_says_by_whom_and_can_be_looked_up_again(window: Window) -> None:
    browser = office(window)
    page = browser.get("/receiver/").submit(PASTED, lines=f"{NAME} {window.number()}")
    content = base64.b64decode(str(page.find("a.save")["href"]).partition("base64,")[2])
    said = stamp_of(content)
    assert (said["导出人"], said["所属"], said["行数"]) == ("市人才服务中心", "接收单位", "1")
    again = (BytesIO(content), "核验结果.xlsx")
    page = browser.get("/receiver/").submit(PASTED, file=again)
    assert [row[2] for row in table_of(page)] == ["有效"]


def test_the_template_is_a_workbook_that_can_be_filled_in(window: Window) -> None:
    browser = office(window)
    address = str(browser.get("/receiver/").find("a[download='核验名单模板.xlsx']")["href"])
    content = base64.b64decode(address.partition("base64,")[2])
    (heading,) = CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_index(0).to_python()
    assert receiver_lists.tabled([[str(each) for each in heading], [NAME, "2610001"]]) == [
        ListEntry(NAME, "2610001")
    ]


def test_a_slip_is_told_apart_from_what_is_not_there(window: Window) -> None:
    number = window.number()
    slip = number[:-1] + ("2" if number[-1] != "2" else "3")
    page = office(window).get("/receiver/").submit(PASTED, lines=f"{NAME} {slip}\n{NAME} {number}")
    assert [row[2] for row in table_of(page)] == ["编号疑似抄错", "有效"]
    assert window.results == [Result.MALFORMED, Result.SHOWN]


def test_a_file_is_read_by_its_titles(window: Window) -> None:
    file = BytesIO()
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["序号", "转递编号", "姓名"])
        sheet.write_row(1, 0, ["1", window.number(kind=Kind.HOUSEHOLD), NAME])
    upload = (BytesIO(file.getvalue()), "名单.xlsx")
    page = office(window).get("/receiver/").submit(PASTED, kind="household", file=upload)
    assert table_of(page)[0][2] == "有效"


def test_a_file_that_is_no_list_is_refused_in_words(window: Window) -> None:
    upload = (BytesIO(b"%PDF-1.7 nothing"), "a.pdf")
    page = office(window).get("/receiver/").submit(PASTED, file=upload, lines="张三 1")
    assert page.status == 400
    assert "请上传 .xlsx 或 .csv" in page.text
    assert "张三 1" in page.find("textarea").get_text()


@pytest.mark.parametrize(
    ("lines", "words"),
    [("", "没有读到姓名和编号"), ("张三 1\n" * 501, "一次最多核验 500 行")],
)
def test_too_few_and_too_many_are_refused(window: Window, lines: str, words: str) -> None:
    page = office(window).get("/receiver/").submit(PASTED, lines=lines)
    assert page.status == 400
    assert words in page.text
    assert window.log == []


def test_every_line_is_logged_with_the_account(window: Window) -> None:
    number = window.number()
    browser = office(window).get("/receiver/")
    browser.submit(PASTED, lines=f"{NAME} {number}\n张三 {number}\n{NAME} 123")
    assert window.results == [Result.SHOWN, Result.WRONG_NAME, Result.MALFORMED]
    (receiver,) = {each.receiver for each in window.log}
    assert receiver.startswith("staff:")


def test_a_list_is_one_question_however_long(window: Window) -> None:
    browser = office(window).get("/receiver/")
    lines = "\n".join(f"张三 {shape.make(Issue.TRANSFER, 2026, '10001')}" for _ in range(400))
    page = browser.submit(PASTED, lines=lines)
    assert len(table_of(page)) == 400
    assert "暂停批量核验" not in page.text


def test_who_misses_too_often_is_stopped_for_the_day(
    window: Window, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receiver_lists, "MISSES_A_DAY", 3)
    browser = office(window)
    browser.get("/receiver/").submit(PASTED, lines="张三 1\n李四 2\n王五 3")
    page = browser.get("/receiver/").submit(PASTED, lines=f"{NAME} {window.number()}")
    assert page.status == 400
    assert "暂停批量核验" in page.text
    assert len(window.log) == 3


def test_so_many_lines_a_day_and_no_more(window: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receiver_lists, "LINES_A_DAY", 3)
    browser = office(window)
    line = f"{NAME} {window.number()}\n"
    assert browser.get("/receiver/").submit(PASTED, lines=line * 2).status == 200
    page = browser.get("/receiver/").submit(PASTED, lines=line * 2)
    assert "现在还能核验 1 行" in page.text


def test_an_office_costs_its_neighbours_no_puzzle(window: Window) -> None:
    office(window).get("/receiver/").submit(PASTED, lines="张三 1\n" * 200)
    assert not window.browser().get("/verify/file").find_all(".puzzle")


@pytest.mark.parametrize("role", [Role.OPERATOR])
def test_other_roles_are_shut_out(window: Window, role: Role) -> None:
    assert office(window, role).get("/receiver/").status == 403


def test_a_stranger_is_led_to_the_sign_in(window: Window) -> None:
    assert window.browser().get("/receiver/").path == "/login"


def test_an_office_lands_on_its_page_and_nowhere_else(window: Window) -> None:
    browser = office(window)
    assert browser.get("/staff").path == "/receiver/"
    for path in ("/school/", "/province/", "/ops/"):
        assert browser.get(path).status == 403


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("李娟 2610001ABC", ListEntry("李娟", "2610001ABC")),
        ("李娟\t２６１0001 ABC", ListEntry("李娟", "２６１0001 ABC")),
        ("Mary Ann, 2610001-ABC", ListEntry("Mary Ann", "2610001-ABC")),
        ("阿依古丽·买买提；2610001", ListEntry("阿依古丽·买买提", "2610001")),
        ("2610001", ListEntry("", "2610001")),
        ("李娟", ListEntry("李娟", "")),
    ],
)
def test_a_line_is_a_name_and_what_begins_with_a_digit(text: str, line: ListEntry) -> None:
    assert receiver_lists.pasted(text) == [line]


@pytest.mark.parametrize(
    ("rows", "entry"),
    [
        ([["姓 名", "核验编号（15位）"], ["李娟", "2610001"]], ("李娟", "2610001")),
        ([["序号", "姓名*", "报告编号"], ["1", "李娟", "2610001"]], ("李娟", "2610001")),
        (
            [["市人才中心核验名单"], ["编号：", "学生姓名"], ["2610001", "李娟"]],
            ("李娟", "2610001"),
        ),
        ([["李娟", "2610001"]], ("李娟", "2610001")),
        ([["姓名", "编号"], ["李娟", "2610001"], ["姓名", "编号"]], ("李娟", "2610001")),
        ([["", ""], ["", " "], ["姓名", "编号", "备注"], ["李娟"]], ("李娟", "")),
    ],
)
def test_titles_are_found_as_people_write_them(
    rows: list[list[str]], entry: tuple[str, str]
) -> None:
    assert receiver_lists.tabled(rows) == [ListEntry(*entry)]


def test_a_list_copied_with_its_titles_is_read_by_them() -> None:
    lines = "序号\t姓名\t编号\n1\t李娟\t2610001 ABC\n2\t张三\t"
    assert receiver_lists.pasted(lines) == [ListEntry("李娟", "2610001 ABC"), ListEntry("张三", "")]


@pytest.mark.parametrize(
    ("heading", "missing"), [(["姓名", "学号"], "编号"), (["学号", "编号"], "姓名")]
)
def test_a_list_without_one_of_its_columns_is_refused_and_costs_no_miss(
    window: Window, heading: list[str], missing: str
) -> None:
    page = _uploaded(window, [heading, ["李娟", "2610001"]])
    assert page.status == 400
    assert f"表头里没有“{missing}”一列" in page.text
    assert window.log == []


def test_of_ten_thousand_rows_it_is_said_that_they_are_too_many(window: Window) -> None:
    page = _uploaded(window, [["姓名", "编号"], *[["李娟", "2610001"]] * 10_000])
    assert page.status == 400
    assert "这份名单超过 500 行" in page.text
    assert window.log == []


def test_five_hundred_rows_below_titles_are_looked_up(window: Window) -> None:
    rows = [["核验名单"], ["姓名", "编号"], *[["李娟", "2610001"]] * 500]
    assert len(table_of(_uploaded(window, rows))) == 500


def test_a_name_that_looks_like_a_formula_comes_back_as_a_text(window: Window) -> None:
    page = _uploaded(window, [["姓名", "编号"], ["=1+1", "2610001"]])
    content = base64.b64decode(str(page.find("a.save")["href"]).partition("base64,")[2])
    with zipfile.ZipFile(BytesIO(content)) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert "=1+1" in table_of(page)[0][0]


def _uploaded(window: Window, rows: list[list[str]]) -> Browser:
    file = BytesIO()
    with xlsxwriter.Workbook(file, {"strings_to_formulas": False}) as book:
        sheet = book.add_worksheet()
        for place, row in enumerate(rows):
            sheet.write_row(place, 0, row)
    upload = (BytesIO(file.getvalue()), "名单.xlsx")
    return office(window).get("/receiver/").submit(PASTED, file=upload)
