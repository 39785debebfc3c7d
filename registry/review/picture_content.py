"""What is in one picture, read by its pixels: they alone are written anew."""

from io import BytesIO

from PIL import Image, ImageOps

from registry.review.document_content import JPEG, MOST_BYTES, MOST_PIXELS, PNG, RefusedContent

JPEG_QUALITIES = (90, 75)
"""The second where the first makes the file larger than may be kept."""
_FORMATS = {JPEG: "JPEG", PNG: "PNG"}


def written_anew(content: bytes, media_type: str) -> bytes:
    """Decode a picture, turn it the way it was held, and write nothing but its pixels.

    Raises RefusedContent.
    """
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
