"""A receiver looks a number up: what is shown, and that all the rest looks the same."""

import re
from collections.abc import Callable
from datetime import timedelta
from itertools import count

import pytest

from registry.numbers import report, shape
from registry.numbers.lookup.guard import ADDRESS
from registry.numbers.service import Validity
from registry.numbers.shape import Issue, Kind
from registry.numbers.tables import Result
from registry.numbers.verification import authorize
from tests.registry.numbers.office import Case
from tests.wxapp.verify.window import NAME, Window

NATIONAL = "2610001EQ86V47B"
"""Shaped like the official ones, which know no check character."""
PLACES = count(1)
CHANGING = re.compile(
    r'name="csrf_token" value="[^"]*"|name="name"\s+value="[^"]*"|name="number"\s+value="[^"]*"'
)


def refused(window: Window, number: str, name: str = NAME, kind: Kind = Kind.FILE) -> str:
    """Return what a stranger is answered, without what was typed and the form's token."""
    stranger = window.browser(f"192.0.{next(PLACES)}.1")  # of few failures, so without a puzzle
    page = window.ask(number, name, stranger, kind)
    assert page.status == 200
    return CHANGING.sub("", page.body.decode())


@pytest.mark.parametrize("issue", Issue)
@pytest.mark.parametrize("kind", Kind)
def test_a_number_that_holds_shows_the_report_and_nothing_else(
    window: Window, issue: Issue, kind: Kind
) -> None:
    page = window.ask(window.number(issue, kind), kind=kind)
    terms = [
        (title.get_text(strip=True), value.get_text(strip=True))
        for title, value in zip(page.find_all("dt"), page.find_all("dd"), strict=True)
    ]
    with window.case() as case:
        row = case.newest(issue, kind)
        assert row is not None
        expected = [
            (each.title, each.value)
            for block in report.blocks(row.snapshot, kind)
            for each in block.lines
        ]
    title = shape.ISSUE_TITLES[issue]
    assert terms == [
        *expected,
        (title, shape.grouped(window.number(issue, kind))),
        ("有效期至", "2026年12月31日" if issue is Issue.VERIFICATION else "2027年3月31日"),
        ("查询时间", "2026年7月1日 10:00:00"),
    ]
    assert "以本页在线结果为准" in page.text
    assert "示范大学" in page.text


WRITINGS: dict[str, Callable[[str], str]] = {
    "small letters": str.lower,
    "in groups": shape.grouped,
    "hyphens": "-".join,
    "with its title": lambda number: f"核验编号：{shape.grouped(number)}。",
    "as a spreadsheet quotes it": lambda number: f"'{number}",
    "full width": lambda number: number.translate(
        {ord(each): ord(each) + 0xFEE0 for each in number}
    ),
}


@pytest.mark.parametrize("how", WRITINGS)
def test_however_the_number_is_written(window: Window, how: str) -> None:
    page = window.ask(WRITINGS[how](window.number()), "欧阳 娜仁")
    assert "编号与姓名相符" in page.text


BEFORE: dict[str, Callable[[Case], object]] = {
    "lapsed": lambda case: case.report(unit_name="另一家公司"),
    "voided": Case.void,
    "expired": lambda case: case.clock.move(timedelta(days=400)),
}


@pytest.mark.parametrize("ended", BEFORE)
def test_a_number_that_is_over_looks_like_one_that_never_was(window: Window, ended: str) -> None:
    number = window.number()
    window.do(BEFORE[ended])
    unknown = shape.make(Issue.TRANSFER, 2026, "10001")
    assert refused(window, number) == refused(window, unknown)
    assert window.results == [Result.ENDED, Result.UNKNOWN]


def test_a_revoked_consent_looks_like_one_that_never_was(window: Window) -> None:
    number = window.number(Issue.VERIFICATION)
    assert "编号与姓名相符" in window.ask(number).text
    window.do(revoke)
    unknown = shape.make(Issue.VERIFICATION, 2026, "10001")
    assert refused(window, number) == refused(window, unknown)


def revoke(case: Case) -> None:
    authorize.revoke(case.session, case.asked, Kind.FILE)


