"""The browser is there, reads Chinese, and stays on this machine."""

import pytest
from playwright.sync_api import Error, Page

from tests.one_database import is_left_to_next_turn


def test_a_phone_is_narrow_and_chinese(phone: Page) -> None:
    phone.set_content(
        "<!DOCTYPE html><html lang='zh-CN'><meta name=viewport content='width=device-width'>"
    )
    assert phone.evaluate("[innerWidth, navigator.language]") == [360, "zh-CN"]


def test_chinese_is_drawn_with_a_font_that_has_it(desk: Page) -> None:
    desk.set_content("<canvas id=c width=80 height=40></canvas>")
    drawn = """text => { const c = document.getElementById('c'), p = c.getContext('2d');
        p.clearRect(0, 0, 80, 40); p.font = '20px sans-serif'; p.fillText(text, 0, 30);
        return c.toDataURL() }"""
    assert desk.evaluate(drawn, "去") != desk.evaluate(drawn, "向"), "fonts-noto-cjk is missing"


def test_no_window_reaches_another_machine(desk: Page) -> None:
    with pytest.raises(Error, match="ERR_NAME_NOT_RESOLVED"):
        desk.goto("http://192.0.2.1/")


def test_each_turn_of_ci_opens_the_windows_over_one_database(
    request: pytest.FixtureRequest,
) -> None:
    for item in request.session.items:
        chosen = [each for each in item.iter_markers("parametrize") if "database_kind" in each.args]
        either = "database_kind" in getattr(item, "fixturenames", ()) and not chosen
        left_out = [is_left_to_next_turn(item, turn) for turn in (6, 7)]
        assert sum(left_out) == either, item.nodeid
