"""A school gives a counsellor classes and majors, and takes rights from an account."""

import pytest
from sqlalchemy import select

from registry.accounts.tables import AuditEntry, Role, Staff, StaffCharge
from tests.page_forms import Given
from tests.pages import Browser
from tests.wxapp.school.conftest import Console


@pytest.fixture
def counsellor(console: Console) -> Staff:
    campus = console.campus
    campus.graduate("李娟", 0)
    campus.graduate("王芳", 0, class_name="软件2202", major="网络工程")
    campus.graduate("赵敏", 1, class_name="化工2201", major="化学工程")
    made = console.staff["counsellor"] = campus.staff(Role.COUNSELLOR)
    campus.save()
    return made


@pytest.fixture
def browser(console: Console, counsellor: Staff) -> Browser:
    return console.browser()


def charges(console: Console) -> list[tuple[str, str]]:
    with console.resources.readers() as session:
        wanted = select(StaffCharge.class_name, StaffCharge.major).order_by(StaffCharge.id)
        return [(row.class_name, row.major) for row in session.execute(wanted)]


def page(console: Console, counsellor: Staff, department: int = 0) -> str:
    key = console.campus.departments[department].key
    return f"/account/members/{counsellor.key}/charges?department={key}"


def test_a_counsellor_is_made_and_given_classes(console: Console, browser: Browser) -> None:
    browser.get("/account/members/new")
    browser.submit("main form", role="counsellor", name="陈老师", login="chen")
    assert "身份 辅导员" in browser.text
    browser.follow("分管的班级和专业")
    assert "陈老师看不到任何毕业生" in browser.text
    department = console.campus.departments[0].key
    browser.submit("main form[method=get]", department=department)
    chosen: dict[str, Given] = {"class": ["软件2201"], "major": ["网络工程"]}
    browser.submit("main form[method=post]", None, **chosen)
    assert "软件2201 计算机学院 1" in browser.text
    assert "网络工程（专业） 计算机学院 1" in browser.text
    assert sorted(charges(console)) == [("", "网络工程"), ("软件2201", "")]


def test_one_department_is_set_and_the_others_stay(
    console: Console, browser: Browser, counsellor: Staff
) -> None:
    for department, classes in ((0, ["软件2201"]), (1, ["化工2201"]), (0, ["软件2202"])):
        browser.get(page(console, counsellor, department))
        chosen: dict[str, Given] = {"class": classes}
        browser.submit("main form[method=post]", None, **chosen)
    assert charges(console) == [("化工2201", ""), ("软件2202", "")]
    with console.resources.readers() as session:
        log = select(AuditEntry.details).where(AuditEntry.action == "staff_charge")
        assert session.scalars(log.order_by(AuditEntry.id.desc())).first() == {
            "department": "计算机学院",
            "changes": [{"title": "分管班级", "before": ["软件2201"], "after": ["软件2202"]}],
        }


def test_a_class_of_another_department_is_refused(
    console: Console, browser: Browser, counsellor: Staff
) -> None:
    token = browser.get(page(console, counsellor)).fill("main form[method=post]")["csrf_token"]
    sent = {"csrf_token": token, "class": "化工2201"}
    sent["department"] = console.campus.departments[0].key
    browser.post(f"/account/members/{counsellor.key}/charges", sent)
    assert (browser.status, "计算机学院没有“化工2201”" in browser.text) == (400, True)
    assert charges(console) == []


def test_only_a_counsellor_has_charges(console: Console, browser: Browser) -> None:
    assert browser.get(page(console, console.staff["department"])).status == 404


def test_rights_are_taken_and_given_back(
    console: Console, browser: Browser, counsellor: Staff
) -> None:
    path = f"/account/members/{counsellor.key}"
    browser.get(path).submit("form[action$='/rights']", read_only="on", no_export="on")
    assert "只读、不可导出" in browser.text
    assert "辅导员 · 只读、不可导出" in browser.get("/account/members").text
    hers = console.browser("counsellor")
    assert "您的账号是只读的" in hers.get("/school/").text
    browser.get(path).submit("form[action$='/rights']", read_only=False, no_export=False)
    assert "按身份，没有限制" in browser.text
    assert "您的账号是只读的" not in hers.get("/school/").text


def test_nobody_limits_their_own_account(console: Console, browser: Browser) -> None:
    me = console.staff["school"]
    token = browser.get("/account").fill("main form")["csrf_token"]
    sent = {"csrf_token": token, "read_only": "on"}
    browser.post(f"/account/members/{me.key}/rights", sent)
    assert "这是您自己的账号" in browser.text
