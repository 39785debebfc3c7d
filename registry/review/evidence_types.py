"""What an uploaded document really is: read from its bytes, never from its name."""

import struct
import zlib

from registry.base.errors import RuleError

MOST_BYTES = 10 * 1024 * 1024
MOST_PIXELS = 100_000_000
"""More would be made to exhaust whoever opens it."""

PDF, JPEG, PNG = "application/pdf", "image/jpeg", "image/png"
SUFFIXES = {PDF: ".pdf", JPEG: ".jpg", PNG: ".png"}

_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_ACTIVE = (b"/JavaScript", b"/Launch", b"/EmbeddedFile")


def media_type(content: bytes) -> str:
    """Return the media type of a pdf, jpg or png that is whole.

    Raises RuleError `file_empty`, `file_too_large`, `file_type`, `file_active` or `file_damaged`.
    """
    if not content:
        raise RuleError("file_empty", "这个文件是空的，请重新选择。", "file")
    if len(content) > MOST_BYTES:
        sentence = "文件超过 10 MB，请压缩或重新拍照后再上传。"
        raise RuleError("file_too_large", sentence, "file")
    if content.startswith(b"%PDF-"):
        _refuse_active(content)
        return _checked(PDF, whole=_pdf_is_whole(content))
    if content.startswith(b"\xff\xd8\xff"):
        return _checked(JPEG, whole=_jpeg_is_whole(content))
    if content.startswith(_PNG_SIGNATURE):
        return _checked(PNG, whole=_png_is_whole(content))
    sentence = "只能上传 PDF、JPG、PNG 文件。如果是其他格式，请截图或另存为 PDF 后上传。"
    raise RuleError("file_type", sentence, "file")


def _checked(kind: str, *, whole: bool) -> str:
    if not whole:
        sentence = "文件不完整或已损坏，无法打开，请重新导出或拍照后上传。"
        raise RuleError("file_damaged", sentence, "file")
    return kind


def _pdf_is_whole(content: bytes) -> bool:
    tail = content[-2048:]
    return b"startxref" in tail and b"%%EOF" in tail


def _refuse_active(content: bytes) -> None:
    if any(each in content for each in _ACTIVE):
        sentence = "这个 PDF 里带有脚本或附件。请用“打印”另存为 PDF，或拍照后上传。"
        raise RuleError("file_active", sentence, "file")


def _jpeg_is_whole(content: bytes) -> bool:
    """Walk the segments to the picture's own data, which an end of image follows."""
    place, framed = 2, False
    while place + 4 <= len(content) and content[place] == 0xFF:
        marker, length = content[place + 1], int.from_bytes(content[place + 2 : place + 4])
        if marker in _FRAMES and place + 9 <= len(content):
            height, width = struct.unpack(">HH", content[place + 5 : place + 9])
            framed = 0 < height * width <= MOST_PIXELS
        if marker == 0xDA:
            return framed and content.find(b"\xff\xd9", place) > 0
        place += 2 + max(length, 2)
    return False


def _png_is_whole(content: bytes) -> bool:
    """Walk the chunks, each with its checksum, to the end, behind which nothing lies."""
    place, sized = len(_PNG_SIGNATURE), False
    while place + 12 <= len(content):
        length = int.from_bytes(content[place : place + 4])
        kind = content[place + 4 : place + 8]
        end = place + 12 + length
        if end > len(content) or not _sum_fits(content[place + 4 : end]):
            return False
        if kind == b"IHDR" and length == 13:
            width, height = struct.unpack(">II", content[place + 8 : place + 16])
            sized = 0 < width * height <= MOST_PIXELS
        if kind == b"IEND":
            return sized and end == len(content)
        place = end
    return False


def _sum_fits(chunk: bytes) -> bool:
    return zlib.crc32(chunk[:-4]) == int.from_bytes(chunk[-4:])