def test_all_that_is_wrong_is_answered_alike(window: Window) -> None:
    number = window.number()
    answers = {
        refused(window, shape.make(Issue.TRANSFER, 2026, "10001")),
        refused(window, number, "张三"),
        refused(window, number, ""),
        refused(window, number[:-1]),
        refused(window, "不是编号"),
        refused(window, ""),
    }
    assert len(answers) == 1
    assert "没有查到有效的登记信息" in answers.pop()
    assert window.results[-3:] == [Result.MALFORMED] * 3


def slips(number: str) -> list[str]:
    """Return a number with a character copied wrongly, and with two of them swapped."""
    wrong = number[:-1] + ("2" if number[-1] != "2" else "3")
    swapped = next(
        number[:at] + number[at + 1] + number[at] + number[at + 2 :]
        for at in range(len("2610001"), len(number) - 1)
        if number[at] != number[at + 1]
    )
    return [wrong, swapped, wrong.lower()]


def test_a_slip_in_a_character_is_told_before_anything_is_looked_up(window: Window) -> None:
    number = window.number()
    browser = window.browser()
    for slip in [*slips(number), NATIONAL]:
        page = window.ask(slip, browser=browser)
        assert "编号可能抄错了一位" in page.text
        assert "没有查到" not in page.text
        assert page.find("input[name=number]")["value"] == slip
    assert window.log == []
    assert "编号与姓名相符" in window.ask(number, browser=browser).text


def test_a_slip_costs_no_puzzle_and_spares_none(window: Window) -> None:
    browser = window.browser()
    for _ in range(ADDRESS.free):
        window.ask(shape.make(Issue.TRANSFER, 2026, "10001"), browser=browser)
    page = window.ask(slips(window.number())[0], browser=browser)
    assert page.find(".puzzle img")
    assert len(window.log) == ADDRESS.free


def test_the_other_module_does_not_know_the_number(window: Window) -> None:
    number = window.number(kind=Kind.HOUSEHOLD)
    unknown = shape.make(Issue.TRANSFER, 2026, "10001")
    assert refused(window, number) == refused(window, unknown)
    assert "编号与姓名相符" in window.ask(number, kind=Kind.HOUSEHOLD).text


def test_what_was_typed_stays_in_the_form(window: Window) -> None:
    page = window.ask("2610001", "张三")
    assert page.find("input[name=number]")["value"] == "2610001"
    assert page.find("input[name=name]")["value"] == "张三"


def test_the_refusal_says_whom_to_ask(window: Window) -> None:
    text = window.ask(shape.make(Issue.TRANSFER, 2026, "10001")).text
    for words in ("由毕业生本人授权", "由学校提供", "dj.ncss.cn"):
        assert words in text


def test_every_page_names_the_host_and_keeps_to_itself(window: Window) -> None:
    browser = window.browser()
    printing = ["/static/print.js"]
    for path in ("/verify", "/verify/household", window.link(), "/v/unknown"):
        page = browser.get(path)
        assert page.find(".head-host strong").get_text() == "localhost"
        assert page.headers["Cache-Control"] == "no-store"
        assert "noindex" in page.headers["X-Robots-Tag"]
        for tag in page.find_all("link[href], script[src], img[src]"):
            address = str(tag.get("href") or tag.get("src"))
            assert address.startswith(("/static/", "data:"))
        sources = [str(tag["src"]).partition("?")[0] for tag in page.find_all("script")]
        assert sources == (printing if path == window.link() else [])


def test_extending_shows_the_new_end_at_once(window: Window) -> None:
    number = window.number(Issue.VERIFICATION)

    def again(case: Case) -> None:
        revoke(case)
        case.authorize(validity=Validity.WEEK)

    window.do(again)
    assert "没有查到" in window.ask(number).text
    fresh = window.number(Issue.VERIFICATION)
    assert "2026年7月8日" in window.ask(fresh).text
    window.do(lambda case: authorize.extend(case.session, case.asked, Kind.FILE, Validity.SERVICE))
    assert "2026年12月31日" in window.ask(fresh).text
