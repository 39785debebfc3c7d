"""Reading what WeChat answers: one way for every call, whichever client made it.

Seen behind proxies and gateways: a byte order mark, gzip that nobody asked for, numbers as text.
"""

import codecs
import json
import re
import zlib
from typing import Any

LIMIT = 16 * 1024 * 1024
"""Bytes that an answer may unfold to; the longest, 10,000 followers, takes half a megabyte."""
_GZIP = b"\x1f\x8b"
_NUMBER = re.compile(r"-?[0-9]{1,19}")

_read_json = json.JSONDecoder().raw_decode
_BLANKS = " \t\n\r"  # around a value, by RFC 8259


class Unreadable(ValueError):
    """What came is no answer of the platform; the text holds nothing of it."""


def read_object(body: bytes) -> dict[str, Any]:
    """Return the JSON object of an answer; raises Unreadable where it is none."""
    if body[:2] == _GZIP:
        body = _unfolded(body)
    try:
        text = body.removeprefix(codecs.BOM_UTF8).decode().strip(_BLANKS)
        content, end = _read_json(text)
    except (ValueError, RecursionError):
        raise Unreadable("no JSON") from None
    if end != len(text) or not isinstance(content, dict):
        raise Unreadable("no object")
    return content


def _unfolded(body: bytes) -> bytes:
    try:
        return zlib.decompressobj(wbits=zlib.MAX_WBITS | 16).decompress(body, LIMIT)
    except zlib.error:
        raise Unreadable("not gzip") from None


def errcode_of(content: dict[str, Any]) -> int | None:
    """Return an answer's errcode, None where it has none; raises Unreadable for what is none."""
    if "errcode" not in content:
        return None
    number = number_of(content["errcode"])
    if number is None:
        raise Unreadable("no errcode")
    return number


def number_of(given: object) -> int | None:
    """Return a whole number that came as a number or as text; None for anything else."""
    if isinstance(given, int) and not isinstance(given, bool):
        return given
    if isinstance(given, str) and _NUMBER.fullmatch(given):
        return int(given)
    return None
