"""What is in one PDF, read by structure: one that can do something when it is opened is refused."""

from collections.abc import Iterator
from io import BytesIO

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, Pdf, Stream

from registry.review.document_content import MOST_OBJECTS, RefusedContent

DEEPEST = 100
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


def look_into_pdf(content: bytes) -> None:
    """Look at every object, also those in object streams; nothing is mended, nothing unpacked.

    Raises RefusedContent.
    """
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
