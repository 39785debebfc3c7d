"""What is wrong with a page, as far as its markup tells: each check yields sentences."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import html5lib
from bs4 import BeautifulSoup, Tag
from bs4.builder._html5lib import HTML5TreeBuilder
from typing_extensions import override

from tests.known_pages import known_by

LANGUAGE = "zh-CN"
NEEDS_NO_LABEL = {"hidden", "submit", "button", "reset", "image"}
REFERENCES = {"for", "aria-labelledby", "aria-describedby", "aria-controls", "list", "form"}
FIRST_TAG = re.compile(r"\s*<([a-z0-9]+)")
CONTAINERS = {"tr": "tbody", "td": "tr", "th": "tr", "tbody": "table", "option": "select"}
OPENINGS = {
    "tbody": "<table><tbody>",
    "tr": "<table><tbody><tr>",
    "table": "<table>",
    "select": "<select>",
}
NONCE = re.compile(r"'nonce-([^']+)'")

TEXT = re.compile(r">([^<]*)<")
FREE_VALUE = re.compile(r'\b(value|href|src|action|content|title|alt|datetime)="([^"]+)"')
NOT_WELL_WRITTEN = re.compile(r"&(?!#?\w+;)|[\x00-\x08\x0b\x0e-\x1f\x7f]")

Error = tuple[tuple[int, int], str, object]
Check = Callable[[BeautifulSoup], Iterator[str]]


class Reader(HTML5TreeBuilder):
    """Beautiful Soup's own, but what html5lib found wrong is kept."""

    errors: Sequence[Error] = ()

    @override
    def feed(self, markup: str | bytes) -> None:
        parser = html5lib.HTMLParser(tree=self.create_treebuilder)  # type: ignore[arg-type]  # as it does itself
        assert self.underlying_builder is not None
        self.underlying_builder.parser = parser
        parser.parse(markup)
        self.underlying_builder.parser = None
        self.errors = parser.errors


def complaints_about(html: str, policy: str = "", *, fragment: bool = False) -> list[str]:
    """List all that is wrong with a page, or with a part of one that htmx puts into it.

    `policy` is its Content-Security-Policy: the scripts' nonces must be the one named there.
    """
    soup = read_strictly(html)
    checks = EVERYWHERE if fragment else (*EVERYWHERE, *WHOLE_PAGES)
    found = [complaint for check in checks for complaint in check(soup)]
    assert isinstance(soup.builder, Reader)
    errors = _errors_of_fragment(html) if fragment else soup.builder.errors
    return [*_markup(errors, html), *found, *_scripts(soup, policy)]


def complaints_about_new(html: str, policy: str, *, fragment: bool) -> list[str]:
    """List the same, unless nothing was wrong with a page that differs in its words only.

    Reading a page strictly takes longer than making it, and a run opens the same ones thousands
    of times, in each of its processes.
    """
    known, outline = known_by(Path(__file__)), f"{fragment} {outline_of(html, policy)}"
    if known.has(outline):
        return []
    complaints = complaints_about(html, policy, fragment=fragment)
    if not complaints:
        known.add(outline)
    return complaints


def outline_of(html: str, policy: str = "") -> str:
    """Return a page without what no check asks for: its words, and what values say."""
    for nonce in NONCE.findall(policy):
        html = html.replace(f'nonce="{nonce}"', "nonce")
    return FREE_VALUE.sub(_outline_of_value, TEXT.sub(_outline_of_text, html))


def _outline_of_text(found: re.Match[str]) -> str:
    return f">{_kind_of_words(found[1])}<" if found[1].strip() else "><"


def _outline_of_value(found: re.Match[str]) -> str:
    return f'{found[1]}="{_kind_of_words(found[2])}"'


def _kind_of_words(words: str) -> str:
    """Return them whole if they may be wrong by themselves, else a word for any."""
    wrong = NOT_WELL_WRITTEN.search(words) or words.lstrip().lower().startswith("javascript:")
    return words if wrong else "words"


def read_strictly(html: str) -> BeautifulSoup:
    """Read a page, or a part of one within what it needs around it: a row within a table."""
    return BeautifulSoup(OPENINGS.get(_container(html), "") + html, builder=Reader())


def _container(html: str) -> str:
    first = FIRST_TAG.match(html)
    return CONTAINERS.get(first[1], "div") if first else "div"


