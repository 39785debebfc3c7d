"""The pages of courier's lists: a file is checked, its rows are shown, then it is noted."""

from io import BytesIO

from python_calamine import CalamineWorkbook
from sqlalchemy import select

from registry.numbers.posting.tables import Posting
from registry.record.tables import Graduate
from registry.tasks import run
from tests.pages import Browser
from tests.registry.sheets import as_csv
from tests.stamps import stamp_of
from tests.wxapp.school.conftest import Console

LISTS = "/school/courier-lists"


def graduates(console: Console) -> list[Graduate]:
    found = [console.campus.report(console.campus.graduate(name)) for name in ("甲甲", "乙乙")]
    console.campus.save()
    return found


def work(console: Console) -> None:
    while run.run_next(console.resources, console.resources.settings.public_url):
        pass


def upload(browser: Browser, content: bytes, name: str = "寄送.csv", way: str = "ems") -> Browser:
    return browser.get(LISTS).submit("main form", file=(BytesIO(content), name), way=way)


def rows_for(*found: Graduate) -> list[list[str]]:
    return [
        ["学号", "姓名", "邮件号", "收寄日期"],
        *([each.student_number, each.name, "EA123456785CN", "2026-06-09"] for each in found),
    ]


def test_a_list_is_checked_shown_and_noted_by_three_presses(console: Console) -> None:
    one, two = graduates(console)
    rows = [*rows_for(one, two), ["999", "丙丙", "EA123456785CN", "2026-06-09"]]
    browser = upload(console.browser(), as_csv(rows), way="confidential")
    assert "排队中，马上开始" in browser.text
    work(console)
    browser.get(browser.path)
    assert "核对完成，待确认登记" in browser.text
    assert "2026 届没有这位毕业生，或不在您的管理范围内" in browser.text
    assert len(browser.get(f"{browser.path}?what=ready").find_all("tbody tr")) == 2
    browser.submit("form[action*='/approve']", button="登记 2 行")
    work(console)
    browser.get(browser.path)
    assert "已登记 2 行" in browser.find(".figures").get_text(" ", strip=True).replace("  ", " ")
    browser.submit("form[action*='/result']")
    book = CalamineWorkbook.from_filelike(BytesIO(browser.body)).get_sheet_by_index(0).to_python()
    assert [row[-2] for row in book] == ["状态", "已登记", "已登记", "未找到该毕业生"]
    ways = console.campus.session.scalars(select(Posting.way)).all()
    assert ways == ["confidential", "confidential"]
    assert "寄送 寄送.csv" in browser.get("/school/tasks").text


def test_a_result_that_was_corrected_is_read_again(console: Console) -> None:
    one, _ = graduates(console)
    rows = [*rows_for(one), ["999", "丙丙", "EA123456785CN", "2026-06-09"]]
    browser = upload(console.browser(), as_csv(rows))
    work(console)
    browser.get(browser.path).submit("form[action*='/result']")
    assert stamp_of(browser.body) == {
        "导出人": "王老师",
        "所属": console.campus.school.name,
        "导出时间": "2026-06-10 10:00:00",
        "行数": "2",
        "使用要求": "含个人信息，仅限工作使用，用后及时删除，不得转发。",
    }
    again = upload(console.browser(), browser.body, "寄送登记结果.xlsx")
    work(console)
    again.get(again.path)
    assert "核对完成，待确认登记" in again.text
    assert len(again.find_all("tbody tr")) == 2
    assert "没有读取其他工作表" not in again.text


def test_what_is_no_list_is_refused_on_the_same_page(console: Console) -> None:
    browser = upload(console.browser(), b"%PDF-1.7", "寄送.pdf")
    assert browser.status == 400
    assert "这不是电子表格" in browser.find("[role=alert]").get_text()
    assert "暂无导入记录" in browser.text


def test_the_template_is_sent(console: Console) -> None:
    browser = console.browser().get(f"{LISTS}/template")
    book = CalamineWorkbook.from_filelike(BytesIO(browser.body)).get_sheet_by_index(0).to_python()
    assert book[0][:2] == ["学号", "姓名"]
