"""Guessing is slowed by what the database counts; a holder is never kept out by strangers."""

from datetime import timedelta

import pytest

from registry.numbers import shape
from registry.numbers.lookup.guard import ADDRESS, HERE, NEIGHBOURS, NUMBER
from registry.numbers.shape import Issue
from registry.numbers.tables import Result
from tests.pages import Browser
from tests.wxapp.verify.window import NAME, Window

FOUND = "编号与姓名相符"
PUZZLE_FIRST = "请输入图中的数字后查询"
PUZZLE_WRONG = "图中的数字没有输对"
ELSEWHERE = "203.0.113.9"


def unknown() -> str:
    return shape.make(Issue.TRANSFER, 2026, "10001")


def guess(window: Window, times: int, number: str = "", address: str = "") -> Browser:
    """Fail so many times, each from a browser of its own, without solving puzzles."""
    for _ in range(times):
        browser = window.browser(address) if address else window.browser()
        window.ask(number or unknown(), "张三", browser)
    return window.browser(address) if address else window.browser()


def test_three_failures_are_free_then_a_puzzle_comes_first(window: Window) -> None:
    browser = guess(window, ADDRESS.free)
    page = window.ask(window.number(), browser=browser)
    assert page.find(".puzzle img")
    assert PUZZLE_FIRST in page.text
    assert len(window.log) == ADDRESS.free
    assert FOUND in window.again(browser, puzzle_answer=window.puzzles[0]).text


def test_a_wrong_answer_gives_another_puzzle_and_looks_nothing_up(window: Window) -> None:
    browser = guess(window, ADDRESS.free)
    window.ask(window.number(), browser=browser)
    first = window.puzzles[0]
    page = window.again(browser, puzzle_answer="00000")
    assert PUZZLE_WRONG in page.text
    assert page.find("input[name=number]")["value"] == window.number()
    assert window.puzzles[0] != first
    assert len(window.log) == ADDRESS.free


def test_an_answer_serves_once(window: Window) -> None:
    browser = guess(window, ADDRESS.free)
    window.ask(window.number(), browser=browser)
    sent = browser.fill("main form", puzzle_answer=window.puzzles[0])
    assert FOUND in browser.post("/verify/file", sent).text
    assert PUZZLE_WRONG in browser.post("/verify/file", sent).text


def test_another_browsers_answer_is_none(window: Window) -> None:
    guess(window, ADDRESS.free)
    solver, thief = window.browser(), window.browser()
    window.ask(window.number(), browser=solver)
    answer = window.puzzles[0]
    window.ask(window.number(), browser=thief)
    assert PUZZLE_WRONG in window.again(thief, puzzle_answer=answer).text


def test_an_old_answer_is_none(window: Window) -> None:
    browser = guess(window, ADDRESS.free)
    window.ask(window.number(), browser=browser)
    answer = window.puzzles[0]
    window.clock.move(timedelta(minutes=11))
    assert PUZZLE_WRONG in window.again(browser, puzzle_answer=answer).text


def test_a_puzzle_can_be_changed_and_heard(window: Window) -> None:
    browser = guess(window, ADDRESS.free)
    page = browser.get("/verify/file")
    first = window.puzzles[0]
    page.submit("main form", "图看不清，换一张", name=NAME, number="2610001")
    assert browser.find("input[name=number]")["value"] == "2610001"
    assert window.puzzles[0] != first
    heard = browser.client.get("/verify/puzzle.wav")
    assert (heard.status_code, heard.data[:4]) == (200, b"RIFF")
    assert "普通话" in browser.text
    assert window.browser().client.get("/verify/puzzle.wav").status_code == 404


def test_an_hour_later_all_is_as_before(window: Window) -> None:
    browser = guess(window, ADDRESS.free)
    window.clock.move(timedelta(minutes=61))
    assert FOUND in window.ask(window.number(), browser=browser).text


def test_who_holds_the_number_gets_through_after_a_storm_of_wrong_names(window: Window) -> None:
    for place in range(30):
        guess(window, 1, window.number(), f"192.0.{place}.1")
    holder = window.browser(ELSEWHERE)
    assert PUZZLE_FIRST in window.ask(window.number(), browser=holder).text
    page = window.again(holder, puzzle_answer=window.puzzles[0])
    assert FOUND in page.text
    assert window.results.count(Result.WRONG_NAME) == NUMBER.free


