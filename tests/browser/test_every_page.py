"""axe-core finds nothing serious on any page of anybody, in the light and in the dark."""

from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page

from commands.story.stage import Stage
from tests.architecture.test_pages_of_doors import app
from tests.browser.cast import SEERS, Seer, opened
from tests.browser.pages import WALKED
from tests.browser.walking import endpoint_of, every_page, is_new

__all__ = ["app"]

pytestmark = [pytest.mark.timeout(1_800), pytest.mark.slow]

AXE = Path(__file__).parent / "vendor" / "axe-core-4.14.1.min.js"
CHECK = """async (rules) => {
  const only = rules ? { runOnly: rules } : { resultTypes: ["violations"] };
  const { violations } = await axe.run(document, only);
  return violations.filter(({ impact }) => ["serious", "critical"].includes(impact))
    .flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 200)}`));
}"""
COLOURS = ["color-contrast"]
"""What the dark can change."""
HAS_DARK = (
    "() => document.querySelector('meta[name=color-scheme]')?.content.includes('dark') ?? false"
)


@pytest.fixture(scope="module")
def looked_at() -> set[str]:
    """Keep the bones of the pages that were looked at."""
    return set()


def faults(page: Page, looked_at: set[str]) -> list[str]:
    """Return what axe calls serious or critical of a page, unless one like it was looked at."""
    if not is_new(page, looked_at):
        return []
    page.evaluate(AXE.read_text(encoding="utf-8"))
    light: list[Any] = page.evaluate(CHECK, None)
    return [*map(str, light), *_faults_in_the_dark(page)]


def _faults_in_the_dark(page: Page) -> list[str]:
    if not page.evaluate(HAS_DARK):
        return []
    page.emulate_media(color_scheme="dark")
    dark: list[Any] = page.evaluate(CHECK, COLOURS)
    page.emulate_media(color_scheme="light")
    return [f"dark {each}" for each in dark]


def test_nothing_keeps_a_newcomer_from_reading_the_sandbox(
    chromium: Browser, stage: Stage, looked_at: set[str]
) -> None:
    sandbox, openid = stage.trial.sandbox_url, next(iter(stage.phones.values()))
    phone = f"/phone/{openid}"
    panels = [f"{phone}?panel={each}" for each in ("settings", "sms", "keyboard")]
    with closing(chromium.new_page()) as page:
        found = {kind: faults(page, looked_at) for kind in every_page(page, sandbox, "/?q=", phone)}
        for panel in panels:
            page.goto(f"{sandbox}{panel}")
            found[panel] = faults(page, looked_at)
    assert "\n".join(f"{kind}: {each}" for kind in found for each in found[kind]) == ""


@pytest.mark.parametrize("seer", SEERS, ids=lambda seer: seer.name)
def test_nothing_keeps_anybody_from_reading_a_page(
    app: Flask, chromium: Browser, stage: Stage, seer: Seer, looked_at: set[str]
) -> None:
    with opened(chromium, seer, stage) as page:
        site = stage.trial.settings.public_url
        found = {kind: faults(page, looked_at) for kind in every_page(page, site, *seer.begins)}
    assert "\n".join(f"{kind}: {each}" for kind in found for each in found[kind]) == ""
    met = {each for each in (endpoint_of(app, kind) for kind in found) if each}
    assert {*WALKED[seer.name].split()} - met == set(), sorted(met)
