"""`python -m tests.browser.screenshots FOLDER`: a picture of every page that links lead to.

Those that the story leaves nothing behind for are taken by the tests that arrange them
(`take_if_wanted`).

What a page looks like is compared by eye: the pictures are made anew when they are wanted, and
kept nowhere.
"""

import os
import shutil
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from commands.story.stage import Stage
from tests.browser.cast import SEERS, Seer, opened, whole_story
from tests.browser.pictures import take
from tests.browser.walking import every_page


def main(arguments: list[str]) -> int:
    """Play the story and take the pictures; return 0."""
    folder = Path(arguments[0])
    shutil.rmtree(folder, ignore_errors=True)
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    with (
        tempfile.TemporaryDirectory(prefix="quxiang-pictures-") as place,
        whole_story(Path(place)) as stage,
        sync_playwright() as playwright,
    ):
        chromium = playwright.chromium.launch(
            executable_path=program, chromium_sandbox=os.getuid() != 0
        )
        for seer in SEERS:
            taken = _take(chromium, seer, stage, folder / seer.name)
            sys.stdout.write(f"{seer.name}: {taken} pages\n")
        chromium.close()
    return 0


def _take(chromium: Browser, seer: Seer, stage: Stage, folder: Path) -> int:
    with opened(chromium, seer, stage) as page:
        taken = 0
        for kind in every_page(page, stage.trial.settings.public_url, *seer.begins):
            take(page, kind, folder)
            taken += 1
    return taken


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
