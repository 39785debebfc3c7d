"""A document is opened by a parser in a process of its own: what acts or hides is not kept."""

import struct
import zlib
from io import BytesIO

import pikepdf
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from registry.base.errors import RuleError
from registry.review.evidence_types import MOST_BYTES, checked
from tests.documents import pdf, photograph
from tests.registry.review.casework import PNG

SCRIPT = b"<</S/JavaScript/JS(app.alert(1))>>"


def resaved(content: bytes, **options: object) -> bytes:
    file = BytesIO()
    with pikepdf.open(BytesIO(content)) as document:
        document.save(file, **options)  # type: ignore[arg-type]  # as the test names them
    return file.getvalue()


def packed(content: bytes) -> bytes:
    """Put the objects of a PDF into compressed object streams."""
    return resaved(content, object_stream_mode=pikepdf.ObjectStreamMode.generate)


def locked(content: bytes, user: str) -> bytes:
    return resaved(content, encryption=pikepdf.Encryption(owner="owner", user=user))


def size_of(content: bytes) -> tuple[int, int]:
    with Image.open(BytesIO(content)) as picture:
        return picture.size


@pytest.mark.parametrize(
    "content",
    [
        pdf(),
        packed(pdf()),
        pdf(catalog=b"/OpenAction[3 0 R/Fit]"),
        pdf(catalog=b"/OpenAction<</S/GoTo/D[3 0 R/Fit]>>"),
        pdf(b"<</Subtype/Link/A<</S/URI/URI(https://example.org)>>>>", page=b"/Annots[4 0 R]"),
        pdf(b"<</S/P/Type/StructElem>>"),
    ],
    ids=["plain", "packed", "first page", "first page by an action", "a link", "a paragraph"],
)
def test_an_ordinary_pdf_is_kept_as_it_came(content: bytes) -> None:
    found = checked(content)
    assert (found.media_type, found.content) == ("application/pdf", content)


@pytest.mark.parametrize(
    "content",
    [
        pdf(catalog=b"/OpenAction" + SCRIPT),
        pdf(catalog=b"/OpenAction<</S/J#61vaScript/J#53(app.alert(1))>>"),
        packed(pdf(SCRIPT, catalog=b"/OpenAction 4 0 R")),
        pdf(catalog=b"/OpenAction<</S/SubmitForm/F(https://example.org)>>"),
        pdf(catalog=b"/OpenAction<</S/URI/URI(https://example.org)>>"),
        pdf(catalog=b"/OpenAction<</S/GoTo/D[3 0 R/Fit]/Next" + SCRIPT + b">>"),
        pdf(catalog=b"/Names<</JavaScript<</Names[(a)4 0 R]>>>>"),
        pdf(page=b"/AA<</O<</S/Named/N/Print>>>>"),
        pdf(b"<</Subtype/Link/A<</S/L#61unch/F(cmd.exe)>>>>", page=b"/Annots[4 0 R]"),
        pdf(b"<</Subtype/Link/A<</S/GoToR/F(//host/share)>>>>", page=b"/Annots[4 0 R]"),
        pdf(b"<</Type/EmbeddedFile/Length 2>>\nstream\nMZ\nendstream"),
        pdf(b"<</Subtype/FileAttachment/FS<</EF<</F 5 0 R>>>>>>"),
        pdf(b"<</Subtype/RichMedia>>"),
        pdf(catalog=b"/AcroForm<</XFA(<xdp/>)/Fields[]>>"),
        pdf(catalog=b"/Deep" + b"[" * 200 + SCRIPT + b"]" * 200),
    ],
)
def test_a_pdf_that_can_act_is_refused(content: bytes) -> None:
    with pytest.raises(RuleError, match="file_active"):
        checked(content)


@pytest.mark.parametrize("user", ["", "secret"])
def test_a_pdf_that_is_locked_is_refused(user: str) -> None:
    with pytest.raises(RuleError, match="file_encrypted"):
        checked(locked(pdf(), user))


def test_a_photograph_is_written_anew_and_upright() -> None:
    taken = photograph(40, 20) + b"MZ what lies behind the end"
    kept = checked(taken)
    assert kept.media_type == "image/jpeg"
    assert size_of(kept.content) == (20, 40)
    assert b"WhereAmI" in taken
    for hidden in (b"Exif", b"WhereAmI", b"MZ"):
        assert hidden not in kept.content


def test_a_picture_keeps_its_pixels_and_nothing_else() -> None:
    said = PngInfo()
    said.add_text("Comment", "<script>")
    drawn = Image.new("RGBA", (3, 2), (1, 2, 3, 100))
    file = BytesIO()
    drawn.save(file, "PNG", pnginfo=said, icc_profile=b"profile")
    kept = checked(file.getvalue() + b"MZ")
    assert kept.media_type == "image/png"
    with Image.open(BytesIO(kept.content)) as picture:
        assert picture.tobytes() == drawn.tobytes()
        assert picture.info == {}
    assert kept.content.endswith(b"IEND\xaeB`\x82")


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png_of(width: int, height: int, pixels: bytes) -> bytes:
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file_empty"),
        (b"MZ\x90\0", "file_type"),
        (b"<html><script>", "file_type"),
        (b"GIF89a" + PNG, "file_type"),
        (PNG[:-30], "file_damaged"),
        (photograph()[:-300], "file_damaged"),
        (b"\xff\xd8\xff\xe0", "file_damaged"),
        (pdf()[:-60], "file_damaged"),
        (pdf().replace(b"startxref\n", b"startxref\n9"), "file_damaged"),
        (b"%PDF-1.7\nnothing", "file_damaged"),
        (png_of(60_000, 60_000, zlib.compress(b"\0" * 1000)), "file_damaged"),
        (png_of(9_000, 9_000, zlib.compress(b"\0" * 1000)), "file_damaged"),
        (b"%PDF-" + b"0" * MOST_BYTES, "file_too_large"),
    ],
)
def test_what_is_no_whole_pdf_jpg_or_png_is_refused(content: bytes, code: str) -> None:
    with pytest.raises(RuleError, match=code):
        checked(content)
