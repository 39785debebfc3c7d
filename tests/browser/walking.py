"""Going over every page somebody can reach, by its links: each kind of page once."""

import re
from collections import deque
from collections.abc import Iterator
from urllib.parse import urlsplit

from flask import Flask
from playwright.sync_api import Error, Page, Response

KEY = re.compile(r"(?=.*[\d_A-Z])[A-Za-z0-9_-]{12,}|\d+")
"""A segment of an address that names one thing of many; words with hyphens name a page."""
NO_PAGES = ("/static", "/wechat", "/verify/puzzle.wav")
PATIENCE_MS = 60_000
BONES = """() => {
  const words = ["href", "value", "action", "src", "id", "for", "name", "alt", "aria-label"];
  const kinds = ["class", "role", "type"];
  const written = ({ name, value }) => (kinds.includes(name) ? `${name}=${value}` : name);
  const told = ({ name }) => !words.includes(name) && !name.startsWith("data-");
  const bone = (each) => each.localName + [...each.attributes].filter(told).map(written);
  return [...new Set([...document.querySelectorAll("*")].map(bone))].sort().join();
}"""
"""What a page is made of, whatever it says: two of the same bones need one look."""


def kind_of(address: str) -> str:
    """Return an address with what names one thing of many left out: pages of a kind are alike."""
    segments = urlsplit(address).path.split("/")
    return "/".join("*" if KEY.fullmatch(each) else each for each in segments)


def endpoint_of(app: Flask, kind: str) -> str:
    """Return which view answers addresses of a kind; empty for an address that there is not."""
    routes, path = app.url_map.bind(""), kind.replace("*", "1")
    return str(routes.match(path)[0]) if routes.test(path, "GET") else ""


def every_page(page: Page, site: str, *begins: str) -> Iterator[str]:
    """Open each kind of page that links lead to from the first ones, and yield its kind."""
    waiting, known, seen = deque(f"{site}{each}" for each in begins), set[str](), set[str]()
    while waiting:
        answer = _opened(page, waiting.popleft())
        if answer is None or not page.url.startswith(site) or kind_of(page.url) in seen:
            continue
        assert answer.status < 500, page.url
        seen.add(kind_of(page.url))
        yield kind_of(page.url)
        for link in _links(page, site):
            if kind_of(link) not in known | seen:
                known.add(kind_of(link))
                waiting.append(link)


def _opened(page: Page, address: str) -> Response | None:
    """Return the answer where it is a page; files come down, and are left."""
    try:
        answer = page.goto(address, timeout=PATIENCE_MS)
    except Error as error:
        if "Download is starting" in error.message or "ERR_ABORTED" in error.message:
            return None
        raise
    is_page = answer is not None and "text/html" in answer.headers.get("content-type", "")
    return answer if is_page else None


def _links(page: Page, site: str) -> list[str]:
    found = page.eval_on_selector_all("a[href]", "links => links.map(each => each.href)")
    inside = [each for each in found if each.startswith(f"{site}/")]
    return [each for each in inside if not urlsplit(each).path.startswith(NO_PAGES)]


def is_new(page: Page, looked_at: set[str]) -> bool:
    """Say whether no page of the same bones was looked at, and note that this one is."""
    bones = page.evaluate(BONES)
    is_known = bones in looked_at
    looked_at.add(bones)
    return not is_known
