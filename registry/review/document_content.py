"""What is in one uploaded document, opened by parsers: a PDF by structure, a picture by its pixels.

A PDF that can do something when it is opened is refused, whatever its names are escaped or packed
with; it is kept as it came, since a signature in it would not outlive a change. A picture is
decoded and written anew: no place it was taken at, no bytes behind its end.

Each parser is loaded for what it reads: a process opens one document, and to load the parser of
PDFs takes longer than most pictures.
"""

MOST_BYTES = 10 * 1024 * 1024
MOST_PIXELS = 100_000_000
"""More would be made to exhaust whoever opens it."""
MOST_OBJECTS = 500_000

PDF, JPEG, PNG = "application/pdf", "image/jpeg", "image/png"
_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"


class RefusedContent(Exception):
    """A document that is not taken; `code` is one of `evidence_types.SENTENCES`."""

    def __init__(self, code: str) -> None:
        """Keep the code."""
        super().__init__(code)
        self.code = code


def opened(content: bytes) -> tuple[str, bytes]:
    """Return the media type of a pdf, jpg or png, and the bytes to keep; raise RefusedContent."""
    if content.startswith(b"%PDF-"):
        from registry.review.pdf_content import look_into_pdf  # noqa: PLC0415 - see above

        look_into_pdf(content)
        return PDF, content
    media_type = _picture_type(content)
    if media_type is None:
        raise RefusedContent("file_type")
    from registry.review.picture_content import written_anew  # noqa: PLC0415 - see above

    return media_type, written_anew(content, media_type)


def _picture_type(content: bytes) -> str | None:
    if content.startswith(b"\xff\xd8\xff"):
        return JPEG
    return PNG if content.startswith(_PNG_SIGNATURE) else None
