"""What the parser of workbooks leaves out: errors of formulas, what is hidden, far cells.

Part of the process that `sheets.py` runs: knows nothing of rosters, imports the standard library.
The parts are read as a stream; the process has limits of memory and time.
"""

import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import IO
from xml.parsers import expat

from registry.roster.cell_values import NO_RESULT

_PIECE = 1 << 20
_OVERLAP = 512  # no tag of a row is longer
_ROW = re.compile(rb"row(?=[ />\s])([^>]*)>")  # begins with a literal, which is found fast
_MOST_COLUMNS = 16_384  # a sheet has
_HEAD = 1 << 18  # of a sheet, in which its columns are described
_COLUMN = re.compile(rb"<(?:\w+:)?col(?=[ />\s])([^>]*)>")
_FIRST, _LAST = (re.compile(rb"""\b%s=["'](\d+)["']""" % name) for name in (b"min", b"max"))
_OPENS_A_TAG = (b"<", b":")
_NUMBER = re.compile(rb"""\br=["'](\d+)["']""")
_HIDDEN = re.compile(rb"""\bhidden=["'](?:1|true)["']""")
_FORMULA = re.compile(rb"f[ />]")
_PLACE = re.compile(r"([A-Z]+)(\d+)")
_WORKBOOK, _RELATIONS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"


@dataclass
class Findings:
    """What was found in one sheet; rows and columns count from 0."""

    hidden: list[int] = field(default_factory=list)
    """Rows."""
    hidden_columns: list[int] = field(default_factory=list)
    height: int = 0
    """Rows down to the last cell with content; nothing where it is not far away."""
    width: int = 0
    """Columns of the same."""
    errors: dict[int, dict[int, str]] = field(default_factory=dict)
    """The error that a cell shows, by row and column."""


class Package:
    """A workbook as the archive of parts that it is."""

    def __init__(self, content: bytes) -> None:
        """Open the archive; some programs write its names with backslashes."""
        self._archive = zipfile.ZipFile(io.BytesIO(content))
        self._names = {name.replace("\\", "/").lower(): name for name in self._archive.namelist()}
        self._parts = self._parts_of_sheets()

    def _open(self, part: str) -> IO[bytes]:
        return self._archive.open(self._names[part.lower()])

    def _parts_of_sheets(self) -> Mapping[str, str]:
        """Return where each sheet is, by its name."""
        with self._open(_RELATIONS) as file:
            targets = {each["Id"]: each["Target"] for each in _elements(file, "Relationship")}
        with self._open(_WORKBOOK) as file:
            sheets = list(_elements(file, "sheet"))
        return {
            each["name"]: _part(targets[identifier])
            for each in sheets
            if (identifier := each.get("id", "")) in targets
        }

    def findings(self, sheet: str, far: int) -> Findings:
        """Go through a sheet, whose extent is measured where it has rows from `far` on.

        A sheet whose part is not found has no findings.
        """
        found, part = Findings(), self._parts.get(sheet, "")
        if part.lower() not in self._names:
            return found
        with self._open(part) as file:
            found.hidden_columns = list(_hidden_columns(file.read(_HEAD)))
        with self._open(part) as file:
            needs_cells = _look_at_rows(file, found, far)
        if needs_cells:
            with self._open(part) as file:
                _Cells(found).read(file)
        return found


def _part(target: str) -> str:
    target = target.replace("\\", "/")
    return target.lstrip("/") if target.startswith("/") else str(PurePosixPath("xl") / target)


def _local(name: str) -> str:
    return name.rpartition(":")[2]


def _elements(file: IO[bytes], name: str) -> Iterator[dict[str, str]]:
    """Return the attributes of all elements of a name, without the prefixes of their names."""
    found: list[dict[str, str]] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        if _local(tag) == name:
            found.append({_local(key): value for key, value in attributes.items()})

    parser = _parser()
    parser.StartElementHandler = start
    parser.ParseFile(file)
    yield from found


def _parser() -> expat.XMLParserType:
    """Return a parser that refuses a document type, and so every entity: OPC allows none."""
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _refuse
    return parser


def _refuse(*_what: object) -> None:
    raise ValueError("a document type")


def _hidden_columns(head: bytes) -> Iterator[int]:
    """Return the columns that a person has hidden, also those made too narrow to be seen."""
    for tag in _COLUMN.finditer(head.partition(b"sheetData")[0]):
        first, last = _FIRST.search(tag[1]), _LAST.search(tag[1])
        if first and last and _HIDDEN.search(tag[1]):
            yield from range(int(first[1]) - 1, min(int(last[1]), _MOST_COLUMNS))


def _look_at_rows(file: IO[bytes], found: Findings, far: int) -> bool:
    """Note the hidden rows; say whether cells are to be looked at: formulas, errors, far rows."""
    needs_cells, rest, number, opens = False, b"", 0, b"<"
    while piece := file.read(_PIECE):
        text = rest + piece
        if not number:
            opens = b"<" if b"<sheetData" in text else b":"  # else names have prefixes
        needs_cells = needs_cells or _has_formula_or_error(text, opens + b"f")
        end = 0
        for tag in _ROW.finditer(text):
            end = tag.end()
            if text[tag.start() - 1 : tag.start()] not in _OPENS_A_TAG:
                continue
            said = _NUMBER.search(tag[1])
            number = int(said[1]) if said else number + 1
            if _HIDDEN.search(tag[1]):
                found.hidden.append(number - 1)
        rest = text[max(end, len(text) - _OVERLAP) :]
    return needs_cells or number > far


def _has_formula_or_error(text: bytes, formula: bytes) -> bool:
    """Look for literals first, which is fast; a filter begins like a formula."""
    if b'"e"' in text or b"'e'" in text:
        return True
    at = text.find(formula)
    while at >= 0 and not _FORMULA.match(text, at + 1):
        at = text.find(formula, at + 1)
    return at >= 0


class _Cells:
    """Finds how far cells reach, and those that show an error or a formula without a result."""

    def __init__(self, found: Findings) -> None:
        self._found = found
        self._row = self._column = -1
        self._type = ""
        self._is_formula = self._in_value = False
        self._value = ""

    def read(self, file: IO[bytes]) -> None:
        parser = _parser()
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.ParseFile(file)

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        name = _local(tag)
        if name == "c":
            place = _PLACE.fullmatch(attributes.get("r", ""))
            self._column = _column(place[1]) if place else self._column + 1
            self._type, self._value = attributes.get("t", "n"), ""
            self._is_formula = False
        elif name == "row":
            self._row = int(attributes["r"]) - 1 if "r" in attributes else self._row + 1
            self._column = -1
        elif name == "f":
            self._is_formula = True
        self._in_value = name in {"v", "t"}

    def _text(self, text: str) -> None:
        if self._in_value:
            self._value += text

    def _end(self, tag: str) -> None:
        self._in_value = False
        if _local(tag) != "c":
            return
        if self._value:
            self._found.height = max(self._found.height, self._row + 1)
            self._found.width = max(self._found.width, self._column + 1)
        if self._type == "e":
            self._note(self._value or "#N/A")
        elif self._is_formula and self._type == "n" and not self._value:
            self._note(NO_RESULT)

    def _note(self, error: str) -> None:
        self._found.errors.setdefault(self._row, {})[self._column] = error


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1
