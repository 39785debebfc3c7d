"""Reads PDF files back with programs that know nothing of how they were made."""

from collections.abc import Iterator
from contextlib import contextmanager

import pypdfium2
import zxingcpp

DOTS_PER_POINT = 2
"""About what a good phone makes of a printed page."""


@contextmanager
def _opened(pdf: bytes) -> Iterator[pypdfium2.PdfDocument]:
    document = pypdfium2.PdfDocument(pdf)
    try:
        yield document
    finally:
        document.close()


def pages_of(pdf: bytes) -> list[str]:
    """Return the text of each page as a reader selects it, without blanks and line breaks."""
    with _opened(pdf) as document:
        texts = [page.get_textpage().get_text_range() for page in document]
    return ["".join(text.split()) for text in texts]


def words_of(pdf: bytes) -> str:
    """Return the text of all pages."""
    return "".join(pages_of(pdf))


def codes_of(pdf: bytes) -> list[str]:
    """Return what the QR codes of the first page say, read off its picture."""
    with _opened(pdf) as document:
        bitmap = document[0].render(scale=DOTS_PER_POINT, grayscale=True)
        shape = [bitmap.height, bitmap.stride]
        picture = memoryview(bytes(bitmap.buffer)).cast("B", shape=shape)
        bitmap.close()
    return [found.text for found in zxingcpp.read_barcodes(picture)]


def is_tagged(pdf: bytes) -> bool:
    """Say whether a program can read the document aloud in its order."""
    with _opened(pdf) as document:
        return bool(document.is_tagged())


def rightmost_of(pdf: bytes) -> float:
    """Return how far right any character reaches, as a share of its page's width."""
    with _opened(pdf) as document:
        return max(map(_rightmost, document))


def _rightmost(page: pypdfium2.PdfPage) -> float:
    words = page.get_textpage()
    edges = (words.get_charbox(place)[2] for place in range(words.count_chars()))
    return float(max(edges, default=0.0) / page.get_width())
