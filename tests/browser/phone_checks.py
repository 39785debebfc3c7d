"""What is asked of every page on a phone: few bytes, and nothing hidden when its text is large."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, Request

ENLARGE = """(times) => {
  const all = [...document.body.querySelectorAll("*"), document.body];
  window.sizes ??= all.map((each) => parseFloat(getComputedStyle(each).fontSize));
  const size = (at) => `${sizes[at] * times}px`;
  all.forEach((each, at) => each.style.setProperty("font-size", size(at), "important"));
}"""
"""As WeChat does on Android: what was laid down in points grows too."""

HIDDEN = Path(__file__).with_name("hidden.js").read_text(encoding="utf-8")


def hidden_at(page: Page, times: float) -> list[str]:
    """Return what cannot be read or reached while all text is so many times as large."""
    page.evaluate(ENLARGE, times)
    found: list[str] = page.evaluate(HIDDEN)
    return [f"{times}: {each}" for each in found]


@contextmanager
def fetching(page: Page) -> Iterator[list[Request]]:
    """Give what is fetched meanwhile, without what is drawn within the page itself."""
    fetched: list[Request] = []

    def note(request: Request) -> None:
        if not request.url.startswith("data:") and "mark.svg" not in request.url:
            fetched.append(request)  # that is the window's icon

    page.on("requestfinished", note)
    yield fetched
    page.remove_listener("requestfinished", note)


def weight(fetched: list[Request]) -> int:
    """Return how many bytes came, headers included."""
    sizes = [each.sizes() for each in fetched]
    return sum(each["responseBodySize"] + each["responseHeadersSize"] for each in sizes)
