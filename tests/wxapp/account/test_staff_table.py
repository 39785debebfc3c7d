"""A school makes the accounts of its staff from a table: checked first, then made."""

import base64
import io
import json
from collections.abc import Sequence

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from registry.accounts.devices import Device
from registry.accounts.sign_in_guard import SignInAsker
from registry.accounts.staff import sign_in
from registry.accounts.tables import AuditEntry, Role, Staff, StaffCharge
from registry.roster import staff_table
from tests.pages import Browser
from tests.registry.sheets import as_csv, as_xlsx
from tests.stamps import stamp_of
from tests.wxapp.school.conftest import Console

HEADING = ["姓名", "登录名", "身份", "院系", "分管班级", "分管专业", "工号"]
GOOD = [
    ["张老师", "zhang", "学校", "", "", "", "T1"],
    ["王老师", "Wang.Li", "院系", "计算机学院", "", ""],
    ["陈老师", "chen", "辅导员", "计算机学院", "软件2201；软件2202", ""],
]
PAGE = "/account/members/table"


@pytest.fixture
def browser(console: Console) -> Browser:
    for name in ("软件2201", "软件2202"):
        console.campus.graduate("李娟", class_name=name)
    console.campus.save()
    return console.browser()


def upload(browser: Browser, rows: Sequence[Sequence[str]], *, as_text: bool = False) -> Browser:
    table = [HEADING, *map(list, rows)]
    content, name = (as_csv(table), "人.csv") if as_text else (as_xlsx(table), "人.xlsx")
    browser.get(PAGE)
    return browser.submit("main form", file=(io.BytesIO(content), name))


def made(console: Console) -> list[Staff]:
    old = [each.id for each in console.staff.values()]
    with console.resources.readers() as session:
        wanted = select(Staff).where(Staff.id.not_in(old)).order_by(Staff.id)
        return list(session.scalars(wanted))


@pytest.mark.parametrize("as_text", [False, True])
def test_accounts_are_checked_then_made_and_sign_in_to_change_the_password(
    console: Console,
    browser: Browser,
    as_text: bool,  # noqa: FBT001 - of the parametrization
) -> None:
    upload(browser, GOOD, as_text=as_text)
    assert "共 3 行 · 可建立 3 个账号 · 0 行有误" in browser.text
    assert made(console) == []
    browser.submit("main form")
    assert "已建立 3 个账号" in browser.text
    zhang, wang, chen = made(console)
    assert (zhang.role, wang.login, wang.role) == (Role.SCHOOL, "wang.li", Role.DEPARTMENT)
    assert (zhang.work_number, wang.work_number) == ("T1", None)
    assert wang.department_id == console.campus.departments[0].id
    assert (chen.role, chen.department_id) == (Role.COUNSELLOR, None)
    with console.resources.sessions.begin() as session:
        charges = select(StaffCharge.class_name).where(StaffCharge.staff_id == chen.id)
        assert sorted(session.scalars(charges)) == ["软件2201", "软件2202"]
        logged = select(AuditEntry.id).where(AuditEntry.action == "staff_create")
        assert len(session.scalars(logged).all()) == 3
    password = browser.find_all("td code")[2].get_text()
    with console.resources.sessions.begin() as session:
        vault, at = console.resources.vault, console.resources.clock()
        found = sign_in(session, vault, "chen", password, SignInAsker(Device(None, "")), at)
        assert isinstance(found, Staff)
        assert found.first_password_until is not None


def test_the_passwords_can_be_taken_along_once(console: Console, browser: Browser) -> None:
    upload(browser, GOOD).submit("main form")
    address = str(browser.find("a[download]")["href"])
    book = base64.b64decode(address.partition("base64,")[2])
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(book)).get_sheet_by_index(0).to_python()
    assert [row[1] for row in sheet] == ["登录名", "zhang", "wang.li", "chen"]
    assert stamp_of(book)["行数"] == "3"
    assert sheet[1][3] == browser.find_all("td code")[0].get_text()


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        (["", "a1", "学校"], "请填写姓名"),
        (["张", "张三", "学校"], "登录名只能用英文字母"),
        (["张", "a1", "省级"], "身份请填写：学校、院系、辅导员"),
        (["张", "a1", "院系"], "还要选择院系"),
        (["张", "a1", "院系", "文学院"], "没有找到这个院系"),
        (["张", "a1", "学校", "计算机学院"], "不属于某个院系"),
        (["张", "zhang", "学校"], "这个登录名已有人使用"),
        (["张", "a1", "辅导员", "计算机学院", "软件2209"], "计算机学院没有“软件2209”"),
        (["张", "a1", "辅导员", "", "软件2201"], "请填写分管班级、专业所在的院系"),
        (["张", "a1", "学校", "", "软件2201"], "只有辅导员填写"),
        (["张", "a1", "学校", "", "", "", "T1"], "这个工号已登记在本校另一个账号上"),
    ],
)
def test_a_row_that_cannot_be_is_said_and_the_others_are_made(
    console: Console, browser: Browser, row: list[str], sentence: str
) -> None:
    upload(browser, [GOOD[0], row + [""] * (len(HEADING) - len(row))])
    assert "共 2 行 · 可建立 1 个账号 · 1 行有误" in browser.text
    assert sentence in browser.text
    browser.submit("main form")
    assert [each.login for each in made(console)] == ["zhang"]


def test_who_took_a_login_in_between_is_said_and_nothing_is_made(
    console: Console, browser: Browser
) -> None:
    upload(browser, GOOD)
    sent = browser.fill("main form")
    member = console.campus.staff(Role.SCHOOL)
    member.login = "chen"
    console.campus.save()
    console.staff["another"] = member
    browser.post(PAGE, sent)
    assert browser.status == 400
    assert "第 4 行：这个登录名已有人使用" in browser.text
    assert made(console) == []


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [([], "文件里没有工作人员"), (GOOD[:1] * 101, "一次最多 100 人")],
)
def test_too_few_and_too_many_are_refused(
    browser: Browser, rows: list[list[str]], sentence: str
) -> None:
    assert sentence in upload(browser, rows).text
    assert browser.status == 400


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n", b"\xff\xfe\x00nothing"])
def test_another_file_is_refused(browser: Browser, content: bytes) -> None:
    browser.get(PAGE).submit("main form", file=(io.BytesIO(content), "a.csv"))
    assert browser.status == 400


def test_the_template_is_read_as_it_is(console: Console, browser: Browser) -> None:
    browser.get(f"{PAGE}/template")
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(browser.body)).get_sheet_by_index(0)
    assert sheet.to_python()[0] == HEADING
    assert list(staff_table.TITLES.values()) == HEADING


@pytest.mark.parametrize("rows", ["", "1", "[1]", "{}", json.dumps([{"row": "x"}])])
def test_rows_nobody_checked_make_nothing(console: Console, browser: Browser, rows: str) -> None:
    token = browser.get(PAGE).fill("main form")["csrf_token"]
    browser.post(PAGE, {"rows": rows, "csrf_token": token})
    assert browser.status < 500
    assert made(console) == []


@pytest.mark.parametrize("role", ["department", "province", "operator"])
def test_it_is_the_schools(console: Console, role: str) -> None:
    assert console.browser(role).get(PAGE).status == 403
