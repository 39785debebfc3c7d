"""Secrets made up for a new installation, each as its setting wants it."""

import base64
import secrets
import string

LETTERS = string.ascii_letters + string.digits
AES_KEY_LETTERS = 43


def fresh_keys() -> dict[str, str]:
    """Return what signs, encrypts and indexes, and what WeChat's console is told, by setting."""
    return {
        "SECRET_KEY": secrets.token_urlsafe(32),
        "DATA_KEYS": f"k1:{base64.b64encode(secrets.token_bytes(32)).decode()}",
        "FORWARDING_KEYS": f"f1:{base64.b64encode(secrets.token_bytes(32)).decode()}",
        "INDEX_KEY": secrets.token_urlsafe(32),
        "WECHAT_TOKEN": secrets.token_hex(12),
        "WECHAT_AES_KEY": "".join(secrets.choice(LETTERS) for _ in range(AES_KEY_LETTERS)),
    }
