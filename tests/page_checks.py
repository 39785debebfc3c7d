"""What is wrong with a page, as far as its markup tells: each check yields sentences."""

import re
from collections import Counter
from collections.abc import Callable, Iterator

import html5lib
from bs4 import BeautifulSoup, Tag

LANGUAGE = "zh-CN"
NEEDS_NO_LABEL = {"hidden", "submit", "button", "reset", "image"}
REFERENCES = ("for", "aria-labelledby", "aria-describedby", "aria-controls", "list", "form")
FIRST_TAG = re.compile(r"\s*<([a-z0-9]+)")
CONTAINERS = {"tr": "tbody", "td": "tr", "th": "tr", "tbody": "table", "option": "select"}
OPENINGS = {
    "tbody": "<table><tbody>",
    "tr": "<table><tbody><tr>",
    "table": "<table>",
    "select": "<select>",
}
NONCE = re.compile(r"'nonce-([^']+)'")

Check = Callable[[BeautifulSoup], Iterator[str]]


def complaints_about(html: str, policy: str = "", *, fragment: bool = False) -> list[str]:
    """List all that is wrong with a page, or with a part of one that htmx puts into it.

    `policy` is its Content-Security-Policy: the scripts' nonces must be the one named there.
    """
    soup = read_html(html)
    checks = EVERYWHERE if fragment else (*EVERYWHERE, *WHOLE_PAGES)
    found = [complaint for check in checks for complaint in check(soup)]
    return [*_markup(html, fragment=fragment), *found, *_scripts(soup, policy)]


def read_html(html: str) -> BeautifulSoup:
    """Read a page, or a part of one within what it needs around it: a row within a table."""
    return BeautifulSoup(OPENINGS.get(_container(html), "") + html, "html5lib")


def _container(html: str) -> str:
    first = FIRST_TAG.match(html)
    return CONTAINERS.get(first[1], "div") if first else "div"


def _markup(html: str, *, fragment: bool) -> Iterator[str]:
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    if fragment:
        parser.parseFragment(html, container=_container(html))
    else:
        parser.parse(html)
    lines = html.splitlines()
    for (line, _column), code, details in parser.errors:
        near = lines[line - 1].strip() if line <= len(lines) else "the end"
        yield f"line {line}: {code} {details or ''}, near {near[:80]}"


def _title_and_language(soup: BeautifulSoup) -> Iterator[str]:
    titles = [title.get_text(strip=True) for title in soup.select("head > title")]
    if len(titles) != 1 or not titles[0]:
        yield f"one title is wanted, here are {titles}"
    if soup.html is None or soup.html.get("lang") != LANGUAGE:
        yield f"the page does not say lang={LANGUAGE}"


def _identifiers(soup: BeautifulSoup) -> Iterator[str]:
    seen = Counter(str(tag["id"]) for tag in soup.select("[id]"))
    yield from (f"the id {each} stands {count} times" for each, count in seen.items() if count > 1)
    for attribute in REFERENCES:
        for tag in soup.select(f"[{attribute}]"):
            missing = [each for each in _words(tag, attribute) if each not in seen]
            yield from (f"{attribute} of <{tag.name}> names {each}: no such id" for each in missing)


def _words(tag: Tag, attribute: str) -> list[str]:
    value = tag.get(attribute, "")
    return value if isinstance(value, list) else str(value).split()


def _forms(soup: BeautifulSoup) -> Iterator[str]:
    for form in soup.select("form"):
        where = f"the form to {form.get('action', 'its own page')}"
        method = str(form.get("method", "")).lower()
        if method not in {"get", "post", "dialog"}:
            yield f"{where} names no method"
        token = form.select_one("input[name=csrf_token]")
        if method == "post" and (token is None or not token.get("value")):
            yield f"{where} carries no csrf_token"
        if method == "get" and token is not None:
            yield f"{where} would show its csrf_token in the address"


def _labels(soup: BeautifulSoup) -> Iterator[str]:
    for field in soup.select("input, select, textarea"):
        if str(field.get("type", "")).lower() in NEEDS_NO_LABEL or field.get("aria-label"):
            continue
        labels = soup.find_all("label", attrs={"for": str(field.get("id", "-"))})
        if not labels and not field.get("aria-labelledby") and field.find_parent("label") is None:
            yield f"<{field.name} name={field.get('name')}> has no label"


def _pictures(soup: BeautifulSoup) -> Iterator[str]:
    yield from (
        f"the picture {picture.get('src')} has no alt"
        for picture in soup.select("img")
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
    for tag in soup.select("script"):
        nonce = tag.get("nonce")
        if not nonce and not tag.get("src"):
            yield "a script has neither nonce nor src"
        if nonce and allowed and nonce not in allowed:
            yield "a script's nonce is not the policy's"


EVERYWHERE: tuple[Check, ...] = (_identifiers, _forms, _labels, _pictures, _inline_code)
WHOLE_PAGES: tuple[Check, ...] = (_title_and_language,)
