"""Before an import is approved it says who is new, who changes and who is absent, and asks."""

import io

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from registry.accounts.school_tables import Department
from registry.record.contact_tables import ContactChange
from registry.record.tables import Graduate
from registry.tasks import run
from tests.pages import Browser
from tests.stamps import stamp_of
from tests.wxapp.school.conftest import Console
from tests.wxapp.school.records import IDENTITY

HEADER = "学号,姓名,身份证号,毕业时间,院系,专业"
LI = "2022010101,李娟,110101200303071230,202606,计算机学院,软件工程"
ZHAO = "2022010103,赵敏,110101200303071257,202606,计算机学院,软件工程"


def checked(console: Console, *lines: str, header: str = HEADER) -> Browser:
    """Upload a file and have it checked; return its page."""
    browser = console.browser().get("/school/imports")
    file = (io.BytesIO("\n".join([header, *lines]).encode()), "名单.csv")
    browser.submit("main form", file=file)
    work(console)
    return browser.get(browser.path)


def work(console: Console) -> None:
    while run.run_next(console.resources, console.resources.settings.public_url):
        pass


def brought_in(console: Console, *lines: str, header: str = HEADER) -> None:
    browser = checked(console, *lines, header=header)
    choices = browser.fill("form[action$=approve]")
    browser.post(f"{browser.path}/approve", {**choices, "department-0": "new"})
    work(console)


def departments(console: Console) -> set[str]:
    with console.resources.readers() as session:
        return set(session.scalars(select(Department.name)))


@pytest.fixture
def plan(console: Console) -> Browser:
    """Check a file in which one is new, one changes, and one of the record is absent."""
    brought_in(console, LI, ZHAO)
    return checked(
        console,
        LI.replace("软件工程", "网络工程").replace("110101200303071230", "110101200303071273"),
        ZHAO.replace("赵敏", "孙丽").replace("2022010103", "2022010199").replace("71257", "71265"),
    )


def test_the_check_names_who_is_new_who_changes_and_who_is_absent(plan: Browser) -> None:
    assert "本届在册、不在文件中 1 人" in plan.text
    people = plan.follow("查看名单")
    assert [each.get_text(" ", strip=True) for each in people.find_all(".nav-tabs a")] == [
        "新增 1 人", "有变更 1 人", "不在文件中 1 人",
    ]  # fmt: skip
    assert "孙丽" in people.find("tbody").get_text()
    changed = people.follow("有变更").find("tbody").get_text(" ", strip=True)
    assert "专业： 软件工程 → 网络工程" in changed
    assert "证件号码" in changed
    assert "赵敏" in plan.follow("不在文件中").find("tbody").get_text()


def test_the_check_says_how_many_phones_are_told_of_a_change(console: Console) -> None:
    with_phone = f"{HEADER},手机号码"
    brought_in(console, f"{LI},16000000001", f"{ZHAO},", header=with_phone)
    page = checked(console, f"{LI},16000000009", f"{ZHAO},16000000003", header=with_phone)
    assert "有变更 2 人" in page.text
    assert "1 人更换手机号码：原手机号会收到短信" in page.text
    page.submit("form[action$=approve]")
    work(console)
    with console.resources.readers() as session:
        told = session.scalars(select(ContactChange.notice_state)).all()
    assert told == ["waiting"]
    again = checked(console, f"{LI},16000000009", f"{ZHAO},16000000003", header=with_phone)
    assert "更换手机号码" not in again.text


def test_no_number_of_a_document_stands_in_the_list(console: Console, plan: Browser) -> None:
    body = plan.follow("查看名单").follow("有变更").body.decode()
    assert "110101200303071273" not in body
    assert IDENTITY not in body
    assert console.browser("department").get(plan.path).status == 403


def test_the_list_can_be_downloaded(plan: Browser) -> None:
    plan.follow("查看名单").submit("form[action$=people]").submit("#live form")
    book = CalamineWorkbook.from_filelike(io.BytesIO(plan.body))
    said = stamp_of(plan.body)
    assert (said["导出人"], said["行数"]) == ("王老师", "3")
    sheet = book.get_sheet_by_index(0)
    rows = [[row[0], row[2]] for row in sheet.to_python()[1:]]
    assert rows == [["新增", "孙丽"], ["有变更", "李娟"], ["不在文件中", "赵敏"]]


def test_a_department_the_school_has_not_is_asked_about(console: Console) -> None:
    before = departments(console)
    browser = checked(console, LI.replace("计算机学院", "计算机系"))
    assert "计算机系（1 人）" in browser.text
    browser.post(f"{browser.path}/approve", browser.fill("form[action$=approve]"))
    assert browser.status == 400
    assert "请选择“计算机系”" in browser.text
    assert departments(console) == before


def test_a_department_can_be_one_the_school_has(console: Console) -> None:
    before = departments(console)
    browser = checked(console, LI.replace("计算机学院", "计算机系"))
    existing = browser.find("form[action$=approve] option:nth-of-type(3)")
    choices = browser.fill("form[action$=approve]")
    browser.post(f"{browser.path}/approve", {**choices, "department-0": str(existing["value"])})
    work(console)
    assert departments(console) == before
    with console.resources.readers() as session:
        wanted = select(Department.key).join(Graduate, Graduate.department_id == Department.id)
        assert session.scalars(wanted).all() == [existing["value"]]


def test_a_department_can_be_made(console: Console) -> None:
    before = departments(console)
    brought_in(console, LI.replace("计算机学院", "计算机系"))
    assert departments(console) == {*before, "计算机系"}


def test_a_department_of_another_school_is_none(console: Console) -> None:
    browser = checked(console, LI.replace("计算机学院", "计算机系"))
    choices = browser.fill("form[action$=approve]")
    browser.post(f"{browser.path}/approve", {**choices, "department-0": "0" * 32})
    assert browser.status == 400
    work(console)
    assert not [each for each in departments(console) if each == "计算机系"]
