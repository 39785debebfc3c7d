"""A school renames and merges its departments, and is told beforehand what follows."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.accounts.school_tables import Department
from registry.accounts.tables import AuditEntry, Role
from registry.record.tables import Graduate
from tests.audit_rows import DEEDS
from tests.pages import Browser
from tests.wxapp.school.conftest import Console
from tests.wxapp.school.records import Campus


@pytest.fixture
def browser(console: Console) -> Browser:
    console.campus.graduate("李娟", 0)
    console.campus.graduate("王芳", 1)
    console.campus.staff(Role.DEPARTMENT, 1)
    console.campus.save()
    return console.browser()


def page(console: Console, department: int) -> str:
    return f"/school/departments/{console.campus.departments[department].key}"


def names(session: Session) -> set[str]:
    return set(session.scalars(select(Department.name)))


def test_a_department_gets_another_name(console: Console, browser: Browser) -> None:
    browser.get("/school/settings").follow("院系更名与合并")
    assert "计算机学院 1" in browser.text
    browser.get(page(console, 0)).submit("form[action$='/name']", name="  人工智能学院 ")
    assert browser.path == "/school/departments"
    assert "人工智能学院 1" in browser.text
    with console.resources.readers() as session:
        entry = session.scalars(
            select(AuditEntry).where(DEEDS).order_by(AuditEntry.id.desc())
        ).first()
        assert entry is not None
        assert entry.details == {"before": "计算机学院", "after": "人工智能学院"}


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("化工学院", "请使用“合并院系”"),
        ("计算机学院", "与现在的名称相同"),
        (" \u200b", "请填写院系名称"),
        ("长" * 81, "最多 80 个字"),
    ],
)
def test_a_name_that_cannot_be_is_said_and_kept(
    console: Console, browser: Browser, name: str, sentence: str
) -> None:
    token = str(browser.get(page(console, 0)).fill("form[action$='/name']")["csrf_token"])
    browser.post(f"{page(console, 0)}/name", {"name": name, "csrf_token": token})
    assert browser.status == 400
    assert sentence in browser.text
    assert browser.find("#name")["value"] == name


def test_two_become_one_with_all_who_are_in_it(console: Console, browser: Browser) -> None:
    source, target = console.campus.departments[1], console.campus.departments[0]
    browser.get(page(console, 1))
    assert "1 名毕业生归入所选院系" in browser.text
    assert "1 个院系账号改为所选院系的账号" in browser.text
    form = browser.find("form[action$='/merge']")
    browser.submit(form, into=target.key, reason="学院调整")
    assert "计算机学院 2 2" in browser.text
    assert source.name not in browser.text
    with console.resources.readers() as session:
        assert set(
            session.scalars(
                select(Graduate.department_id).where(Graduate.school_id == target.school_id)
            )
        ) == {target.id}


def test_filters_that_were_kept_name_the_department_it_became(
    console: Console, browser: Browser
) -> None:
    source, target = console.campus.departments[1], console.campus.departments[0]
    browser.get(f"/school/graduates?department={source.key}")
    browser.submit("form[action*='views?']", name="化工")
    browser.get("/school/campaigns/new")
    kept = browser.fill("main form", departments=[source.key], audience_name="化工提醒")
    browser.post("/school/campaigns/audiences", kept)
    browser.get(page(console, 1)).submit(
        "form[action$='/merge']", into=target.key, reason="学院调整"
    )
    browser.get("/school/graduates").follow("化工")
    assert f"department={target.key}" in browser.path
    assert "2 人" in browser.text
    browser.get("/school/campaigns/new").follow("化工提醒")
    assert browser.status == 200
    assert "已合并" not in browser.text
    gone = browser.get(f"/school/graduates?department={source.key}")  # as a bookmark has it
    assert source.key not in gone.find("main").get_text()
    assert "已不存在" in gone.text


def test_a_merge_wants_a_reason_and_a_place(console: Console, browser: Browser) -> None:
    target = console.campus.departments[0].key
    for into, reason, sentence in (
        ("", "学院调整", "请选择要并入的另一个院系"),
        (target, " ", "请填写合并原因"),
    ):
        token = browser.get(page(console, 1)).fill("form[action$='/merge']")["csrf_token"]
        sent = {"into": into, "reason": reason, "csrf_token": token}
        browser.post(f"{page(console, 1)}/merge", sent)
        assert (browser.status, sentence in browser.text) == (400, True)


def test_anothers_department_is_no_place_to_go(
    console: Console, browser: Browser, other: Campus
) -> None:
    other.save()
    token = browser.get(page(console, 1)).fill("form[action$='/merge']")["csrf_token"]
    sent = {"into": other.departments[0].key, "reason": "学院调整", "csrf_token": token}
    assert browser.post(f"{page(console, 1)}/merge", sent).status == 404


def test_a_department_does_not_rename_itself(console: Console, browser: Browser) -> None:
    assert console.browser("department").get(page(console, 0)).status == 403
