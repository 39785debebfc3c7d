"""The Chinese of the mini program: in its pages (WXML), in string literals of its scripts."""

import re
from collections.abc import Iterator

from wording.sentences import BLANKS, HAN, HOLE, Sentence

FOLDER = "miniprogram/src"
_COMMENTS = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)
_LITERAL = re.compile(r'"([^"\n]*)"')
_FILLED_IN = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_CHOSEN = re.compile(r"'([^']*)'")
_SAID = re.compile(r'="([^"]*)"|>([^<>]+)<')
_IN_A_LINE = re.compile(r"</?text\b[^>]*>")


def of_script(path: str, source: str) -> Iterator[Sentence]:
    """Yield the literals of a script that hold Chinese."""
    code = _COMMENTS.sub(lambda found: "\n" * found[0].count("\n"), source)
    yield from _found(path, code, _LITERAL)


def of_page(path: str, source: str) -> Iterator[Sentence]:
    """Yield what a page says in and between its tags, and the literals it chooses from."""
    for filled in _FILLED_IN.finditer(source):
        line = source.count("\n", 0, filled.start()) + 1
        yield from (
            Sentence(path, line, each) for each in _CHOSEN.findall(filled[1]) if HAN.search(each)
        )
    yield from _found(path, _IN_A_LINE.sub("", _FILLED_IN.sub(HOLE, source)), _SAID)


def _found(path: str, text: str, said: re.Pattern[str]) -> Iterator[Sentence]:
    for each in said.finditer(text):
        words = BLANKS.sub(" ", "".join(filter(None, each.groups()))).strip()
        if HAN.search(words):
            yield Sentence(path, text.count("\n", 0, each.start()) + 1, words)
