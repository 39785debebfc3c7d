"""A puzzle's digits drawn, and spoken in Mandarin for those who cannot see them."""

import base64
import secrets
from pathlib import Path

from captcha.audio import AudioCaptcha
from captcha.image import ImageCaptcha

WIDTH, HEIGHT = 200, 70
PAPER = (255, 255, 255)
DARKEST, LIGHTEST = 105, 140
"""Of each colour of the ink: the library lays darker ink on thinner, lighter ink shows less."""
VOICES = Path(__file__).with_name("voices")


def drawn(digits: str) -> str:
    """Return the picture as an address that holds it: it is fetched by nobody else, and once."""
    red, green, blue = (DARKEST + secrets.randbelow(LIGHTEST - DARKEST) for _ in range(3))
    picture = ImageCaptcha(WIDTH, HEIGHT).generate(
        digits, bg_color=PAPER, fg_color=(red, green, blue, 255)
    )
    return f"data:image/png;base64,{base64.b64encode(picture.getvalue()).decode()}"


def spoken(digits: str) -> bytes:
    """Return the digits as a WAV file of some fifteen seconds; takes a fifth of a second."""
    return bytes(AudioCaptcha(str(VOICES)).generate(digits))
