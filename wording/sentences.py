"""Finding the Chinese that people read: in templates, in string literals of Python, in reports."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser

from jinja2 import Environment
from typing_extensions import override

HAN = re.compile(r"[\u4e00-\u9fff]")
SAID = re.compile(r'"([^"]*)"|\[([^\[\]]*)\]')
BLANKS = re.compile(r"\s+")
READ_ALOUD = frozenset(
    {"alt", "aria-label", "content", "data-confirm", "placeholder", "title", "value"}
)
ALTERNATIVES = frozenset({"block", "call", "elif", "else", "endblock", "for", "macro"})
"""Words of a template's statements before which a sentence has ended."""
INLINE = frozenset({"a", "b", "code", "em", "i", "small", "span", "strong", "sup", "u"})
HOLE = "…"
"""What stands for a value that is filled in."""


@dataclass(frozen=True, order=True)
class Sentence:
    """What somebody reads, and where it is written."""

    path: str
    line: int
    text: str


def of_python(path: str, source: str) -> Iterator[Sentence]:
    """Yield the literals of a module that hold Chinese; values of f-strings are holes."""
    tree = ast.parse(source)
    silent = {id(part) for node in ast.walk(tree) for part in _unread(node)}
    for node in ast.walk(tree):
        if id(node) in silent or not isinstance(node, ast.JoinedStr | ast.Constant):
            continue
        text = BLANKS.sub(" ", _literal(node)).strip()
        if HAN.search(text):
            yield Sentence(path, node.lineno, text)


def _unread(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what is no text of its own: docstrings, and the parts of an f-string."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        yield node.value
    if isinstance(node, ast.JoinedStr):
        yield from node.values


def _literal(node: ast.JoinedStr | ast.Constant) -> str:
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    parts = (part.value if isinstance(part, ast.Constant) else HOLE for part in node.values)
    return "".join(str(part) for part in parts)


def of_template(path: str, source: str) -> Iterator[Sentence]:
    """Yield the texts of a template: between the tags, in attributes, in its expressions."""
    reader = _Reader(path)
    for line, kind, value in Environment(autoescape=True).lex(source):
        if kind == "data":
            reader.take(line, value)
        elif kind == "variable_end":
            reader.take(line, HOLE)
        elif kind == "name" and value in ALTERNATIVES:
            reader.stop()
        elif kind == "string" and HAN.search(value):
            reader.found.append(Sentence(path, line, value[1:-1]))
    reader.end()
    yield from reader.found


def of_message(path: str, source: str) -> Iterator[Sentence]:
    """Yield what a kind of message says: its title, labels and fixed values."""
    lines = source.splitlines()
    for number, line in enumerate(lines, 1):
        text = line.partition("=")[2].strip().strip('"')
        if not line.startswith("#") and HAN.search(text):
            yield Sentence(path, number, text)


def of_report(path: str, source: str) -> Iterator[Sentence]:
    """Yield the texts of a typst report: in quotes, and in square brackets."""
    for number, line in enumerate(source.splitlines(), 1):
        for quoted, bracketed in SAID.findall("" if line.strip().startswith("//") else line):
            if HAN.search(quoted + bracketed):
                yield Sentence(path, number, quoted or bracketed)


class _Reader(HTMLParser):
    """Reads tags and texts as they come; a sentence goes on over the tags that stand in a line."""

    def __init__(self, path: str) -> None:
        super().__init__(convert_charrefs=True)
        self.path, self.line, self.begun = path, 1, 1
        self.words = ""
        self.found: list[Sentence] = []
        self._skipped = False

    def take(self, line: int, data: str) -> None:
        """Read on at a line."""
        self.line = line
        self.feed(data)

    def end(self) -> None:
        """Read what is left."""
        self.close()
        self.stop()

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """End a sentence before a block, and keep what attributes say."""
        for name, value in attrs:
            if name in READ_ALOUD and value and HAN.search(value):
                self.found.append(Sentence(self.path, self.line, BLANKS.sub(" ", value).strip()))
        self._skipped = tag in ("script", "style")
        if tag not in INLINE:
            self.stop()

    @override
    def handle_endtag(self, tag: str) -> None:
        """End a sentence with its block."""
        self._skipped = False
        if tag not in INLINE:
            self.stop()

    @override
    def handle_data(self, data: str) -> None:
        """Add to the sentence."""
        if self._skipped:
            return
        if not self.words.strip():
            self.begun = self.line + data[: len(data) - len(data.lstrip())].count("\n")
        self.words += data

    def stop(self) -> None:
        """End the sentence."""
        text = BLANKS.sub(" ", self.words).strip()
        if HAN.search(text):
            self.found.append(Sentence(self.path, self.begun, text))
        self.words = ""
