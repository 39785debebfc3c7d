"""Small pictures of evidence, for lists of it: made from pictures that this house wrote itself.

What was uploaded is decoded once, in a process of its own (`document_process`), and written anew;
these are read from what it wrote.
"""

from io import BytesIO

from PIL import Image

EDGE = 144
"""Pixels: 72 points on a phone of two pixels to a point."""
MEDIA_TYPE = "image/jpeg"
MOST_PIXELS = 16_000_000
"""A larger PNG has no small picture: it would have to be decoded whole each time."""


def thumbnail(content: bytes) -> bytes | None:
    """Return a small JPEG of a JPEG or PNG; None for what is too large to be made small at once."""
    with Image.open(BytesIO(content)) as picture:
        picture.draft("RGB", (EDGE * 2, EDGE * 2))  # a JPEG is decoded at a fraction of its size
        if picture.width * picture.height > MOST_PIXELS:
            return None
        small = picture.convert("RGB")
        small.thumbnail((EDGE, EDGE))
        written = BytesIO()
        small.save(written, "JPEG", quality=75)
    return written.getvalue()
