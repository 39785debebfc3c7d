"""Every page of graduates: light enough for a slow network, and whole when its text is large."""

from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, Page

from commands.story.stage import Stage
from tests.browser.cast import SEERS, opened
from tests.browser.phone_checks import fetching, hidden_at, weight
from tests.browser.walking import every_page, is_new

MOST_REQUESTS = 5
MOST_BYTES = 35_000
SIZES = (1.0, 1.5, 2.0)
PHONES = [each for each in SEERS if each.name.startswith(("unbound", "graduate"))]

pytestmark = [pytest.mark.timeout(1_800), pytest.mark.slow]


@dataclass
class Walked:
    """What was found on the pages of graduates."""

    pages: int = 0
    made_of: set[str] = field(default_factory=set)
    heavy: dict[str, str] = field(default_factory=dict)
    hidden: dict[str, list[str]] = field(default_factory=dict)


@pytest.fixture(scope="module")
def walked(chromium: Browser, stage: Stage) -> Walked:
    """Walk all pages of all graduates once; of two that are made of the same, one is looked at."""
    found = Walked()
    for seer in PHONES:
        with opened(chromium, seer, stage) as page:
            network = page.context.new_cdp_session(page)
            for kind in every_page(page, stage.trial.settings.public_url, *seer.begins):
                if is_new(page, found.made_of):
                    network.send("Network.clearBrowserCache")
                    _look(page, f"{seer.name} {kind}", found)
    return found


def _look(page: Page, name: str, found: Walked) -> None:
    with fetching(page) as fetched:
        page.reload(wait_until="load")
    found.pages += 1
    if weight(fetched) > MOST_BYTES or len(fetched) > MOST_REQUESTS:
        found.heavy[name] = f"{weight(fetched)} {[each.url for each in fetched]}"
    if hidden := [each for size in SIZES for each in hidden_at(page, size)]:
        found.hidden[name] = hidden


def test_each_page_takes_few_requests_and_bytes(walked: Walked) -> None:
    assert walked.pages >= 30
    assert walked.heavy == {}


def test_large_text_hides_nothing(walked: Walked) -> None:
    assert walked.hidden == {}
