"""A page as a person without a mouse sees it: its text, its links, its forms."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from typing_extensions import override

Attributes = Mapping[str, str]
SILENT = {"script", "style", "template", "svg", "title"}
UNSENT = {"submit", "button", "reset", "image", "file"}
TICKED = {"checkbox", "radio"}


@dataclass
class Button:
    """A button: its words, what it sends, and where to, if not where the form does."""

    words: str = ""
    name: str = ""
    value: str = ""
    action: str = ""


@dataclass
class Form:
    """A form as it stands before anybody fills it in."""

    action: str
    method: str
    sent: list[tuple[str, str]] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    buttons: list[Button] = field(default_factory=list)

    def says(self, words: str) -> bool:
        """Say whether one of its buttons has these words."""
        return any(words in button.words for button in self.buttons)


@dataclass
class Link:
    """A link and its words."""

    words: str
    address: str


class Page(HTMLParser):
    """Read from HTML; the text has one blank between what stands apart."""

    def __init__(self, html: str) -> None:
        """Read it all."""
        super().__init__(convert_charrefs=True)
        self.forms: list[Form] = []
        self.links: list[Link] = []
        self._words: list[str] = []
        self._silent = 0
        self._form: Form | None = None
        self._button: Button | None = None
        self._link: Link | None = None
        self._select: tuple[str, list[tuple[str, bool]]] | None = None
        self._area: str | None = None
        self.feed(html)
        self.close()

    @property
    def text(self) -> str:
        """Return what is read, on one line."""
        return " ".join(" ".join(self._words).split())

    def form(self, words: str) -> Form:
        """Return the first form with a button that has these words; raise LookupError."""
        for form in self.forms:
            if form.says(words):
                return form
        raise LookupError(f"no button says {words}")

    def link(self, words: str) -> str:
        """Return where the first link with these words leads; raise LookupError."""
        for link in self.links:
            if words in link.words:
                return link.address
        raise LookupError(f"no link says {words}")

    @override
    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag in SILENT:
            self._silent += 1
        begin = getattr(self, f"_begin_{tag}", None)
        if begin is not None:
            begin(given)

    @override
    def handle_endtag(self, tag: str) -> None:
        if tag in SILENT:
            self._silent -= 1
        end = getattr(self, f"_end_{tag}", None)
        if end is not None:
            end()

    @override
    def handle_data(self, data: str) -> None:
        if self._silent:
            return
        self._words.append(data)
        for part in (self._button, self._link):
            if part is not None:
                part.words = f"{part.words} {data.strip()}".strip()
        if self._area is not None and self._form is not None:
            self._form.sent.append((self._area, data.removeprefix("\n")))
            self._area = None

    def _begin_form(self, given: Attributes) -> None:
        self._form = Form(given.get("action", ""), given.get("method", "get").lower())
        self.forms.append(self._form)

    def _end_form(self) -> None:
        self._form = None

    def _begin_input(self, given: Attributes) -> None:
        kind, name = given.get("type", "text").lower(), given.get("name", "")
        if self._form is None or not name or "disabled" in given:
            return
        self._form.names.add(name)
        if kind not in UNSENT and (kind not in TICKED or "checked" in given):
            self._form.sent.append((name, given.get("value", "on" if kind in TICKED else "")))

    def _begin_textarea(self, given: Attributes) -> None:
        self._area = given.get("name")
        if self._form is not None and self._area:
            self._form.names.add(self._area)

    def _end_textarea(self) -> None:
        self._area = None

    def _begin_select(self, given: Attributes) -> None:
        self._select = (given.get("name", ""), [])

    def _begin_option(self, given: Attributes) -> None:
        if self._select is not None:
            self._select[1].append((given.get("value", ""), "selected" in given))

    def _end_select(self) -> None:
        if self._select is None or self._form is None:
            return
        name, options = self._select
        self._form.names.add(name)
        chosen = [value for value, selected in options if selected] or [
            value for value, _ in options[:1]
        ]
        self._form.sent.extend((name, value) for value in chosen)
        self._select = None

    def _begin_button(self, given: Attributes) -> None:
        self._button = Button(
            name=given.get("name", ""),
            value=given.get("value", ""),
            action=given.get("formaction", ""),
        )
        if self._form is not None and given.get("type", "submit") == "submit":
            self._form.buttons.append(self._button)

    def _end_button(self) -> None:
        self._button = None

    def _begin_a(self, given: Attributes) -> None:
        self._link = Link("", given.get("href", ""))
        self.links.append(self._link)

    def _end_a(self) -> None:
        self._link = None


def filled(form: Form, button: str, values: Mapping[str, Any]) -> tuple[str, list[tuple[str, str]]]:
    """Return where the filled form goes when a button is pressed, and what it sends.

    Raise LookupError for a field or button that is not there.
    """
    missing = set(values) - form.names
    if missing:
        raise LookupError(f"the form has no field {', '.join(sorted(missing))}")
    pressed = next((each for each in form.buttons if button in each.words), None)
    if pressed is None:
        raise LookupError(f"the form has no button {button}")
    sent = [(name, value) for name, value in form.sent if name not in values]
    for name, value in values.items():
        sent += [(name, each) for each in (value if isinstance(value, list) else [value])]
    if pressed.name:
        sent.append((pressed.name, pressed.value))
    return pressed.action or form.action, sent
