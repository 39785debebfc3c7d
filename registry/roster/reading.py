"""Rows of an uploaded file: what is plainly no roster is refused at once, the rest read apart.

The parser runs in a process of its own (`sheets.py`) under limits of memory and time, and hands
its rows over one by one: this process holds a few of them at a time, and survives any file.
"""

import io
import json
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from registry.base.errors import RuleError
from registry.roster import sheets

MAX_FILE_BYTES = 20 << 20
MAX_UNPACKED_BYTES = 200 << 20
MAX_RATIO = 100
RATIO_MATTERS_FROM = 10 << 20  # small sheets of repeated cells pack well and harm nobody
MAX_ENTRIES = 500

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
    "no_sheet": "工作簿里没有可见的工作表。",
    "too_many_rows": "超过 60,000 行。请按院系分成几个文件导入。",
    "too_many_columns": "列数过多，不像一份名单。请删去多余的列再导入。",
    "unknown_encoding": "文字编码无法识别。请将 csv 另存为 UTF-8 编码，或直接上传 .xlsx。",
}


def refusal(code: str) -> RuleError:
    """Return the refusal of a whole file."""
    return RuleError(code, SENTENCES[code], "file")


def refuse_hostile(content: bytes) -> None:
    """Look at a file without parsing it; raise RuleError for what is certainly no roster."""
    if not content.strip():
        raise refusal("empty_file")
    if len(content) > MAX_FILE_BYTES:
        raise refusal("too_large")
    if content.startswith(OLE_HEADER):
        raise refusal("old_workbook")
    if content.startswith(ZIP_HEADER):
        _refuse_hostile_zip(content)
    elif content.startswith((b"\xff\xfe", b"\xfe\xff")):  # UTF-16, Excel's “Unicode 文本”
        raise refusal("unknown_encoding")
    elif content.startswith(_BINARY_HEADERS) or b"\0" in content[:4096]:
        raise refusal("not_spreadsheet")


def _refuse_hostile_zip(content: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        raise refusal("damaged") from None
    names = {entry.filename.lower() for entry in entries}
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


@dataclass(frozen=True)
class OpenFile:
    """A file being read: about how many rows it has, and the rows as they come, from 1."""

    height: int
    notes: list[str]
    rows: Iterator[tuple[int, list[str]]]


@contextmanager
def reading(content: bytes) -> Iterator[OpenFile]:
    """Read a file in a process of its own, which ends with the block.

    Raises RuleError with a code of SENTENCES, here or between two rows.
    """
    command = [sys.executable, "-I", str(Path(sheets.__file__))]
    with subprocess.Popen(  # noqa: S603 - our own program, by its path
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={}
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
    if "rows" not in first:
        raise refusal(first.get("refused", "unreadable"))
    return OpenFile(first["rows"], first["notes"], _rows(process))


def _rows(process: subprocess.Popen[bytes]) -> Iterator[tuple[int, list[str]]]:
    assert process.stdout is not None
    for number, line in enumerate(process.stdout, 1):
        row = json.loads(line)
        if isinstance(row, dict):
            raise refusal(row["refused"])
        yield number, row
    if process.wait() != 0:
        raise refusal("unreadable")
