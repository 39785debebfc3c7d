"""Personal values at rest: AES-256-GCM under a named key, and a keyed blind index to find them by.

A value reads `v1:<key id>:<nonce+ciphertext>`. The index is an HMAC under a key of its own, so a
stolen database without the keys neither shows a value nor lets one be guessed (an unkeyed hash of
an identity number is undone in minutes: the numbers are few).
"""

import base64
import hmac
import secrets
from collections.abc import Mapping

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_VERSION = "v1"
_NONCE_BYTES = 12
_INDEX_BYTES = 16


class UnreadableValue(Exception):
    """The value was not written under a key we hold, or was altered. Carries no part of it."""


def _derive(master: bytes, purpose: str) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=f"quxiang {purpose}".encode()).derive(master)


class Vault:
    """Encrypts with the first key, reads with any, finds by the index key.

    `keys` maps a short key id to 32 random bytes, newest first. The index key is derived from
    `index_key`, which stays the same while the encryption keys rotate.
    """

    def __init__(self, keys: Mapping[str, bytes], index_key: bytes) -> None:
        """Derive the working keys; needs at least one."""
        if not keys:
            raise ValueError("a vault needs a key")
        self.current = next(iter(keys))
        self._ciphers = {kid: AESGCM(_derive(key, "encryption")) for kid, key in keys.items()}
        self._index_key = _derive(index_key, "blind index")

    @property
    def prefix(self) -> str:
        """Return how values begin that are sealed under the newest key."""
        return f"{_VERSION}:{self.current}:"

    def seal_bytes(self, purpose: str, value: bytes) -> bytes:
        """Encrypt `value` for one purpose; it opens only for the same purpose."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = self._ciphers[self.current].encrypt(nonce, value, purpose.encode())
        return self.prefix.encode() + nonce + sealed

    def open_bytes(self, purpose: str, sealed: bytes) -> bytes:
        """Decrypt what `seal_bytes` made; raise UnreadableValue for anything else."""
        version, kid, rest = (*sealed.split(b":", 2), b"", b"")[:3]
        cipher = self._ciphers.get(kid.decode("ascii", "replace"))
        if version.decode("ascii", "replace") != _VERSION or cipher is None:
            raise UnreadableValue(purpose)
        try:
            return cipher.decrypt(rest[:_NONCE_BYTES], rest[_NONCE_BYTES:], purpose.encode())
        except (InvalidTag, ValueError):
            raise UnreadableValue(purpose) from None

    def seal(self, purpose: str, value: str) -> str:
        """Encrypt a text; the result is ASCII."""
        prefix, kid, rest = self.seal_bytes(purpose, value.encode()).split(b":", 2)
        return f"{prefix.decode()}:{kid.decode()}:{base64.b64encode(rest).decode()}"

    def open(self, purpose: str, sealed: str) -> str:
        """Decrypt what `seal` made; raise UnreadableValue for anything else."""
        head, _, body = sealed.rpartition(":")
        try:
            raw = base64.b64decode(body, validate=True)
        except ValueError:
            raise UnreadableValue(purpose) from None
        return self.open_bytes(purpose, head.encode() + b":" + raw).decode()

    def index(self, purpose: str, value: str) -> str:
        """Return the blind index of a normalised value: 32 hex digits, equal for equal ones."""
        digest = hmac.digest(self._index_key, f"{purpose}\0{value}".encode(), "sha256")
        return digest[:_INDEX_BYTES].hex()
