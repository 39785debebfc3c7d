"""Codes that an app on a phone makes from a shared secret and the time (动态码).

Source: RFC 6238 over RFC 4226, with what every such app understands: SHA-1, six digits, 30 seconds.
"""

import base64
import hashlib
import hmac
import secrets
from datetime import datetime
from urllib.parse import quote, urlencode

PERIOD = 30
DIGITS = 6
DRIFT = 1
"""How many steps a phone's clock may be off, either way (RFC 6238, 5.2)."""
SECRET_BYTES = 20
"""As long as the hash (RFC 4226, 4)."""
ISSUER = "去向登记"


def new_secret() -> str:
    """Return 160 random bits in base32, as they are scanned or typed into an app."""
    return base64.b32encode(secrets.token_bytes(SECRET_BYTES)).decode()


def step_of(at: datetime) -> int:
    """Return the number of the 30 seconds that a moment lies in."""
    return int(at.timestamp()) // PERIOD


def code_of(secret: str, step: int) -> str:
    """Return the six digits of a step."""
    digest = hmac.new(base64.b32decode(secret), step.to_bytes(8, "big"), hashlib.sha1).digest()
    start = digest[-1] & 0x0F
    number = int.from_bytes(digest[start : start + 4], "big") & 0x7FFF_FFFF
    return f"{number % 10**DIGITS:0{DIGITS}}"


def step_matching(secret: str, code: str, at: datetime) -> int | None:
    """Return the step whose code this is, of those that a phone may have now; None for none."""
    now = step_of(at)
    fitting = [
        step
        for step in range(now - DRIFT, now + DRIFT + 1)
        if hmac.compare_digest(code_of(secret, step).encode(), code.encode())
    ]
    return max(fitting, default=None)


def address(login: str, secret: str) -> str:
    """Return the address that an app reads from the QR code (Google's Key Uri Format)."""
    values = {"secret": secret, "issuer": ISSUER, "algorithm": "SHA1", "digits": DIGITS}
    label = quote(f"{ISSUER}:{login}", safe="")
    return f"otpauth://totp/{label}?{urlencode({**values, 'period': PERIOD}, quote_via=quote)}"
