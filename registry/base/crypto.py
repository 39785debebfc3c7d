"""Personal values at rest: AES-256-GCM under a named key, and a keyed blind index to find them by.

A value reads `v2:<key id>:<nonce+ciphertext>` and is bound to its column and row: copied to another
row it does not open (docs/decisions/0034-bound-values.md). `v1` is what was sealed before, bound to
its column alone. The index is an HMAC under a key of its own, so a stolen database without the keys
neither shows a value nor lets one be guessed (an unkeyed hash of an identity number is undone in
minutes: the numbers are few).
"""

import base64
import hmac
import secrets
from collections.abc import Mapping, Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_VERSION, _UNBOUND = "v2", "v1"
_NONCE_BYTES = 12
_INDEX_BYTES = 16


class UnreadableValue(Exception):
    """The value was not written under a key we hold, or was altered. Carries no part of it."""


def derive(master: bytes, purpose: str) -> bytes:
    """Return the 32 bytes that a key is for one purpose; another's say nothing of them."""
    return HKDF(SHA256(), 32, salt=None, info=f"quxiang {purpose}".encode()).derive(master)


class Vault:
    """Encrypts with the first key, reads with any, finds by the index key.

    `keys` maps a short key id to 32 random bytes, newest first. The index key is derived from
    `index_key`, which stays the same while the encryption keys rotate. `other_index_key` is set
    while the index key itself changes: rows may still, or already, be kept under it.
    """

    def __init__(
        self,
        keys: Mapping[str, bytes],
        index_key: bytes,
        *,
        other_index_key: bytes | None = None,
        opens_unbound: bool = False,
    ) -> None:
        """Derive the working keys; needs at least one.

        `opens_unbound` lets values open that were sealed before values were bound to their row.
        """
        if not keys:
            raise ValueError("a vault needs a key")
        self.current = next(iter(keys))
        self._ciphers = {kid: AESGCM(derive(key, "encryption")) for kid, key in keys.items()}
        given = [index_key] if other_index_key is None else [index_key, other_index_key]
        self._index_keys = [derive(each, "blind index") for each in given]
        self._opened = {_VERSION, _UNBOUND} if opens_unbound else {_VERSION}

    @property
    def prefix(self) -> str:
        """Return how values begin that are sealed under the newest key, and bound to their row."""
        return f"{_VERSION}:{self.current}:"

    @property
    def has_two_index_keys(self) -> bool:
        """Say whether the index key is being changed."""
        return len(self._index_keys) > 1

    def seal_bytes(self, purpose: str, row: int | str, value: bytes) -> bytes:
        """Encrypt `value` for one column (its purpose) of one row; it opens only there."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        place = _place(_VERSION, purpose, row)
        sealed = self._ciphers[self.current].encrypt(nonce, value, place)
        return self.prefix.encode() + nonce + sealed

    def open_bytes(self, purpose: str, row: int | str, sealed: bytes) -> bytes:
        """Decrypt what `seal_bytes` made for this place; raise UnreadableValue for another."""
        version, kid, rest = (*sealed.split(b":", 2), b"", b"")[:3]
        said = version.decode("ascii", "replace")
        cipher = self._ciphers.get(kid.decode("ascii", "replace"))
        if said not in self._opened or cipher is None:
            raise UnreadableValue(purpose)
        place = _place(said, purpose, row)
        try:
            return cipher.decrypt(rest[:_NONCE_BYTES], rest[_NONCE_BYTES:], place)
        except (InvalidTag, ValueError):
            raise UnreadableValue(purpose) from None

    def seal(self, purpose: str, row: int | str, value: str) -> str:
        """Encrypt a text for one column of one row; the result is ASCII."""
        prefix, kid, rest = self.seal_bytes(purpose, row, value.encode()).split(b":", 2)
        return f"{prefix.decode()}:{kid.decode()}:{base64.b64encode(rest).decode()}"

    def open(self, purpose: str, row: int | str, sealed: str) -> str:
        """Decrypt what `seal` made for this place; raise UnreadableValue for anything else."""
        head, _, body = sealed.rpartition(":")
        try:
            raw = base64.b64decode(body, validate=True)
        except ValueError:
            raise UnreadableValue(purpose) from None
        return self.open_bytes(purpose, row, head.encode() + b":" + raw).decode()

    def index(self, purpose: str, value: str) -> str:
        """Return the blind index of a normalised value: 32 hex digits, equal for equal ones."""
        return self.indexes(purpose, value)[0]

    def indexes(self, purpose: str, value: str) -> Sequence[str]:
        """Return every index that rows of a value may be kept under, the one to write first.

        There are two while the index key changes (docs/decisions/0035-index-key.md).
        """
        said = f"{purpose}\0{value}".encode()
        return [hmac.digest(key, said, "sha256")[:_INDEX_BYTES].hex() for key in self._index_keys]


def _place(version: str, purpose: str, row: int | str) -> bytes:
    """Return what a value is bound to, as associated data of the cipher."""
    return purpose.encode() if version == _UNBOUND else f"{purpose}\0{row}".encode()
