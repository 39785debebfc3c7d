"""Whether a page is no wider than its window."""

from playwright.sync_api import Page


def fits(page: Page) -> bool:
    """Say whether nothing has to be scrolled sideways on the page that has come, or is coming.

    A click returns when the next page has begun, which has no root element yet on a busy machine.
    """
    page.wait_for_load_state("domcontentloaded")
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))
