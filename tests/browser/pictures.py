"""Pictures of pages, small and wide, for people to look at."""

import os
from pathlib import Path

from playwright.sync_api import Page

WIDTHS = (360, 1280)
HEIGHT, HIGHEST = 800, 6000


def take(page: Page, kind: str, folder: Path) -> None:
    """Take the pictures of a page: `kind` is its address with a star for each key, or its name."""
    name = kind.strip("/").replace("/", "-").replace("*", "x") or "front"
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": HEIGHT})
        height = min(page.evaluate("document.scrollingElement.scrollHeight"), HIGHEST)
        page.set_viewport_size({"width": width, "height": height})  # what sticks covers nothing
        page.screenshot(path=folder / f"{name}-{width}.png")


def take_if_wanted(page: Page, kind: str) -> None:
    """Take them where the environment says into which folder (`make screenshots`)."""
    if folder := os.environ.get("PICTURES"):
        size = page.viewport_size
        take(page, kind, Path(folder))
        if size is not None:
            page.set_viewport_size(size)
