"""Pushes as WeChat makes them: built, encrypted and signed here, apart from the code under test."""

import base64
import hashlib
import os
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from xml.etree import ElementTree as ET

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

APP_ID = "wx5e0b7a1c9d2f4e68"
TOKEN = "callbacktoken"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
ACCOUNT = "gh_3c884a361561"
NOW = datetime(2026, 6, 10, 2, 0, tzinfo=UTC)


def key_bytes(key: str = AES_KEY) -> bytes:
    return base64.b64decode(key + "=")


def document(fields: Mapping[str, object]) -> bytes:
    inner = "".join(f"<{name}><![CDATA[{value}]]></{name}>" for name, value in fields.items())
    return f"<xml>{inner}</xml>".encode()


def event(name: str = "subscribe", **others: object) -> dict[str, object]:
    """Return the fields of an event; a field that is None is left out."""
    common: dict[str, object] = {
        "ToUserName": ACCOUNT,
        "FromUserName": "o-someone",
        "CreateTime": int(NOW.timestamp()),
        "MsgType": "event",
        "Event": name,
    }
    return {key: value for key, value in {**common, **others}.items() if value is not None}


def encrypted(clear: bytes, key: str = AES_KEY, app_id: str = APP_ID) -> str:
    secret = key_bytes(key)
    text = os.urandom(16) + struct.pack(">I", len(clear)) + clear + app_id.encode()
    padding = 32 - len(text) % 32
    cipher = Cipher(algorithms.AES(secret), modes.CBC(secret[:16])).encryptor()
    sealed = cipher.update(text + bytes([padding]) * padding) + cipher.finalize()
    return base64.b64encode(sealed).decode()


def signed(*parts: str) -> str:
    return hashlib.sha1("".join(sorted(parts)).encode(), usedforsecurity=False).hexdigest()


@dataclass
class Push:
    """A push as it comes in."""

    query: dict[str, str]
    body: bytes


def sealed_push(
    clear: bytes, *, key: str = AES_KEY, app_id: str = APP_ID, at: datetime = NOW
) -> Push:
    """Return a push in safe mode."""
    sealed = encrypted(clear, key, app_id)
    return signed_push(sealed, document({"ToUserName": ACCOUNT, "Encrypt": sealed}), at)


def signed_push(sealed: str, body: bytes, at: datetime = NOW) -> Push:
    """Return a push whose ciphertext is signed, whatever it may hold."""
    stamp, nonce = str(int(at.timestamp())), "1514711492"
    query = {
        "signature": signed(TOKEN, stamp, nonce),
        "timestamp": stamp,
        "nonce": nonce,
        "encrypt_type": "aes",
        "msg_signature": signed(TOKEN, stamp, nonce, sealed),
    }
    return Push(query, body)


def plain_push(clear: bytes, at: datetime = NOW) -> Push:
    """Return a push in plain mode."""
    stamp, nonce = str(int(at.timestamp())), "1514711492"
    signature = signed(TOKEN, stamp, nonce)
    return Push({"signature": signature, "timestamp": stamp, "nonce": nonce}, clear)


def opened(answer: bytes) -> dict[str, str]:
    """Return the elements of a sealed answer, whose signature is right."""
    outer = _elements(answer)
    parts = [outer[name] for name in ("TimeStamp", "Nonce", "Encrypt")]
    assert outer["MsgSignature"] == signed(TOKEN, *parts)
    secret = key_bytes()
    cipher = Cipher(algorithms.AES(secret), modes.CBC(secret[:16])).decryptor()
    text = cipher.update(base64.b64decode(outer["Encrypt"])) + cipher.finalize()
    [length] = struct.unpack(">I", text[16:20])
    return _elements(text[20 : 20 + length])


def _elements(document: bytes) -> dict[str, str]:
    return {each.tag: each.text or "" for each in ET.fromstring(document)}  # noqa: S314 - made by the code under test
