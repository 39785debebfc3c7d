"""Staff choose people from the list: each job is for exactly them, wherever it leads."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from werkzeug.datastructures import MultiDict

from registry.accounts.tables import Role, StaffCharge
from registry.record import selections
from registry.record.list_tables import SelectedGraduate, Selection
from registry.record.tables import Graduate
from registry.tasks.tables import Task
from tests.clock import StandingClock
from tests.pages import Browser
from tests.wxapp.school.conftest import Console
from tests.wxapp.school.records import Campus


@pytest.fixture
def people(console: Console) -> dict[str, str]:
    """Add four, three of them of one class, and return their keys by name."""
    campus = console.campus
    found = {
        "李娟": campus.report(campus.graduate("李娟")),
        "王建国": campus.graduate("王建国"),
        "赵敏": campus.report(campus.graduate("赵敏", class_name="软件2202")),
        "钱一": campus.graduate("钱一", department=1, class_name="化工2201"),
    }
    campus.save()
    return {name: each.key for name, each in found.items()}


def choose(browser: Browser, act: str, *keys: str, whom: str = "ticked") -> Browser:
    page = browser.get("/school/graduates")
    token = str(page.find_all("input[name=csrf_token]")[0]["value"])
    shown = [str(each["value"]) for each in page.find_all("input[name=shown]")]
    form: dict[str, str | list[str]] = {
        "csrf_token": token,
        "act": act,
        "whom": whom,
        "key": list(keys),
        "shown": shown,
    }
    return browser.post("/school/graduates/choose", MultiDict(form))


def test_those_ticked_are_the_numbers_of_a_reminder(
    console: Console, people: dict[str, str]
) -> None:
    browser = choose(console.browser(), "remind", people["李娟"], people["钱一"])
    numbers = browser.find("textarea[name=student_numbers]").get_text().split()
    campus = console.campus
    named = campus.session.scalars(
        select(Graduate.student_number).where(Graduate.name.in_(["李娟", "钱一"]))
    )
    assert set(numbers) == set(named)
    assert browser.fill("main form[data-unsaved]")["state"] == ""


def test_those_ticked_are_the_rows_of_the_transfer_list_and_of_the_review(
    console: Console, people: dict[str, str]
) -> None:
    browser = choose(console.browser(), "number", people["李娟"], people["钱一"])
    assert [link.get_text() for link in browser.find_all("td a")] == ["李娟"]
    browser = choose(console.browser(), "review", people["李娟"])
    assert "chosen=" in browser.path
    assert browser.status == 200


def test_all_that_match_are_chosen_though_a_page_shows_fewer(
    console: Console, people: dict[str, str]
) -> None:
    browser = choose(console.browser(), "export", whom="all")
    assert "4 人" in browser.find("h1 + span").get_text()
    with console.resources.readers() as session:
        assert session.scalars(select(Task.total)).one() == 4


def test_more_than_a_reminder_means_by_number_are_told_what_to_do(
    console: Console, people: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wxapp.school.selecting.MOST_NUMBERS", 2)
    browser = choose(console.browser(), "remind", *people.values())
    assert browser.status == 400
    assert "选出 4 人，发提醒一次最多 2 人" in browser.text
    with console.resources.readers() as session:
        assert session.scalars(select(func.count(Selection.id))).one() == 0
    assert choose(console.browser(), "remind", whom="all").status == 200


def test_nobody_ticked_is_said_and_nothing_is_kept(console: Console) -> None:
    browser = choose(console.browser(), "remind")
    assert browser.status == 400
    assert "请先勾选毕业生" in browser.text
    assert console.campus.session.scalars(select(func.count(Selection.id))).one() == 0


def test_keys_of_another_school_or_department_choose_nobody(
    console: Console, people: dict[str, str], other: Campus
) -> None:
    stranger = other.graduate("张远")
    other.save()
    assert choose(console.browser(), "export", stranger.key).status == 400
    choose(console.browser("department"), "remind", people["李娟"], people["钱一"])
    chosen = select(SelectedGraduate.graduate_id)
    assert len(console.campus.session.scalars(chosen).all()) == 1


def test_a_selection_is_its_choosers_alone(console: Console, people: dict[str, str]) -> None:
    choose(console.browser("department"), "number", people["李娟"])
    with console.resources.readers() as session:
        key = session.scalars(select(Selection.key)).one()
    assert console.browser().get(f"/school/graduates?chosen={key}").status == 404
    assert console.browser().get(f"/school/graduates/end-many?chosen={key}").status == 404


def test_many_records_are_ended_with_one_reason_and_the_sum_is_told(
    console: Console, people: dict[str, str]
) -> None:
    browser = choose(console.browser(), "end", people["王建国"], people["钱一"])
    assert "王建国" in browser.text
    browser.submit("main form", occasion="left", reason="")
    assert browser.status == 400
    browser.submit("main form", occasion="left", reason="已退学")
    assert "已停用 2 人，共选定 2 人" in browser.text
    left = [link.get_text() for link in browser.get("/school/graduates").find_all("td a")]
    assert left == ["李娟", "赵敏"]
    assert choose(console.browser("department"), "end", people["李娟"]).status == 403


def test_the_classes_of_those_chosen_are_given_to_a_counsellor(
    console: Console, people: dict[str, str]
) -> None:
    counsellor = console.campus.staff(Role.COUNSELLOR)
    console.campus.save()
    for _ in range(2):  # again changes nothing
        browser = choose(console.browser(), "assign", people["李娟"], people["赵敏"])
        assert "软件2201" in browser.text
        browser.submit("main form", counsellor=counsellor.key)
        assert browser.find("h1 + span").get_text() == "3 人"
    classes = console.campus.session.scalars(select(StaffCharge.class_name)).all()
    assert sorted(classes) == ["软件2201", "软件2202"]


def test_a_selection_is_forgotten_after_a_day(
    console: Console, people: dict[str, str], clock: StandingClock
) -> None:
    choose(console.browser(), "number", people["李娟"])
    with console.resources.sessions.begin() as session:
        assert selections.sweep(session, clock() + timedelta(hours=23)) == 0
        assert selections.sweep(session, clock() + timedelta(hours=25)) == 1
        assert session.scalars(select(func.count(SelectedGraduate.graduate_id))).one() == 0
