"""Rows of an uploaded file: what is plainly no roster is refused at once, the rest read apart.

The parser runs in a process of its own (`sheets.py`) under limits of memory and time, and hands
its rows over one by one: this process holds a few of them at a time, and survives any file.
"""

import io
import json
import re
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from registry.base.errors import RuleError
from registry.roster import sheets
from registry.roster.text_table import UTF_16

MAX_FILE_BYTES = 20 << 20
MAX_UNPACKED_BYTES = 200 << 20
MAX_RATIO = 100
RATIO_MATTERS_FROM = 10 << 20  # small sheets of repeated cells pack well and harm nobody
MAX_ENTRIES = 500
LOOKED_AT = 4096

OLE_HEADER = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP_HEADER = b"PK\x03\x04"
_BINARY_HEADERS = (
    b"%PDF",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"Rar!",
    b"7z\xbc\xaf",
    b"\x1f\x8b",
    b"{\\rtf",
)

_WEB_PAGE = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<(?:!--|!doctype|\?xml|html|head|meta|body|table|div|style|script|center)"
    rb"|MIME-Version:)",
    re.IGNORECASE,
)
_XML_WORKBOOK = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*<\?xml.{0,400}?(?:mso-application|schemas-microsoft-com:office:spreadsheet)",
    re.DOTALL,
)

ENDINGS = frozenset({"xlsx", "xlsm", "xlsb", "xls", "ods", "et", "csv", "tsv", "txt"})
"""Of the names of tables. What is in one decides: a csv that calls itself a workbook is a csv, as
systems of schools write them, and what cannot be read is refused with how to save it."""
_ENDING = re.compile(r"\.([a-z][a-z0-9]{1,4})$", re.IGNORECASE | re.ASCII)

SENTENCES = {
    "empty_file": "文件是空的，请重新选择。",
    "too_large": "文件超过 20 MB。请只保留名单这一个工作表，或按院系分成几个文件导入。",
    "old_workbook": "这是旧版 .xls 或加了密码的工作簿，请在 Excel 中另存为不加密的 .xlsx 再导入。",
    "not_spreadsheet": "这不是电子表格。请上传 .xlsx 或 .csv 格式的名单。",
    "binary_workbook": "这是二进制或其他格式的工作簿，请另存为 .xlsx 再导入。",
    "macros": "文件里含有宏，为了安全不能导入。请另存为不含宏的 .xlsx。",
    "bomb": "文件解压后过大，不像一份名单，没有读取。请另存为新的 .xlsx 再试。",
    "damaged": "文件已损坏，无法打开。请在 Excel 中打开并另存为新的 .xlsx。",
    "unreadable": "文件内容无法读取，可能已损坏。请在 Excel 中打开并另存为新的 .xlsx。",
    "web_page": "这是网页格式的 .xls，请在 Excel 中另存为 .xlsx 再导入。",
    "xml_workbook": "这是 XML 格式的旧表格，请在 Excel 中另存为 .xlsx 再导入。",
    "stray_quote": (
        '第 {place} 行有一个引号（"）开了头却没有闭合，后面的行会被当成同一格。'
        "请删除这个引号，或直接上传 .xlsx。"
    ),
    "far_cell": (
        "第 {place} 行还有内容，离名单太远，无法读取。"
        "请在 Excel 中删除名单下方的所有行，保存后再导入。"
    ),
    "no_sheet": "工作簿里没有可见的工作表。",
    "too_many_rows": "超过 60,000 行。请按院系分成几个文件导入。",
    "too_many_columns": "列数过多，不像一份名单。请删除多余的列再导入。",
    "unknown_encoding": "文字编码无法识别。请将 csv 另存为 UTF-8 编码，或直接上传 .xlsx。",
}


def refusal(code: str, place: object = "") -> RuleError:
    """Return the refusal of a whole file, with the row it is about."""
    return RuleError(code, SENTENCES[code].format(place=place), "file")


def refuse_other_ending(name: str) -> None:
    """Raise RuleError `not_spreadsheet` for a file whose name says that it is no table."""
    ending = _ENDING.search(name)
    if ending is not None and ending[1].lower() not in ENDINGS:
        raise refusal("not_spreadsheet")


def refuse_hostile(content: bytes) -> None:
    """Look at a file without parsing it; raise RuleError for what is certainly no roster."""
    if not content.strip():
        raise refusal("empty_file")
    if len(content) > MAX_FILE_BYTES:
        raise refusal("too_large")
    if content.startswith(ZIP_HEADER):
        _refuse_hostile_zip(content)
    elif code := _no_table(content):
        raise refusal(code)


def _no_table(content: bytes) -> str:
    """Return as what a file is refused that is no archive; empty for what may be csv."""
    looked_at = _beginning(content)
    known = {
        "old_workbook": content.startswith(OLE_HEADER),
        "not_spreadsheet": content.startswith(_BINARY_HEADERS) or b"\0" in looked_at,
        "xml_workbook": bool(_XML_WORKBOOK.match(looked_at)),
        "web_page": bool(_WEB_PAGE.match(looked_at)),
    }
    return next((code for code, is_it in known.items() if is_it), "")


