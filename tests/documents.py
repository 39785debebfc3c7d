"""Documents for tests: PDFs written object by object, and pictures as phones make them."""

from io import BytesIO

from PIL import Image

CATALOG = b"<</Type/Catalog/Pages 2 0 R%s>>"
PAGES = b"<</Type/Pages/Kids[3 0 R]/Count 1>>"
PAGE = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]%s>>"
GPS, ORIENTATION, MAKER = 0x8825, 0x0112, 0x010F


def pdf(*more: bytes, catalog: bytes = b"", page: bytes = b"") -> bytes:
    """Write a PDF of one page with more objects, from number 4 on, and a table that fits."""
    written = b"%PDF-1.7\n"
    places = []
    for number, body in enumerate((CATALOG % catalog, PAGES, PAGE % page, *more), 1):
        places.append(len(written))
        written += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(places) + 1
    head = b"xref\n0 %d\n0000000000 65535 f \n" % size
    tail = b"trailer<</Root 1 0 R/Size %d>>\nstartxref\n%d\n%%%%EOF\n" % (size, len(written))
    return written + head + table + tail


def photograph(width: int = 40, height: int = 20, orientation: int = 6) -> bytes:
    """Take a picture that says where it was taken, held upright."""
    picture = Image.new("RGB", (width, height), (200, 30, 30))
    exif = Image.Exif()
    exif[ORIENTATION], exif[MAKER] = orientation, "WhereAmI"
    exif.get_ifd(GPS)[1] = "N"
    file = BytesIO()
    picture.save(file, "JPEG", exif=exif)
    return file.getvalue()
