"""The link of a number: what the QR code of a report says, and how the code is drawn."""

from base64 import b64encode
from io import BytesIO

import segno

PIXELS = 8
"""To a module: a picture of some 350 pixels, sharp on a phone and in print."""
QUIET = 4
"""Modules of white around the code; scanners want four."""

MASK = 3
"""Any mask is read. To look for the best of the eight takes three quarters of the whole time, and
helps where much is alike: a link is half random.
"""


def address(base_url: str, token: str) -> str:
    """Return the address a QR code leads to; neither number nor name are in it."""
    return f"{base_url}/v/{token}"


def embedded(link: str) -> str:
    """Return a link's QR code as an address within the page itself.

    So no second request carries the link.
    """
    return f"data:image/svg+xml;base64,{b64encode(drawn(link).encode()).decode()}"


def embedded_pixels(link: str) -> str:
    """Return the same drawn in pixels, which WeChat keeps or forwards on a long press."""
    picture = BytesIO()
    _code(link).save(picture, kind="png", border=QUIET, scale=PIXELS, light="#fff")
    return f"data:image/png;base64,{b64encode(picture.getvalue()).decode()}"


def drawn(link: str) -> str:
    """Return a link's QR code as an SVG picture."""
    picture = BytesIO()
    _code(link).save(picture, kind="svg", border=QUIET, light="#fff", xmldecl=False)
    return picture.getvalue().decode()


def _code(link: str) -> segno.QRCode:
    return segno.make(link, error="m", micro=False, mask=MASK)
