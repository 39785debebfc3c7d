"""Somebody with a browser: cookies, pages, forms filled in as they stand."""

from typing import Any, ClassVar, Self
from urllib.parse import urljoin

import requests

from commands.story.page import Page, filled

SECONDS = (3, 30)

Upload = tuple[str, bytes]


class Visitor:
    """One browser; `page` is what it shows now."""

    last: ClassVar["Visitor | None"] = None
    """Who looked at a page last: what a failure has to show."""

    def __init__(self, address: str) -> None:
        """Open the browser at an address that paths are taken from."""
        self.address = address
        self.status = 0
        self.content = b""
        self.page = Page("")
        self._http = requests.Session()
        self._http.trust_env = False

    def open(self, path: str) -> Self:
        """Open a page, and follow where it leads."""
        return self._show(self._http.get(urljoin(self.address, path), timeout=SECONDS))

    def follow(self, words: str) -> Self:
        """Click the link with these words."""
        return self.open(self.page.link(words))

    def press(self, button: str, **values: str | list[str]) -> Self:
        """Fill in the form that has this button, and press it."""
        return self._send(button, values, {})

    def upload(self, button: str, files: dict[str, Upload], **values: str) -> Self:
        """Press a button of a form that takes files."""
        return self._send(button, values, files)

    def _send(self, button: str, values: dict[str, Any], files: dict[str, Upload]) -> Self:
        form = self.page.form(button)
        action, sent = filled(form, button, values)
        target = urljoin(self.address, action)
        if form.method == "get":
            return self._show(self._http.get(target, params=sent, timeout=SECONDS))
        return self._show(self._http.post(target, data=sent, files=files or None, timeout=SECONDS))

    def _show(self, answer: requests.Response) -> Self:
        self.address, self.status, self.content = answer.url, answer.status_code, answer.content
        Visitor.last = self
        is_page = answer.headers.get("Content-Type", "").startswith("text/html")
        self.page = Page(answer.content.decode() if is_page else "")
        return self

    @property
    def text(self) -> str:
        """Return what the page says."""
        return self.page.text
