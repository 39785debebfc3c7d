"""The paragraphs of a page as plain text: a mini program shows no HTML."""

from html.parser import HTMLParser

from typing_extensions import override

_BLOCKS = {"p", "li", "h2", "h3"}


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._within: list[str] | None = None

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _BLOCKS:
            self._within = []

    @override
    def handle_data(self, data: str) -> None:
        if self._within is not None:
            self._within.append(data)

    @override
    def handle_endtag(self, tag: str) -> None:
        if tag in _BLOCKS and self._within is not None:
            self.found.append(" ".join("".join(self._within).split()))
            self._within = None


def paragraphs(page: str) -> list[str]:
    """Return the text of each paragraph, heading and item, none of them empty."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    return [each for each in reader.found if each]