def _errors_of_fragment(html: str) -> list[Error]:
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    parser.parseFragment(html, container=_container(html))
    return list(parser.errors)


def _markup(errors: Sequence[Error], html: str) -> Iterator[str]:
    lines = html.splitlines()
    for (line, _column), code, details in errors:
        near = lines[line - 1].strip() if line <= len(lines) else "the end"
        yield f"line {line}: {code} {details or ''}, near {near[:80]}"


def _title_and_language(soup: BeautifulSoup) -> Iterator[str]:
    titles = [title.get_text(strip=True) for title in soup.select("head > title")]
    if len(titles) != 1 or not titles[0]:
        yield f"one title is wanted, here are {titles}"
    if soup.html is None or soup.html.get("lang") != LANGUAGE:
        yield f"the page does not say lang={LANGUAGE}"


def _identifiers(soup: BeautifulSoup) -> Iterator[str]:
    tags = soup.find_all()
    seen = Counter(str(tag["id"]) for tag in tags if tag.has_attr("id"))
    yield from (f"the id {each} stands {count} times" for each, count in seen.items() if count > 1)
    for tag in tags:
        for attribute in tag.attrs.keys() & REFERENCES:
            missing = [each for each in _words(tag, attribute) if each not in seen]
            yield from (f"{attribute} of <{tag.name}> names {each}: no such id" for each in missing)


def _words(tag: Tag, attribute: str) -> list[str]:
    value = tag.get(attribute, "")
    return value if isinstance(value, list) else str(value).split()


def _forms(soup: BeautifulSoup) -> Iterator[str]:
    for form in soup.find_all("form"):
        where = f"the form to {form.get('action', 'its own page')}"
        method = str(form.get("method", "")).lower()
        if method not in {"get", "post", "dialog"}:
            yield f"{where} names no method"
        token = form.find("input", attrs={"name": "csrf_token"})
        if method == "post" and (token is None or not token.get("value")):
            yield f"{where} carries no csrf_token"
        if method == "get" and token is not None:
            yield f"{where} would show its csrf_token in the address"


def _typed_by_graduates(soup: BeautifulSoup) -> Iterator[str]:
    """Find forms of hers that lose what was written: only one that names its owner keeps it."""
    for form in soup.select("form[action^='/g/']:has(textarea)"):
        if form.find("input", attrs={"name": "owner"}) is None:
            yield f"the form to {form['action']} loses what was typed when a session ends"


def _labels(soup: BeautifulSoup) -> Iterator[str]:
    labelled = {str(label["for"]) for label in soup.find_all("label") if label.has_attr("for")}
    for field in soup.find_all(["input", "select", "textarea"]):
        if str(field.get("type", "")).lower() in NEEDS_NO_LABEL or field.get("aria-label"):
            continue
        has_label = str(field.get("id", "-")) in labelled
        if (
            not has_label
            and not field.get("aria-labelledby")
            and field.find_parent("label") is None
        ):
            yield f"<{field.name} name={field.get('name')}> has no label"


def _pictures(soup: BeautifulSoup) -> Iterator[str]:
    yield from (
        f"the picture {picture.get('src')} has no alt"
        for picture in soup.find_all("img")
        if picture.get("alt") is None
    )


def _inline_code(soup: BeautifulSoup) -> Iterator[str]:
    for tag in soup.find_all():
        for name, value in tag.attrs.items():
            if name.startswith(("on", "hx-on")):
                yield f"<{tag.name}> has the inline handler {name}"
            if str(value).strip().lower().startswith("javascript:"):
                yield f"<{tag.name}> has code in its {name}"


def _scripts(soup: BeautifulSoup, policy: str) -> Iterator[str]:
    allowed = NONCE.findall(policy)
    for tag in soup.find_all("script"):
        nonce = tag.get("nonce")
        if not nonce and not tag.get("src"):
            yield "a script has neither nonce nor src"
        if nonce and allowed and nonce not in allowed:
            yield "a script's nonce is not the policy's"


EVERYWHERE: tuple[Check, ...] = (
    *(_identifiers, _forms, _typed_by_graduates, _labels, _pictures, _inline_code),
)
WHOLE_PAGES: tuple[Check, ...] = (_title_and_language,)
