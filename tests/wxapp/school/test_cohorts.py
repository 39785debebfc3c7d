"""Which cohort the console shows: the one in season or the one chosen, and never a hidden one."""

from datetime import UTC, date, datetime

import pytest

from registry.record.tables import Graduate
from registry.review.seasons import SeasonRules, set_season
from registry.review.states import Level
from tests.clock import StandingClock
from tests.pages import Browser
from tests.wxapp.school.conftest import Console
from tests.wxapp.school.review_records import Submissions, submissions

__all__ = ["submissions"]

AUTUMN = datetime(2026, 11, 28, 4, tzinfo=UTC)
DOORS = ("school", "department")


def said(browser: Browser) -> str:
    return " ".join(browser.text.split())


@pytest.fixture
def waiting(console: Console) -> Graduate:
    """Have one of the cohort in season not confirmed."""
    graduate = console.campus.report(console.campus.graduate("李娟"))
    console.campus.save()
    return graduate


def add(console: Console, name: str, year: int, month: str) -> None:
    campus = console.campus
    campus.report(campus.graduate(name, year=year, graduation_month=month))
    campus.save()


@pytest.mark.parametrize("role", DOORS)
def test_one_row_of_the_next_cohort_changes_nothing(
    console: Console, waiting: Graduate, role: str
) -> None:
    add(console, "王建国", 2027, "202701")
    browser = console.browser(role).get("/school/")
    assert "2026 届去向登记" in browser.text
    assert "2027 届，未确认 1" in said(browser)
    assert "李娟" in browser.get("/school/graduates").text
    assert "王建国" not in browser.text


@pytest.mark.parametrize("role", DOORS)
def test_from_september_the_next_cohort_is_shown_and_what_waits_in_the_last_is_said(
    console: Console, submissions: Submissions, clock: StandingClock, waiting: Graduate, role: str
) -> None:
    submissions.add("王建国")
    clock.set(AUTUMN)
    browser = console.browser(role).get("/school/")
    assert "2027 届去向登记" in browser.text
    waits = "2026 届，待审核 1，未确认 1" if role == "department" else "2026 届，未确认 1"
    assert waits in said(browser)
    browser.follow("2026 届")
    assert "2026 届去向登记" in browser.text
    browser.get("/school/reviews?stage=department")
    assert "王建国" in browser.text


def test_the_days_are_those_of_the_cohort_that_is_shown(
    console: Console, waiting: Graduate, clock: StandingClock
) -> None:
    add(console, "王建国", 2025, "202506")
    with console.resources.sessions.begin() as session:
        rules = SeasonRules(2025, (Level.SCHOOL,), None, date(2025, 7, 20))
        set_season(session, console.campus.school.id, rules, "test", clock())
    browser = console.browser().get("/school/?year=2025")
    assert "登记已于 2025年7月20日截止" in browser.text
    assert "2025年7月20日 毕业去向登记和更新截止" in said(browser.get("/school/calendar?year=2025"))
    assert "距登记截止（8月31日）" in browser.get("/school/?year=2026").text


def test_the_cohort_that_was_chosen_is_remembered_by_this_browser_alone(
    console: Console, waiting: Graduate
) -> None:
    add(console, "王建国", 2025, "202506")
    browser = console.browser().get("/school/?year=2025")
    assert "王建国" in browser.get("/school/graduates").text
    assert "李娟" in console.browser().get("/school/graduates").text
    browser.get("/school/?year=2026")
    assert "李娟" in browser.get("/school/graduates").text


def test_a_cohort_that_is_not_offered_is_not_shown(console: Console, waiting: Graduate) -> None:
    browser = console.browser()
    for year in ("1999", "abc", "2026 "):
        assert "2026 届去向登记" in browser.get(f"/school/?year={year}").text


def test_two_windows_of_one_browser_each_keep_their_cohort(
    console: Console, waiting: Graduate
) -> None:
    add(console, "王建国", 2025, "202506")
    window = console.browser().get("/school/")
    Browser(window.client).get("/school/?year=2025")
    assert "李娟" in window.follow("毕业生").text
