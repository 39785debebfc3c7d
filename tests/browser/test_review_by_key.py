"""Reviewing without a mouse: a key a decision, ten seconds to take it back, the proof beside it."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from registry.review.states import ApplicationState
from registry.review.tables import Application
from tests.browser.conftest import Open
from tests.browser.devices import DESK, NARROW, PHONE
from tests.browser.served import served_application
from tests.waiting import wait_until
from tests.wxapp.school.conftest import Console, app, console, records, resources
from tests.wxapp.school.review_records import Submissions, submissions

__all__ = ["app", "console", "records", "resources", "submissions"]

WIDTH = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
NAMES = ("李娟", "王建国", "赵敏")
SENT, PASSED = ApplicationState.SUBMITTED, ApplicationState.DEPARTMENT_PASSED


@pytest.fixture
def served(console: Console) -> Iterator[str]:
    with served_application(console.app) as address:
        yield address


@pytest.fixture
def waiting(submissions: Submissions) -> list[Application]:
    """Let three wait for the department."""
    return [submissions.add(name) for name in NAMES]


@pytest.fixture
def reviewer(open_page: Open, console: Console, served: str, waiting: list[Application]) -> Page:
    """Open the first of the three, its clock in the test's hand."""
    page = open_page(**DESK)
    signed_in(page, console, served)
    page.clock.install()
    page.goto(f"{served}/school/reviews")
    page.get_by_role("link", name=NAMES[0]).click()
    shows(page, NAMES[0])
    return page


def signed_in(page: Page, console: Console, served: str) -> None:
    cookie = console.browser("department").client.get_cookie("quxiang")
    assert cookie is not None
    page.context.add_cookies([{"name": "quxiang", "value": cookie.value, "url": served}])


def shows(page: Page, name: str) -> None:
    """Wait until the keys work there."""
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    expect(page.locator(".decide-keys")).to_be_visible()


def states(submissions: Submissions, waiting: list[Application]) -> list[str]:
    return [submissions.again(each).state for each in waiting]


def test_a_key_a_decision_and_three_for_a_return(
    reviewer: Page, submissions: Submissions, waiting: list[Application]
) -> None:
    reviewer.keyboard.press("a")
    shows(reviewer, NAMES[1])
    for key in ("r", "1", "Enter"):
        reviewer.keyboard.press(key)
    shows(reviewer, NAMES[2])
    expect(reviewer.locator(".held")).to_have_count(2)
    assert states(submissions, waiting) == [SENT, SENT, SENT]
    reviewer.clock.fast_forward(11_000)
    decided = [PASSED, ApplicationState.RETURNED, SENT]
    wait_until(lambda: states(submissions, waiting) == decided, "both are sent")
    expect(reviewer.locator(".held")).to_have_count(0)


def test_what_is_taken_back_in_time_is_never_sent(
    reviewer: Page, submissions: Submissions, waiting: list[Application]
) -> None:
    reviewer.keyboard.press("a")
    shows(reviewer, NAMES[1])
    reviewer.keyboard.press("z")
    shows(reviewer, NAMES[0])
    reviewer.clock.fast_forward(11_000)
    reviewer.keyboard.press("j")
    shows(reviewer, NAMES[1])
    reviewer.keyboard.press("k")
    shows(reviewer, NAMES[0])
    assert states(submissions, waiting) == [SENT, SENT, SENT]


def test_a_key_pressed_twice_is_one_decision_and_taken_back_as_one(
    reviewer: Page, submissions: Submissions, waiting: list[Application]
) -> None:
    key = "new KeyboardEvent('keydown', {key: 'a', bubbles: true})"
    reviewer.evaluate(f"for (const _ of [1, 2]) document.body.dispatchEvent({key})")
    expect(reviewer.locator(".held")).to_have_count(1)
    shows(reviewer, NAMES[1])
    expect(reviewer.locator(".held")).to_have_count(1)
    reviewer.keyboard.press("z")
    shows(reviewer, NAMES[0])
    expect(reviewer.locator(".held")).to_have_count(0)
    reviewer.clock.fast_forward(11_000)
    reviewer.keyboard.press("a")
    shows(reviewer, NAMES[1])
    assert states(submissions, waiting) == [SENT, SENT, SENT]


def test_who_leaves_the_review_has_decided(
    reviewer: Page, served: str, submissions: Submissions, waiting: list[Application]
) -> None:
    reviewer.keyboard.press("a")
    shows(reviewer, NAMES[1])
    reviewer.goto(f"{served}/school")
    wait_until(lambda: states(submissions, waiting) == [PASSED, SENT, SENT], "it was sent")


