"""The page on ASVS has each requirement once, and names code and tests that are there."""

import re
from collections import Counter
from pathlib import Path

import pytest

SECTIONS = """
1.1 2, 1.2 9, 1.3 11, 1.4 3, 1.5 2, 2.1 3, 2.2 3, 2.3 4, 2.4 1, 3.2 2, 3.3 4, 3.4 6, 3.5 5, 3.7 2,
4.1 3, 4.2 1, 4.3 2, 4.4 4, 5.1 1, 5.2 3, 5.3 2, 5.4 3, 6.1 3, 6.2 12, 6.3 4, 6.4 4, 6.5 5, 6.6 3,
6.8 4, 7.1 3, 7.2 4, 7.3 2, 7.4 5, 7.5 2, 7.6 2, 8.1 2, 8.2 3, 8.3 1, 8.4 1, 9.1 3, 9.2 4, 10.1 2,
10.2 2, 10.3 4, 10.4 11, 10.5 5, 10.6 2, 10.7 3, 11.1 2, 11.2 3, 11.3 3, 11.4 4, 11.5 1, 11.6 1,
12.1 3, 12.2 2, 12.3 4, 13.1 1, 13.2 5, 13.3 2, 13.4 5, 14.1 2, 14.2 4, 14.3 3, 15.1 3, 15.2 3,
15.3 7, 16.1 1, 16.2 5, 16.3 4, 16.4 3, 16.5 3, 17.1 1, 17.2 4, 17.3 2
"""
"""Section -> how many of its requirements are of level 1 or 2: always the first so many."""
VERDICTS = ("holds", "fails", "n.a.")
ROW = re.compile(r"^\| (\d+\.\d+\.\d+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
NAMED = re.compile(r"`([a-z_/0-9]+\.(?:py|html|js)):(\w+)`")


@pytest.fixture
def page(repository: Path) -> str:
    return (repository / "docs" / "asvs.md").read_text(encoding="utf-8")


def test_each_requirement_stands_there_once(page: str) -> None:
    wanted = [
        f"{section}.{place}"
        for section, number in (each.split() for each in SECTIONS.split(","))
        for place in range(1, int(number) + 1)
    ]
    assert len(wanted) == 253
    assert [row[0] for row in ROW.findall(page)] == wanted


def test_each_has_a_verdict_and_the_sums_are_true(page: str) -> None:
    counts = Counter(row[1] for row in ROW.findall(page))
    assert set(counts) <= set(VERDICTS)
    holds, fails, others = (counts[each] for each in VERDICTS)
    assert f"**{holds} hold, {fails} fail, {others} do not apply.**" in page


def test_each_that_fails_is_argued(page: str) -> None:
    argued = page.partition("## Those that fail")[2].partition("\n## ")[0]
    failing = [number for number, verdict, *_ in ROW.findall(page) if verdict == "fails"]
    assert re.findall(r"^- \*\*(\S+)\*\*", argued, re.MULTILINE) == failing


def test_each_place_that_is_named_is_there(repository: Path, page: str) -> None:
    missing = [
        f"{path}:{name}"
        for path, name in NAMED.findall(page)
        if not _defines((repository / path).read_text(encoding="utf-8"), name)
    ]
    assert not missing


def _defines(source: str, name: str) -> bool:
    return (
        re.search(rf"^ *(?:def (?:test_)?|class ){name}\b|^{name}\b", source, re.MULTILINE)
        is not None
    )


def test_no_script_of_ours_keeps_anything_in_the_browser(repository: Path) -> None:
    for script in (repository / "wxapp" / "static").glob("*.js"):
        source = script.read_text(encoding="utf-8")
        assert not re.search("localStorage|sessionStorage|indexedDB|document.cookie", source)


def test_no_view_mixes_query_and_form(repository: Path) -> None:
    for view in (repository / "wxapp").rglob("*.py"):
        assert "request.values" not in view.read_text(encoding="utf-8"), view
