"""A province, too, sees the cohort in season or the one it chose, and what waits in the others."""

from datetime import UTC, datetime

from registry.record.cohort import last_day
from registry.review.seasons import SeasonRules, set_season
from registry.review.states import Level
from tests.clock import StandingClock
from tests.wxapp.school.conftest import Console
from tests.wxapp.school.review_records import Submissions, submissions

__all__ = ["submissions"]

AUTUMN = datetime(2026, 11, 28, 4, tzinfo=UTC)


def test_from_september_the_next_cohort_is_shown_and_what_waits_in_the_last_is_said(
    console: Console, submissions: Submissions, clock: StandingClock
) -> None:
    rules = SeasonRules(2026, (Level.SCHOOL, Level.PROVINCE), None, last_day(2026))
    set_season(console.campus.session, console.campus.school.id, rules, "test", clock())
    console.campus.save()
    application = submissions.add("李娟")
    school = console.browser().get("/school/reviews")
    school.submit(
        ".review-form", "decision=pass", seen=[f"{application.key}:{application.revision}"]
    )
    clock.set(AUTUMN)
    browser = console.browser("province").get("/province/reviews")
    assert "2027 届待省级审核" in browser.text
    assert "2026 届，待审核 1" in " ".join(browser.text.split())
    browser.follow("2026 届")
    assert "2026 届待省级审核" in browser.get("/province/reviews").text
    assert "2027 届待省级审核" in console.browser("province").get("/province/reviews").text