def test_what_somebody_else_decided_meanwhile_is_said(
    reviewer: Page, console: Console, submissions: Submissions, waiting: list[Application]
) -> None:
    reviewer.keyboard.press("a")
    shows(reviewer, NAMES[1])
    other = console.browser("department").get(f"/school/reviews/{waiting[0].key}")
    other.submit("form:has(textarea)", "decision=return", reason="材料看不清")
    reviewer.clock.fast_forward(11_000)
    expect(reviewer.get_by_role("alert")).to_contain_text("刚刚有变化")
    reviewer.keyboard.press("j")
    shows(reviewer, NAMES[2])
    expect(reviewer.get_by_role("alert")).to_contain_text("刚刚有变化")  # until it is looked at
    reviewer.get_by_role("link", name="打开").click()
    expect(reviewer.get_by_role("heading", level=1)).to_have_text(NAMES[0])


def test_a_decision_whose_session_ended_is_kept_and_sent_after_signing_in(
    reviewer: Page,
    console: Console,
    served: str,
    submissions: Submissions,
    waiting: list[Application],
) -> None:
    reviewer.keyboard.press("a")
    shows(reviewer, NAMES[1])
    reviewer.context.clear_cookies()
    reviewer.clock.fast_forward(11_000)
    expect(reviewer.get_by_role("alert")).to_contain_text("登录已过期，尚未审核")
    assert states(submissions, waiting) == [SENT, SENT, SENT]
    signed_in(reviewer, console, served)
    reviewer.get_by_role("button", name="重新提交").click()
    wait_until(lambda: states(submissions, waiting) == [PASSED, SENT, SENT], "it was sent")
    expect(reviewer.get_by_role("alert")).to_have_count(0)


def test_the_last_of_the_list_can_be_taken_back_too(
    reviewer: Page, submissions: Submissions, waiting: list[Application]
) -> None:
    for key, name in zip("jj", NAMES[1:], strict=True):
        reviewer.keyboard.press(key)
        shows(reviewer, name)
    reviewer.keyboard.press("a")
    expect(reviewer.get_by_role("button", name="通过")).to_be_disabled()
    reviewer.keyboard.press("z")
    expect(reviewer.get_by_role("button", name="通过")).to_be_enabled()
    reviewer.keyboard.press("a")
    expect(reviewer.locator(".held")).to_be_visible()
    reviewer.clock.fast_forward(11_000)
    reviewer.wait_for_url("**/school/reviews")
    assert states(submissions, waiting) == [SENT, SENT, PASSED]


def test_keys_can_be_switched_off(
    reviewer: Page, submissions: Submissions, waiting: list[Application]
) -> None:
    search = reviewer.get_by_role("searchbox")
    reviewer.keyboard.press("/")
    expect(search).to_be_focused()
    reviewer.get_by_label("快捷键").uncheck()
    reviewer.locator("h1").click()
    reviewer.keyboard.press("j")
    shows(reviewer, NAMES[0])


def test_the_proof_stands_beside_the_fields_and_turns(reviewer: Page) -> None:
    picture = reviewer.locator(".proof img").first
    expect(picture).to_be_in_viewport()
    reviewer.get_by_role("button", name="旋转").first.click()
    assert "rotate(90deg)" in str(picture.get_attribute("style"))
    reviewer.get_by_role("button", name="放大").first.click()
    assert picture.evaluate("each => parseFloat(each.style.width)") > 100


def test_twenty_are_seen_on_a_desk_and_three_lines_of_each_on_a_phone(
    open_page: Open, console: Console, served: str, submissions: Submissions
) -> None:
    for number in range(24):
        submissions.add(f"同学{number:02}")
    for device, most in ((DESK, 32), (NARROW, 3 * 26 + 14)):
        page = open_page(**device)
        signed_in(page, console, served)
        page.goto(f"{served}/school/reviews")
        rows = [row.bounding_box() for row in page.locator("tbody tr").all()]
        assert max(box["height"] for box in rows if box) <= most
        seen = [box for box in rows if box and box["y"] + box["height"] <= 800]
        assert device is NARROW or len(seen) >= 20
        assert page.evaluate(WIDTH) == 0
        page.get_by_label("勾选本页全部").click()
        page.get_by_role("button", name="通过 24 人").scroll_into_view_if_needed()


def test_a_tap_a_decision_on_a_phone(
    open_page: Open, console: Console, served: str, waiting: list[Application]
) -> None:
    phone = open_page(**NARROW)
    signed_in(phone, console, served)
    phone.goto(f"{served}/school/reviews/{waiting[0].key}")
    phone.get_by_role("button", name="通过", exact=True).tap()
    expect(phone.get_by_role("heading", level=1)).to_have_text(NAMES[1])


@pytest.mark.parametrize("scripts", [True, False], ids=["js", "no js"])
def test_it_fits_a_phone(
    open_page: Open, console: Console, served: str, waiting: list[Application], *, scripts: bool
) -> None:
    phone = open_page(**PHONE, java_script_enabled=scripts)
    signed_in(phone, console, served)
    phone.goto(f"{served}/school/reviews/{waiting[0].key}")
    assert phone.evaluate("document.documentElement.scrollWidth") == 360
    phone.get_by_role("button", name="通过", exact=True).click()
    expect(phone.get_by_role("heading", level=1)).to_have_text(NAMES[1])
