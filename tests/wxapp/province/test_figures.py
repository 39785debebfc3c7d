"""Figures of a large province are counted by a worker, kept, and shown with their moment."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, event, select
from sqlalchemy.orm import Session

from registry.province import flags
from registry.province.flags import FEWEST, FLAGS, Flag
from registry.statistics import kept_figures
from registry.statistics.figure_tables import KeptFigures
from registry.statistics.groups import EMPLOYED
from registry.statistics.kept_figures import FRESH, GIVEN_UP, shape
from registry.statistics.structure import Structure, structure_of_province
from tests.clock import StandingClock
from tests.pages import Browser
from tests.wxapp.school.conftest import Console
from tests.wxapp.school.records import Campus

WAITING = "正在统计全省数据"
PAGES = ("/province/flags", "/province/flags/freelance", "/province/destinations")


@pytest.fixture
def large(console: Console, other: Campus, monkeypatch: pytest.MonkeyPatch) -> Console:
    """Make the province too large to be counted while a page is waited for."""
    monkeypatch.setattr(kept_figures, "SOON", -1)
    other.session.merge(other.school).province = console.campus.school.province
    for campus, category in ((console.campus, "76"), (other, "10")):
        for _ in range(FEWEST):
            campus.report(campus.graduate(), category=category)
        campus.save()
    return console


@pytest.fixture
def province(large: Console) -> Browser:
    return large.browser("province")


def count(console: Console) -> bool:
    """Do what a worker does."""
    shared = console.resources
    return kept_figures.make_next(shared.sessions, shared.readers, shared.clock)


def test_before_they_are_counted_each_page_waits_and_then_loads_itself(
    large: Console, province: Browser
) -> None:
    for path in PAGES:
        assert WAITING in province.get(path).text
    assert "HX-Refresh" not in province.get("/province/figures").headers
    assert count(large)
    assert not count(large)
    for path in PAGES:
        assert WAITING not in province.get(path).text
    assert province.get("/province/figures").headers["HX-Refresh"] == "true"
    assert "截至 今天 10:00" in province.get("/province/flags").text
    province.follow("自由职业占比偏高")
    assert "10 人 100.0%" in " ".join(province.text.split())


def test_what_is_kept_is_shown_as_if_it_were_counted_now(
    large: Console, province: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    province.get("/province/destinations")
    count(large)
    kept = province.get("/province/destinations").find(".parts").get_text()
    cases = " ".join(province.get("/province/flags/freelance").find("table").text.split())
    monkeypatch.undo()
    assert kept == province.get("/province/destinations").find(".parts").get_text()
    assert cases == " ".join(province.get("/province/flags/freelance").find("table").text.split())


def test_old_figures_are_shown_while_newer_ones_are_counted(
    large: Console, province: Browser, clock: StandingClock
) -> None:
    province.get("/province/flags")
    count(large)
    clock.move(FRESH)
    assert "正在重新统计" not in large.browser("province").get("/province/flags").text
    assert not count(large)
    clock.move(timedelta(seconds=1))
    later = large.browser("province")  # her session has ended meanwhile
    assert "截至 今天 10:00，正在重新统计" in later.get("/province/flags").text
    assert count(large)
    assert "截至 今天 11:00" in later.get("/province/flags").text


def test_what_a_lost_worker_began_is_counted_by_another(
    large: Console, province: Browser, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    province.get("/province/flags")
    with monkeypatch.context() as broken:
        broken.setattr(kept_figures, "structure_of_province", None)
        with pytest.raises(TypeError):
            count(large)
    assert not count(large)
    clock.move(GIVEN_UP + timedelta(seconds=1))
    assert count(large)
    assert WAITING not in province.get("/province/flags").text


def test_who_ends_after_another_took_over_writes_nothing(
    large: Console, province: Browser, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    province.get("/province/flags")

    def late(session: Session, province: str, year: int) -> Structure:
        monkeypatch.setattr(kept_figures, "structure_of_province", structure_of_province)
        clock.move(GIVEN_UP + timedelta(minutes=1))
        assert count(large)
        clock.move(timedelta(minutes=1))
        return structure_of_province(session, province, year)

    monkeypatch.setattr(kept_figures, "structure_of_province", late)
    assert count(large)
    assert "截至 今天 10:16" in province.get("/province/flags").text


def test_what_another_version_kept_is_counted_anew(large: Console, province: Browser) -> None:
    province.get("/province/flags")
    count(large)
    others: list[dict[str, Any]] = [{"shape": "0123456789abcdef", "rules": [[]]}, {"flags": {}}]
    for theirs in others:
        with large.resources.sessions.begin() as session:
            session.scalars(select(KeptFigures)).one().figures = theirs
        for path in PAGES:
            assert WAITING in province.get(path).text
        assert count(large)
        for path in PAGES:
            assert WAITING not in province.get(path).text


@pytest.fixture
def new_rule(monkeypatch: pytest.MonkeyPatch) -> Iterator[Flag]:
    """Bring a version with one more rule, which every version finds something by."""
    rule = Flag("newest", "新规则", "新规则", "人", FLAGS["freelance"].find)
    shape.cache_clear()
    with monkeypatch.context() as later:
        for module in (flags, kept_figures):
            later.setattr(module, "FLAGS", {**FLAGS, rule.key: rule})
        yield rule
    shape.cache_clear()


def test_a_rule_that_came_since_shows_no_nought(
    large: Console, province: Browser, request: pytest.FixtureRequest
) -> None:
    province.get("/province/flags")
    count(large)
    request.getfixturevalue("new_rule")
    assert WAITING in province.get("/province/flags").text
    assert count(large)
    assert WAITING not in province.get("/province/flags").text


def test_what_is_kept_has_the_shape_that_it_is_known_by(large: Console, province: Browser) -> None:
    """Who changes what is kept raises `_WRITTEN_AS`, or another version reads it wrongly."""
    province.get("/province/flags")
    count(large)
    with large.resources.readers() as session:
        kept = session.scalars(select(KeptFigures)).one().figures or {}
    assert set(kept) == {"shape", "flags", "structure"}
    school = large.campus.school
    assert kept["flags"]["freelance"] == [1, [[school.key, school.name, None, None, 10, 10]]]
    assert kept["structure"]["staying"] == ["山东省", 0, list(EMPLOYED)]
    assert set(kept["structure"]) == {"parts", "staying", "employed"}
    assert set(kept["structure"]["parts"][0]) == {"name", "title", "total", "whose", "shares"}


@contextmanager
def heard() -> Iterator[list[str]]:
    """Give a list that fills with what any database is asked meanwhile."""
    said = list[str]()

    def hear(*heard: object) -> None:
        said.append(str(heard[2]))

    event.listen(Engine, "before_cursor_execute", hear)
    try:
        yield said
    finally:
        event.remove(Engine, "before_cursor_execute", hear)


@pytest.mark.parametrize(
    ("path", "rules", "structures"),
    [("/province/flags", 2, 0), ("/province/flags/freelance", 0, 0), (PAGES[2], 0, 1)],
)
def test_a_small_province_is_counted_only_for_what_the_page_shows(
    large: Console, monkeypatch: pytest.MonkeyPatch, path: str, rules: int, structures: int
) -> None:
    monkeypatch.setattr(kept_figures, "SOON", 2_000)
    browser = large.browser("province")
    with heard() as said:
        assert WAITING not in browser.get(path).text
    # Two rules look at firms (their code); the structure alone at industries.
    assert len([each for each in said if "registration.unit_code" in each]) == rules
    assert len([each for each in said if "registration.unit_industry" in each]) == structures


def test_figures_are_of_one_province_and_cohort(large: Console, province: Browser) -> None:
    province.get("/province/flags")
    count(large)
    assert WAITING in province.get("/province/flags?year=2025").text


def test_a_reminder_to_many_is_counted_when_its_form_stands(
    large: Console, template: None, province: Browser
) -> None:
    form = province.get("/province/reminders/new").find("form[hx-post]")
    assert "正在统计会发给多少人" in province.text
    assert str(form["hx-trigger"]).endswith(", load")
    seen = province.submit(form, "更新效果")
    assert "共 2 所学校 20 人" in seen.text
    assert "load" not in str(seen.find("form[hx-post]")["hx-trigger"])
