"""The text of a PDF, as a reader would select it."""

from contextlib import closing

import pypdfium2


def text_of(pdf: bytes) -> str:
    """Return what all pages say, one after another."""
    with closing(pypdfium2.PdfDocument(pdf)) as document:
        return "\n".join(page.get_textpage().get_text_range() for page in document)
