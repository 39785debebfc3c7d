"""The text of a PDF, as far as a search for words in it needs: what a reader would select."""

import re
import zlib
from collections.abc import Iterator, Mapping

_STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)
_GLYPH = re.compile(rb"<([0-9A-F]{4})> <([0-9A-F]{4,})>")
_RUN = re.compile(rb"\[((?:[^\[\]\\]|\\.)*)\]\s*TJ", re.DOTALL)
_PART = re.compile(rb"\(((?:[^()\\]|\\.)*)\)", re.DOTALL)
_ESCAPED = re.compile(rb"\\([0-7]{1,3}|.)", re.DOTALL)
_CONTROLS = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


def says(pdf: bytes, words: str) -> bool:
    """Say whether the words stand in one line of text, by one of the fonts of the file."""
    streams = list(_streams(pdf))
    fonts = [_font(each) for each in streams if b"beginbfchar" in each]
    runs = [run for each in streams for run in _runs(each)]
    return any(words in _read(run, font) for run in runs for font in fonts)


def _streams(pdf: bytes) -> Iterator[bytes]:
    for found in _STREAM.finditer(pdf):
        try:
            yield zlib.decompress(found[1])
        except zlib.error:  # not compressed: a picture, or the description of the file
            yield found[1]


def _font(stream: bytes) -> Mapping[int, str]:
    """Return the characters of a font by the number of their picture."""
    return {
        int(glyph, 16): bytes.fromhex(character.decode()).decode("utf-16-be")
        for glyph, character in _GLYPH.findall(stream)
    }


def _runs(stream: bytes) -> Iterator[bytes]:
    """Yield the pictures' numbers of each line, two bytes each."""
    for run in _RUN.findall(stream):
        yield b"".join(_ESCAPED.sub(_unescaped, part) for part in _PART.findall(run))


def _unescaped(found: re.Match[bytes]) -> bytes:
    said = found[1]
    return bytes([int(said, 8)]) if said.isdigit() else _CONTROLS.get(said, said)


def _read(run: bytes, font: Mapping[int, str]) -> str:
    return "".join(
        font.get(int.from_bytes(run[at : at + 2]), "\ufffd") for at in range(0, len(run), 2)
    )
