"""The pictures of pages that the docs show: each is there, each is shown, and all are small."""

import re
from pathlib import Path

from tests.browser.kept_screens import SCREENS

SHOWN = re.compile(r"!\[[^\]]+\]\(screens/([^)]+)\)")
MOST_BYTES = 3_000_000
"""Of all together: who clones the project takes them along."""


def shown(repository: Path) -> list[str]:
    return SHOWN.findall((repository / "docs" / "screens.md").read_text(encoding="utf-8"))


def test_each_picture_that_is_kept_is_shown_once(repository: Path) -> None:
    kept = {each.name for each in (repository / "docs" / "screens").iterdir()}
    assert sorted(shown(repository)) == sorted(kept)


def test_each_picture_that_is_shown_is_taken_by_the_command(repository: Path) -> None:
    taken = {f"{each.name}-{width}.webp" for each in SCREENS for width, _ in each.sizes}
    assert {*shown(repository)} == taken


def test_they_are_small_together(repository: Path) -> None:
    pictures = (repository / "docs" / "screens").iterdir()
    assert sum(each.stat().st_size for each in pictures) <= MOST_BYTES
