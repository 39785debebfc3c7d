"""Rows of a csv file: its encoding, what divides the columns, quotes that swallow what follows.

Part of the process that `sheets.py` runs: knows nothing of rosters, imports the standard library.
"""

import csv
import io
from collections.abc import Iterator, Sequence

from registry.roster.unreadable import UnreadableFile

MAX_CELL = 2000
UTF_16 = (b"\xff\xfe", b"\xfe\xff")
"""The byte order marks: what spreadsheets save as “Unicode 文本” begins with one."""
_DELIMITERS = ",\t;"
_LOOKED_AT = 6  # lines: titles without any delimiter may stand above the header
_MORE = "one more"
_LEAST = 2  # delimiters by which a line is taken for a row of its own


def text_rows(content: bytes) -> tuple[int, Iterator[list[str]]]:
    """Return the number of lines of a csv file and its rows.

    Raises UnreadableFile `unknown_encoding` or, between two rows, `stray_quote`.
    """
    text = _decoded(content)
    lines = list(io.StringIO(text, newline=""))
    return len(lines), _rows(lines)


def _decoded(content: bytes) -> str:
    """Return the text of a csv file: UTF-8, else GB18030, and nothing that is only almost one.

    UTF-16 where it says so at its beginning.
    """
    encodings = ("utf-16",) if content.startswith(UTF_16) else ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise UnreadableFile("unknown_encoding")


def _rows(lines: Sequence[str]) -> Iterator[list[str]]:
    first = [line for line in lines if line.strip()][:_LOOKED_AT]
    most = {sign: max((line.count(sign) for line in first), default=0) for sign in _DELIMITERS}
    delimiter = max(_DELIMITERS, key=most.__getitem__)
    enough = max(_LEAST, most[delimiter] * 2 // 3)
    longest = sum(map(len, lines)) + len(_MORE)  # a longer one is told by its quote
    csv.field_size_limit(longest)
    reader = csv.reader(lines, delimiter=delimiter)
    read = 0
    for row in reader:
        swallowed = lines[read + 1 : reader.line_num]
        if any(line.count(delimiter) >= enough for line in swallowed):
            raise UnreadableFile("stray_quote", read + 1)
        if reader.line_num == len(lines) and _is_open(lines[read:], delimiter):
            raise UnreadableFile("stray_quote", read + 1)
        read = reader.line_num
        yield [_typed_as_text(cell) for cell in row]


def _is_open(lines: Sequence[str], delimiter: str) -> bool:
    """Say whether the last row ends within quotes: one more line would belong to it."""
    return len(list(csv.reader([*lines, _MORE], delimiter=delimiter))) == 1


def _typed_as_text(cell: str) -> str:
    r"""Take away what makes Excel keep a csv cell as text: `="0012"`, a leading `'` or tab."""
    if cell.startswith('="') and cell.endswith('"'):
        cell = cell[2:-1]
    return cell.strip().removeprefix("'")[:MAX_CELL]
