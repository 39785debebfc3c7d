"""An import is undone by page, with a reason, or the page says who is in the way."""

import io

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import select, update

from notifier.campaigns import recipient_lists
from registry.record.tables import Graduate
from registry.tasks import run
from tests.pages import Browser
from tests.wxapp.school.conftest import Console
from tests.wxapp.school.test_import_plans import LI, ZHAO, checked


def work(console: Console) -> None:
    base = console.resources.settings.public_url
    while run.run_next(console.resources, base, recipient_lists.PROCEDURES):
        pass


@pytest.fixture
def imported(console: Console) -> Browser:
    """Bring in two people; return the page of the import."""
    browser = checked(console, LI, ZHAO)
    choices = browser.fill("form[action$=approve]")
    browser.post(f"{browser.path}/approve", {**choices, "department-0": "new"})
    work(console)
    return console.browser().get(browser.path.removesuffix("/approve"))


def numbers(console: Console) -> set[str]:
    with console.resources.readers() as session:
        return set(session.scalars(select(Graduate.student_number)))


def test_the_page_says_what_undoing_does_and_then_it_is_done(
    console: Console, imported: Browser
) -> None:
    page = imported.follow("撤销这次导入")
    assert "2 人从毕业生中删除" in page.text
    page.submit("form[action$=undo]", reason="导错了文件")
    assert "等待撤销" in page.text
    work(console)
    page = page.get(page.path)
    assert "已撤销" in page.text
    assert "原因：导错了文件" in page.text
    assert not numbers(console) & {"2022010101", "2022010103"}
    assert "已经撤销" in page.get(f"{page.path}/undo").text
    assert "已撤销" in page.get("/school/imports").text


def test_a_check_that_an_undoing_made_stale_is_done_anew_before_it_comes_in(
    console: Console, imported: Browser
) -> None:
    other = checked(console, LI.replace("软件工程", "网络工程"))
    assert "新增 0 人" in other.text
    imported.follow("撤销这次导入").submit("form[action$=undo]", reason="导错了文件")
    work(console)
    page = other.path
    other.submit("form[action$=approve]")
    work(console)
    other.get(page)
    assert "核对完成，待确认导入" in other.text
    assert "新增的人与核对结果不同，已重新核对" in other.text
    assert "新增 1 人" in other.text
    assert not numbers(console) & {"2022010101", "2022010103"}
    choices = other.fill("form[action$=approve]")
    other.post(f"{page}/approve", {**choices, "department-0": "new"})
    work(console)
    assert "导入完成" in other.get(page).text
    assert "已重新核对" not in other.text
    assert "2022010101" in numbers(console)


def test_a_reason_is_wanted(imported: Browser) -> None:
    page = imported.follow("撤销这次导入")
    page.post(page.path, {**page.fill("form[action$=undo]"), "reason": " "})
    assert page.status == 400
    assert "请写明撤销的原因" in page.text


def in_the_way(console: Console) -> None:
    with console.resources.sessions.begin() as session:
        session.execute(
            update(Graduate)
            .where(Graduate.student_number == "2022010101")
            .values(answered_at=console.resources.clock())
        )


def test_who_is_in_the_way_is_named_with_the_reason(console: Console, imported: Browser) -> None:
    in_the_way(console)
    page = imported.follow("撤销这次导入")
    assert "有 1 人在导入之后又有变化" in page.text
    assert not page.find_all("form[action$='/undo']")
    (row,) = page.find_all("tbody tr")
    assert "李娟" in row.get_text()
    assert "之后本人已答复登记确认" in row.get_text()
    page.submit("form[action$=people]").submit("#live form")
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(page.body)).get_sheet_by_index(0)
    assert [row[1] for row in sheet.to_python()[1:]] == ["李娟"]


def test_who_comes_in_the_way_meanwhile_stops_it_and_is_named_afterwards(
    console: Console, imported: Browser
) -> None:
    page = imported.follow("撤销这次导入")
    in_the_way(console)
    page.submit("form[action$=undo]", reason="导错了文件")
    work(console)
    page = page.get(page.path)
    assert "有 1 人在导入之后又有变化，这次导入没有撤销" in page.text
    assert "李娟" in page.follow("查看不能撤销的原因").text
    assert numbers(console) >= {"2022010101", "2022010103"}


def test_the_list_turns_its_pages(
    console: Console, imported: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wxapp.school.import_undo.PAGE", 1)
    with console.resources.sessions.begin() as session:
        session.execute(update(Graduate).values(answered_at=console.resources.clock()))
    page = imported.follow("撤销这次导入")
    assert "李娟" in page.find("tbody").get_text()
    assert "赵敏" in page.follow("下一页").find("tbody").get_text()


def test_a_department_undoes_nothing(console: Console, imported: Browser) -> None:
    browser = console.browser("department")
    assert browser.get(f"{imported.path}/undo").status == 403
    assert numbers(console) >= {"2022010101", "2022010103"}