def _beginning(content: bytes) -> bytes:
    """Return the first kilobytes, of UTF-16 (Excel's “Unicode 文本”) as UTF-8."""
    beginning = content[:LOOKED_AT]
    if beginning.startswith(UTF_16):
        return beginning.decode("utf-16", "ignore").encode("utf-8", "ignore")
    return beginning


def _refuse_hostile_zip(content: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        raise refusal("damaged") from None
    names = {entry.filename.lower().replace("\\", "/") for entry in entries}
    if any(name.endswith("vbaproject.bin") for name in names):
        raise refusal("macros")
    if names & {"xl/workbook.bin", "content.xml"}:
        raise refusal("binary_workbook")
    if "xl/workbook.xml" not in names:
        raise refusal("not_spreadsheet")
    unpacked = sum(entry.file_size for entry in entries)
    packed_well = unpacked > RATIO_MATTERS_FROM and unpacked > MAX_RATIO * len(content)
    if unpacked > MAX_UNPACKED_BYTES or packed_well or len(entries) > MAX_ENTRIES:
        raise refusal("bomb")


SHEET = 10_000_000
"""Rows are numbered through the sheets of a file: row 3 of the second one is this and 3."""


def row_of(number: int) -> int:
    """Return a row's number as its sheet counts."""
    return number % SHEET


def sheet_of(number: int) -> int:
    """Return in which sheet a row stands, from 0."""
    return number // SHEET


def row_words(number: int) -> str:
    """Return how a row is called: 第 3 行, 第 2 个工作表第 3 行."""
    sheet = sheet_of(number)
    return f"第 {sheet + 1} 个工作表第 {row_of(number)} 行" if sheet else f"第 {number} 行"


@dataclass
class OpenFile:
    """A file being read: its sheets, and the rows with content as they come."""

    sheets: list[str]
    """The names of the visible sheets; one without a name in a csv file."""
    hidden: list[str]
    """The names of the others."""
    height: int
    """About how many rows there are."""
    hidden_columns: list[list[int]] = field(default_factory=list)
    """Which columns of each sheet are hidden, from 0."""
    rows: Iterator[tuple[int, list[str]]] = field(default_factory=lambda: iter(()))
    """Their numbers (`row_of`, `sheet_of`) and their cells."""
    content_rows: int = 0
    """How many rows have content, as the parser counted; known after the last."""
    concealed: dict[int, int] = field(default_factory=dict)
    """How many of them are hidden, by sheet from 0; known after the last."""

    @property
    def is_text(self) -> bool:
        """Say whether it is a csv file."""
        return self.sheets == [""]


@contextmanager
def reading(content: bytes) -> Iterator[OpenFile]:
    """Read a file in a process of its own, which ends with the block.

    Raises RuleError with a code of SENTENCES, here or between two rows.
    """
    command = [sys.executable, "-B", "-s", "-P", "-m", sheets.__name__]
    env = {"PYTHONPATH": str(Path(sheets.__file__).parents[2])}
    with subprocess.Popen(  # noqa: S603 - our own program, by its path
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=env
    ) as process:
        feeder = threading.Thread(target=_feed, args=(process, content), daemon=True)
        feeder.start()
        try:
            yield _opened(process)
        finally:
            process.kill()
            feeder.join()


def _feed(process: subprocess.Popen[bytes], content: bytes) -> None:
    """Hand the file over; a reader that has gone has already said why, or died."""
    assert process.stdin is not None
    try:
        process.stdin.write(content)
        process.stdin.close()
    except BrokenPipeError:
        with suppress(BrokenPipeError):  # what is left in the buffer is thrown away
            process.stdin.close()


def _opened(process: subprocess.Popen[bytes]) -> OpenFile:
    assert process.stdout is not None
    first = json.loads(process.stdout.readline() or b"{}")
    if "sheets" not in first:
        raise refusal(first.get("refused", "unreadable"), first.get("place", ""))
    names = [each["name"] for each in first["sheets"]]
    columns = [each["hidden_columns"] for each in first["sheets"]]
    height = sum(each["height"] for each in first["sheets"])
    file = OpenFile(names, first["hidden"], height, columns)
    file.rows = _rows(process, file)
    return file


def _rows(process: subprocess.Popen[bytes], file: OpenFile) -> Iterator[tuple[int, list[str]]]:
    """Pass on the rows with content; the end says how many, so that none is lost on the way."""
    assert process.stdout is not None
    number = passed = 0
    for line in process.stdout:
        row = json.loads(line)
        if isinstance(row, int):
            number = row * SHEET
        elif isinstance(row, list):
            number += 1
            if row:
                passed += 1
                yield number, row
        else:
            _end(row, file)
    if process.wait() != 0 or file.content_rows != passed:
        raise refusal("unreadable")


def _end(said: dict[str, Any], file: OpenFile) -> None:
    if "refused" in said:
        raise refusal(said["refused"], said.get("place", ""))
    file.content_rows = said["rows"]
    file.concealed = {int(sheet): rows for sheet, rows in said["concealed"].items()}