def test_a_network_shares_a_budget(window: Window) -> None:
    for place in range(NEIGHBOURS.free):
        guess(window, 1, address=f"192.0.2.{place}")
    assert window.browser("192.0.2.250").get("/verify/file").find(".puzzle")
    assert not window.browser("192.0.3.250").get("/verify/file").find_all(".puzzle")


@pytest.mark.parametrize(
    ("one", "other"), [("2001:db8::1", "2001:db8::ffff:2"), ("::ffff:192.0.2.1", "192.0.2.1")]
)
def test_what_a_household_has_is_one_address(window: Window, one: str, other: str) -> None:
    guess(window, ADDRESS.free, address=one)
    assert window.browser(other).get("/verify/file").find(".puzzle")


def test_the_next_household_is_another(window: Window) -> None:
    guess(window, ADDRESS.free, address="2001:db8:0:1::1")
    assert not window.browser("2001:db8:0:2::1").get("/verify/file").find_all(".puzzle")


def test_everybody_together_has_a_budget(window: Window) -> None:
    tight = window.with_settings(lookup_failures=10)
    for place in range(10):
        guess(tight, 1, address=f"10.{place}.0.1")
    assert tight.browser(ELSEWHERE).get("/verify/file").find(".puzzle")
    tight.clock.move(timedelta(minutes=61))
    assert not tight.browser(ELSEWHERE).get("/verify/file").find_all(".puzzle")


def guess_until_paused(window: Window, browser: Browser, number: str) -> int:
    """Guess names for a number as a program that reads puzzles; return the pause in seconds."""
    while browser.get("/verify/file").status == 200:
        answer = {"puzzle_answer": window.puzzles[0]} if browser.find_all(".puzzle") else {}
        if window.again(browser, name="张三", number=number, **answer).status == 429:
            break
    return int("".join(each for each in browser.find(".sentence").text if each.isdigit()))


def test_who_reads_the_puzzles_is_made_to_wait_and_only_there(window: Window) -> None:
    number = window.number()
    assert guess_until_paused(window, window.browser(), number) == 1
    assert window.results.count(Result.WRONG_NAME) == HERE.pause.free
    holder = window.browser(ELSEWHERE)
    window.ask(number, browser=holder)
    assert FOUND in window.again(holder, puzzle_answer=window.puzzles[0]).text


def test_the_pause_doubles_and_ends(window: Window) -> None:
    number = window.number()
    browser = window.browser()
    waits = []
    for _ in range(12):
        waits.append(guess_until_paused(window, browser, number))
        window.clock.move(timedelta(seconds=waits[-1]))
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]


def test_links_that_lead_nowhere_earn_a_pause(window: Window) -> None:
    browser = window.browser()
    for number in range(ADDRESS.pause.free):
        assert browser.get(f"/v/{number:032x}").status == 200
    assert browser.get("/v/nowhere").status == 429
    assert "目前有效" in window.browser(ELSEWHERE).get(window.link()).text


def test_an_attack_costs_the_log_little_and_the_lookups_nothing(window: Window) -> None:
    guess(window, 12)
    assert len(window.log) == ADDRESS.free


def test_losing_redis_neither_opens_nor_closes_the_door(window: Window) -> None:
    alone = window.with_settings(redis_url="redis://127.0.0.1:1/0")
    browser = guess(alone, ADDRESS.free)
    assert PUZZLE_FIRST in alone.ask(alone.number(), browser=browser).text
    assert FOUND in alone.ask(alone.number(), browser=alone.browser(ELSEWHERE)).text


def test_the_log_names_nobody(window: Window) -> None:
    window.ask(window.number())
    (entry,) = window.log
    assert (entry.result, entry.by_link, entry.receiver) == (Result.SHOWN, False, "")
    assert "198.51" not in entry.address_index
    window.browser().get(window.link())
    assert (window.log[-1].result, window.log[-1].by_link) == (Result.SHOWN, True)
