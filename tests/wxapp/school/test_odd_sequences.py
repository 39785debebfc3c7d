"""What clerks do with two tabs, the back button and a second press: done once, or refused.

Each sends a form that was opened before something else happened.
"""

from sqlalchemy import func, select

from registry.accounts.school_tables import Department
from registry.accounts.tables import AuditEntry
from registry.record.tables import Graduate
from tests.pages import Browser
from tests.wxapp.school.conftest import Console
from tests.wxapp.school.test_import_plans import LI, ZHAO, checked
from tests.wxapp.school.test_import_undo import imported, numbers, work

__all__ = ["imported"]
BROUGHT = {"2022010101", "2022010103"}
WHY = {"reason": "校发〔2026〕12 号"}


class Form:
    """A form as a tab has it open, to be sent later and as often as somebody presses."""

    def __init__(self, tab: Browser, path: str, form: str, **values: str) -> None:
        self.tab = tab.get(path)
        self.action = str(tab.find(form)["action"])
        self.values = tab.fill(form)
        for name, value in values.items():
            self.values[name] = value

    def send(self) -> Browser:
        return self.tab.post(self.action, self.values)


def deeds(console: Console, action: str) -> int:
    with console.resources.readers() as session:
        wanted = select(func.count()).select_from(AuditEntry).where(AuditEntry.action == action)
        return session.scalar(wanted) or 0


def graduate(console: Console, name: str = "欧阳晓") -> str:
    found = console.campus.report(console.campus.graduate(name))
    console.campus.save()
    return f"/school/graduates/{found.key}"


def undo_form(console: Console, imported: Browser) -> Form:
    path = f"{imported.path}/undo"
    return Form(console.browser(), path, "form[action$=undo]", reason="导错了文件")


def test_an_undoing_that_is_pressed_twice_and_in_two_tabs_is_one(
    console: Console, imported: Browser
) -> None:
    one, other = undo_form(console, imported), undo_form(console, imported)
    one.send()
    assert one.send().status < 500
    work(console)
    assert other.send().status < 500
    work(console)
    assert not numbers(console) & BROUGHT
    assert deeds(console, "import_undo_asked") == 1
    assert "已撤销" in imported.get(imported.path).text


def test_a_file_that_was_given_up_is_not_approved_by_the_back_button(console: Console) -> None:
    page = checked(console, LI, ZHAO)
    approve = Form(console.browser(), page.path, "form[action$=approve]", **{"department-0": "new"})
    page.submit("form[action$=abandon]")
    assert approve.send().status < 500
    work(console)
    assert not numbers(console) & BROUGHT


def test_an_import_that_is_undone_is_not_approved_again_by_the_back_button(
    console: Console,
) -> None:
    page = checked(console, LI, ZHAO)
    path = page.path
    approve = Form(console.browser(), path, "form[action$=approve]", **{"department-0": "new"})
    approve.send()
    work(console)
    undo_form(console, page.get(path)).send()
    assert approve.send().status < 500
    work(console)
    assert not numbers(console) & BROUGHT
    assert "已撤销" in page.get(path).text


def test_a_department_that_is_merged_while_a_file_asks_about_it_is_said(
    console: Console,
) -> None:
    source, target = console.campus.departments[1], console.campus.departments[0]
    page = checked(console, LI.replace("计算机学院", "未来学院"))
    values = {"department-0": source.key}
    approve = Form(console.browser(), page.path, "form[action$=approve]", **values)
    merge(console, source, target).send()
    assert 400 <= approve.send().status < 500
    work(console)
    assert not numbers(console) & BROUGHT
    assert page.get(page.path).find("form[action$=approve]") is not None


def merge(console: Console, source: Department, target: Department) -> Form:
    path = f"/school/departments/{source.key}"
    values = {"into": target.key, **WHY}
    return Form(console.browser(), path, "form[action$='/merge']", **values)


def test_a_merge_that_is_pressed_twice_and_the_other_way_round_is_one(console: Console) -> None:
    console.campus.graduate("李娟", department=1)
    console.campus.save()
    source, target = console.campus.departments[1], console.campus.departments[0]
    there, back = merge(console, source, target), merge(console, target, source)
    rename = Form(
        console.browser(),
        f"/school/departments/{source.key}",
        "form[action$='/name']",
        name="新材料学院",
    )
    there.send()
    for late in (there, back, rename):
        assert 400 <= late.send().status < 500
    assert deeds(console, "department_merge") == 1
    with console.resources.readers() as session:
        mine = Graduate.school_id == target.school_id
        assert set(session.scalars(select(Graduate.department_id).where(mine))) == {target.id}
        assert "新材料学院" not in set(session.scalars(select(Department.name)))


def test_of_two_names_from_two_tabs_each_stands_in_the_log(console: Console) -> None:
    path = f"/school/departments/{console.campus.departments[0].key}"
    one, other = (
        Form(console.browser(), path, "form[action$='/name']", name=name)
        for name in ("人工智能学院", "计算学部")
    )
    for each in (one, one, other):
        assert each.send().status < 500
    assert deeds(console, "department_rename") == 2
    assert "计算学部" in console.browser().get("/school/departments").text


def test_a_record_is_ended_once_and_an_open_correction_changes_nothing(console: Console) -> None:
    path = graduate(console)
    end = Form(console.browser(), path, "form[action*='/end']", occasion="left", **WHY)
    correct = Form(console.browser(), f"{path}/person", "form[action$='/person']", reason="更正")
    end.send()
    assert end.send().status < 500
    assert 400 <= correct.send().status < 500
    assert deeds(console, "record_ended") == 1
    assert "欧阳晓" not in console.browser().get("/school/graduates").text


def test_a_record_that_is_taken_back_twice_is_back_once(console: Console) -> None:
    path = graduate(console)
    end = Form(console.browser(), path, "form[action*='/end']", occasion="left", **WHY)
    end.send()
    back = Form(console.browser(), path, "form[action*='/take-back']", **WHY)
    for _ in range(2):
        assert back.send().status < 500
    assert deeds(console, "record_taken_back") == 1
    assert "欧阳晓" in console.browser().get("/school/graduates").text
