"""`python -m tests.browser.kept_screens FOLDER`: the pictures that `docs/screens.md` shows.

One of each job, of the school and the people that the story leaves behind, so that who has never
signed in sees what there is. All other pages: `make screenshots`.
"""

import io
import os
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

from commands.story.stage import Stage
from tests.browser.cast import SEERS, opened, whole_story

DESK, PHONE, HERS = (1280, 800), (390, 844), (360, 740)
CONSOLE = (DESK, PHONE)
FIRST = "main tbody a"
"""Who or what stands first in a list."""
CHANGE = "text=开始更改"
COLOURS = 256
"""Of a picture: with 64 the green of a small dot is lost where few are on the page."""


@dataclass(frozen=True)
class Screen:
    """A page by the address or the links that lead to it, and how wide it is shown."""

    name: str
    seer: str
    begins: str
    links: tuple[str, ...] = ()
    """What is pressed, each the first of the page that the one before led to."""
    sizes: tuple[tuple[int, int], ...] = CONSOLE


SCREENS = (
    Screen("school-home", "school", "/school/"),
    Screen("school-graduates", "school", "/school/graduates"),
    Screen("school-review", "school", "/school/reviews", (".chips a:has-text('已通过')", FIRST)),
    Screen("school-transfers", "school", "/school/transfer"),
    Screen("school-reminder", "school", "/school/campaigns", (FIRST,)),
    Screen("school-new-reminder", "school", "/school/campaigns/new"),
    Screen("school-statistics", "school", "/school/statistics"),
    Screen("school-import", "school", "/school/imports"),
    Screen("school-reporting", "school", "/school/reporting"),
    Screen("province-home", "province", "/province/"),
    Screen("province-rates", "province", "/province/rates"),
    Screen("operator-account", "operator", "/ops/"),
    Screen("operator-new-school", "operator", "/ops/schools/new"),
    Screen("graduate-home", "graduate-2", "/g/", sizes=(HERS,)),
    Screen("graduate-register", "graduate-1", "/g/register", (CHANGE,), (HERS,)),
    Screen("graduate-confirmation", "graduate-0", "/g/confirmation", sizes=(HERS,)),
    Screen("graduate-authorization", "graduate-2", "/g/authorization", sizes=(HERS,)),
    Screen("graduate-messages", "graduate-0", "/g/messages", sizes=(HERS,)),
)


def main(arguments: list[str]) -> int:
    """Play the story and take the pictures anew; return 0."""
    folder = Path(arguments[0])
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    with (
        tempfile.TemporaryDirectory(prefix="quxiang-screens-") as place,
        whole_story(Path(place)) as stage,
        sync_playwright() as playwright,
    ):
        chromium = playwright.chromium.launch(
            executable_path=program, chromium_sandbox=os.getuid() != 0
        )
        for seer in SEERS:
            theirs = [each for each in SCREENS if each.seer == seer.name]
            if theirs:
                with opened(chromium, seer, stage) as page:
                    _take_all(page, stage, theirs, folder)
        chromium.close()
    return 0


def _take_all(page: Page, stage: Stage, screens: list[Screen], folder: Path) -> None:
    site = stage.trial.settings.public_url
    if screens[0].begins.startswith("/g/"):
        page.goto(f"{site}/wechat/login?to=home")
    for screen in screens:
        page.goto(f"{site}{screen.begins}")
        for link in screen.links:
            page.locator(link).first.click()
        for size in screen.sizes:
            _take(page, size, folder / f"{screen.name}-{size[0]}.webp")


def _take(page: Page, size: tuple[int, int], path: Path) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.wait_for_load_state("networkidle")
    page.wait_for_function("document.getAnimations().every(each => each.playState != 'running')")
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    picture.quantize(COLOURS, dither=Image.Dither.NONE).convert("RGB").save(
        path, lossless=True, method=6
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
