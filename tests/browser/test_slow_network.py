"""A page stands soon on a slow network: its largest part is painted within two seconds."""

import pytest
from playwright.sync_api import Browser, Page

from commands.story.stage import Stage
from tests.browser.cast import SEERS, opened

pytestmark = [
    pytest.mark.timeout(1_800),  # it waits for what another process looks at, too
    pytest.mark.slow,
    pytest.mark.alone,
]

SLOW = {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000}
"""Milliseconds, and bytes a second: 400 kbit/s."""
MOST_SECONDS = 2.0
PAINTED = """() => new Promise((tell) => new PerformanceObserver((seen) =>
  tell(seen.getEntries().at(-1).startTime)).observe(
    { type: "largest-contentful-paint", buffered: true }))"""
PAGES = [
    *[("graduate-0", f"/g/{each}") for each in ("", "confirmation", "authorization", "messages")],
    *[("unbound", "/g/bind"), ("anybody", "/"), ("anybody", "/verify/file")],
]


def slow_down(page: Page) -> None:
    """Have what the page opens next come slowly, and nothing from the cache."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.clearBrowserCache")
    session.send("Network.emulateNetworkConditions", SLOW)


@pytest.mark.parametrize(("name", "path"), PAGES)
def test_the_largest_part_is_painted_soon(
    chromium: Browser, stage: Stage, name: str, path: str
) -> None:
    [seer] = [each for each in SEERS if each.name == name]
    site = stage.trial.settings.public_url
    with opened(chromium, seer, stage) as page:
        page.goto(f"{site}{seer.begins[0]}")
        slow_down(page)
        page.goto(f"{site}{path}")
        assert page.evaluate(PAINTED) / 1_000 <= MOST_SECONDS
