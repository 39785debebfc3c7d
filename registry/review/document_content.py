"""What is in one uploaded document, opened by parsers: a PDF by structure, a picture by its pixels.

A PDF that can do something when it is opened is refused, whatever its names are escaped or packed
with; it is kept as it came, since a signature in it would not outlive a change. A picture is
decoded and written anew: no place it was taken at, no bytes behind its end.
"""

from collections.abc import Iterator
from io import BytesIO

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Pdf, Stream
from PIL import Image, ImageOps

MOST_BYTES = 10 * 1024 * 1024
MOST_PIXELS = 100_000_000
"""More would be made to exhaust whoever opens it."""
MOST_OBJECTS = 500_000
DEEPEST = 100
JPEG_QUALITIES = (90, 75)
"""The second where the first makes the file larger than may be kept."""

PDF, JPEG, PNG = "application/pdf", "image/jpeg", "image/png"
_FORMATS = {JPEG: "JPEG", PNG: "PNG"}
_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"

_ACTIVE_KEYS = frozenset(
    ("/JS", "/JavaScript", "/AA", "/EF", "/EmbeddedFile", "/EmbeddedFiles", "/RichMedia", "/XFA")
)
_ACTIONS = frozenset(
    (
        *("/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/GoToE", "/GoToR"),
        *("/Rendition", "/RichMediaExecute", "/Sound", "/Movie"),
    )
)
_ACTIVE_TYPES = frozenset(
    (
        *("/EmbeddedFile", "/FileAttachment", "/RichMedia", "/Screen", "/Movie", "/Sound", "/3D"),
        *("/JavaScript", "/Launch", "/SubmitForm"),
    )
)
_HARMLESS_AT_OPENING = "/GoTo"
"""What word processors have a reader do: begin at the first page."""


class RefusedContent(Exception):
    """A document that is not taken; `code` is one of `evidence_types.SENTENCES`."""

    def __init__(self, code: str) -> None:
        """Keep the code."""
        super().__init__(code)
        self.code = code


def opened(content: bytes) -> tuple[str, bytes]:
    """Return the media type of a pdf, jpg or png, and the bytes to keep; raise RefusedContent."""
    if content.startswith(b"%PDF-"):
        _look_into_pdf(content)
        return PDF, content
    if content.startswith(b"\xff\xd8\xff"):
        return JPEG, _written_anew(content, JPEG)
    if content.startswith(_PNG_SIGNATURE):
        return PNG, _written_anew(content, PNG)
    raise RefusedContent("file_type")


def _look_into_pdf(content: bytes) -> None:
    """Look at every object, also those in object streams; nothing is mended, nothing unpacked."""
    try:
        with Pdf.open(BytesIO(content), attempt_recovery=False, suppress_warnings=True) as pdf:
            if pdf.is_encrypted:
                raise RefusedContent("file_encrypted")
            if len(pdf.pages) == 0:
                raise RefusedContent("file_damaged")
            if len(pdf.objects) > MOST_OBJECTS or any(map(_is_active, _dictionaries(pdf))):
                raise RefusedContent("file_active")
    except pikepdf.PasswordError:
        raise RefusedContent("file_encrypted") from None
    except (pikepdf.PdfError, ValueError, TypeError, KeyError):
        raise RefusedContent("file_damaged") from None


def _dictionaries(pdf: Pdf) -> Iterator[Object]:
    """Give every dictionary of a PDF, those within others too, and each stream's."""
    waiting: list[tuple[Object, int]] = [(each, 0) for each in (pdf.trailer, *pdf.objects)]
    while waiting:
        found, depth = waiting.pop()
        if depth > DEEPEST:
            raise RefusedContent("file_active")
        if isinstance(found, Array):
            within = list(found.as_list())
        elif isinstance(found, Dictionary | Stream):
            yield found
            within = [value for _, value in found.items()]
        else:
            continue
        waiting += [(each, depth + 1) for each in within if _is_within(each)]


def _is_within(value: object) -> bool:
    """Say whether a value is written inside another, not referred to: those come by themselves."""
    return isinstance(value, Array | Dictionary) and not value.is_indirect


def _is_active(found: Object) -> bool:
    keys = set(found.keys())
    if keys & _ACTIVE_KEYS or ("/OpenAction" in keys and _does_more_than_show(found.OpenAction)):
        return True
    types = {str(found.get(key)) for key in ("/Type", "/Subtype") if key in keys}
    action = str(found.get("/S")) if "/S" in keys else ""
    return bool(types & _ACTIVE_TYPES) or action in _ACTIONS


def _does_more_than_show(action: object) -> bool:
    """Say whether what is done at opening is more than going to a page."""
    if isinstance(action, Dictionary):
        return str(action.get("/S")) != _HARMLESS_AT_OPENING
    return not isinstance(action, Array | Name | pikepdf.String)


def _written_anew(content: bytes, media_type: str) -> bytes:
    """Decode a picture, turn it the way it was held, and write nothing but its pixels."""
    kind = _FORMATS[media_type]
    try:
        with Image.open(BytesIO(content), formats=(kind,)) as picture:
            width, height = picture.size
            if not 0 < width * height <= MOST_PIXELS:
                raise RefusedContent("file_damaged")
            upright = ImageOps.exif_transpose(picture)
            return _jpeg(upright) if media_type == JPEG else _png(upright)
    except (OSError, SyntaxError, ValueError, EOFError, Image.DecompressionBombError):
        raise RefusedContent("file_damaged") from None


def _jpeg(picture: Image.Image) -> bytes:
    plain = picture if picture.mode in {"L", "RGB"} else picture.convert("RGB")
    plain.info = {}
    for quality in JPEG_QUALITIES:
        file = BytesIO()
        plain.save(file, "JPEG", quality=quality)
        if len(file.getvalue()) <= MOST_BYTES:
            return file.getvalue()
    raise RefusedContent("file_too_large")


def _png(picture: Image.Image) -> bytes:
    plain = picture.convert("RGBA" if "transparency" in picture.info else picture.mode)
    plain.info = {}
    file = BytesIO()
    plain.save(file, "PNG", compress_level=6)
    if len(file.getvalue()) > MOST_BYTES:
        raise RefusedContent("file_too_large")
    return file.getvalue()
