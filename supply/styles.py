"""The part of WeUI's style sheet that our pages use: a phone on a slow network fetches no more.

Rules, branches of selectors, colours and animations that no template, script or style sheet of ours
names are left out; what stays is unchanged and in its order.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from supply.parts import ROOT

STATIC = ROOT / "wxapp" / "static"
SOURCE = STATIC / "vendor" / "weui-2.6.26.min.css"
FILE = STATIC / "weui.css"
_BLOCK = re.compile(r'(?:"[^"]*"|[^{}"])*')
_CLASS = re.compile(r"\.([a-zA-Z][\w-]*)")
_VARIABLE = re.compile(r"var\((--[\w-]+)")
_OTHER_ROOTS = ("wx-", "page", "[wah-hotarea")
"""Of mini programs, and of pages that choose light or dark themselves: ours follow the phone."""


@dataclass(frozen=True)
class StyleRule:
    """A selector, or what an at-rule begins with, and what stands in its braces."""

    head: str
    body: str


def used() -> str:
    """Return what of WeUI our pages use, with its licence's words at its head."""
    text = SOURCE.read_text(encoding="utf-8")
    licence, _, rules = text.partition("*/")
    kept = "".join(_kept(rules))
    return f"{licence}*/\n{''.join(_without_unused(kept, _needed(kept)))}\n"


def _rules(text: str) -> Iterator[StyleRule]:
    """Yield the rules of minified CSS, those within an at-rule as its body."""
    at = 0
    while (found := _BLOCK.match(text, at)) and found.end() < len(text):
        head, start, depth = found[0], found.end() + 1, 1
        at = start
        while depth:
            at = _end(text, at)
            depth += 1 if text[at] == "{" else -1
            at += 1
        yield StyleRule(head, text[start : at - 1])


def _end(text: str, at: int) -> int:
    found = _BLOCK.match(text, at)
    assert found is not None, "an empty match is one"
    return found.end()


def _kept(text: str) -> Iterator[str]:
    for each in _rules(text):
        if each.head.startswith(("@media", "@supports")):
            inside = "".join(_kept(each.body))
            if inside:
                yield f"{each.head}{{{inside}}}"
        elif "keyframes" in each.head:
            yield f"{each.head}{{{each.body}}}"
        elif selectors := [one for one in _selectors(each.head) if _is_ours(one)]:
            yield f"{','.join(selectors)}{{{each.body}}}"


def _selectors(head: str) -> list[str]:
    """Return the branches of a selector; a comma within brackets parts none."""
    return re.split(r",(?![^()]*\))", head)


def _is_ours(selector: str) -> bool:
    plain = re.sub(r":not\([^)]*\)", "", selector)
    if plain.startswith((".wx-root", *_OTHER_ROOTS)) or "[data-weui-" in plain:
        return False
    return set(_CLASS.findall(plain)) <= _words()


@cache
def _words() -> frozenset[str]:
    """Return the words of our pages and scripts: a class that is none of them stands nowhere."""
    return frozenset(
        re.findall(r"[a-zA-Z][\w-]*", _ours("templates/**/*.html", "wxapp/static/*.js"))
    )


@cache
def _ours(*patterns: str) -> str:
    files = sorted(each for pattern in patterns for each in ROOT.glob(pattern))
    return "\n".join(each.read_text(encoding="utf-8") for each in files)


def _needed(kept: str) -> set[str]:
    """Return the variables that are asked for, those that others are made of included."""
    declared = dict(re.findall(r"(--[\w-]+):([^;}]*)", kept))
    asked = set(_VARIABLE.findall(re.sub(r"--[\w-]+:[^;}]*", "", kept)))
    asked |= set(_VARIABLE.findall(_ours("wxapp/static/phone.css", "templates/**/*.html")))
    waiting = list(asked)
    while waiting:
        new = set(_VARIABLE.findall(declared.get(waiting.pop(), ""))) - asked
        asked |= new
        waiting.extend(new)
    return asked


def _without_unused(text: str, needed: set[str]) -> Iterator[str]:
    named = {
        word for each in re.findall(r"animation(?:-name)?:([^;}]*)", text) for word in each.split()
    }
    for each in _rules(text):
        if each.head.startswith(("@media", "@supports")):
            inside = "".join(_without_unused(each.body, needed))
        elif "keyframes" in each.head:
            inside = each.body if each.head.split()[-1] in named else ""
        else:
            inside = ";".join(_declarations(each.body, needed))
        if inside:
            yield f"{each.head}{{{inside}}}"


def _declarations(body: str, needed: set[str]) -> Iterator[str]:
    for each in re.split(r";(?=[\w-]+:)", body):
        name = each.partition(":")[0]
        if each and (not name.startswith("--") or name in needed):
            yield each
