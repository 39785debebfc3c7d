"""Who completed without graduating (结业) is seen as such wherever staff see her."""

import pytest

from registry.codes import categories
from registry.codes.code_tables import LEVEL
from registry.record.tables import Graduate
from tests.wxapp.school.conftest import Console
from tests.wxapp.school.review_records import Submissions, submissions

__all__ = ["submissions"]


@pytest.fixture
def completer(console: Console) -> Graduate:
    campus = console.campus
    found = campus.report(campus.graduate("赵敏", level="33"))
    campus.report(campus.graduate("李娟", level="31"))
    campus.save()
    return found


@pytest.mark.parametrize(
    "address", ["/school/graduates", "/school/verification", "/school/transfer"]
)
def test_lists_show_it(console: Console, completer: Graduate, address: str) -> None:
    rows = console.browser().get(address).find_all("tbody tr")
    seen = {row.get_text(" ", strip=True)[:2]: "结业" in row.get_text() for row in rows}
    assert seen == {completer.name: True, "李娟": False}


def test_her_page_and_the_choice_of_levels_show_it(console: Console, completer: Graduate) -> None:
    browser = console.browser().get(f"/school/graduates/{completer.key}")
    assert "本科（结业）" in browser.text
    assert "本科（结业）" in browser.get("/school/graduates").text


def test_reviews_show_it(console: Console, submissions: Submissions) -> None:
    one = submissions.add("赵敏")
    console.campus.session.get_one(Graduate, one.graduate_id).level = "33"
    console.campus.save()
    browser = console.browser("department").get("/school/reviews")
    assert "结业" in browser.find("tbody tr").get_text()
    assert "（结业）" in browser.follow("赵敏").text


@pytest.mark.parametrize("code", LEVEL.codes)
def test_a_workbook_of_ours_can_be_read_again(code: str) -> None:
    title = categories.level_and_ending(code)
    found = LEVEL.code_of(title) or ""
    assert categories.level_and_ending(found) == title
    assert (categories.ending(code) == "") == ("结业" not in title and "肄业" not in title)
