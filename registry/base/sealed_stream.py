"""A long file, encrypted piece by piece, in which nothing can be changed, moved or cut off unseen.

Each piece is sealed by AES-256-GCM under a number of its own; the last says that it is the last
(the STREAM construction of Hoang, Reyhanitabar, Rogaway and Vizár, 2015).
"""

import secrets
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

PIECE_BYTES = 1024 * 1024
_TAG_BYTES = 16
_PREFIX_BYTES = 7
_NUMBER_BYTES = 4


class DamagedFile(ValueError):
    """A sealed file was changed or cut off, or the key is another."""


def seal_stream(key: bytes, head: bytes, parts: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the sealed bytes of `parts`; `head` is not hidden and has to be known to open them."""
    cipher, prefix = AESGCM(key), secrets.token_bytes(_PREFIX_BYTES)
    yield prefix
    number, held = 0, bytearray()
    for part in parts:
        held += part
        while len(held) > PIECE_BYTES:  # one is kept back: the last is sealed otherwise
            yield cipher.encrypt(_nonce(prefix, number, last=False), held[:PIECE_BYTES], head)
            del held[:PIECE_BYTES]
            number += 1
    yield cipher.encrypt(_nonce(prefix, number, last=True), bytes(held), head)


def open_stream(key: bytes, head: bytes, file: BinaryIO) -> Iterator[bytes]:
    """Yield what was sealed, piece by piece; raise DamagedFile at what is not as it was.

    What was yielded before is genuine, but not yet known to be whole.
    """
    cipher, prefix = AESGCM(key), file.read(_PREFIX_BYTES)
    piece, number = file.read(PIECE_BYTES + _TAG_BYTES), 0
    while piece:
        following = file.read(PIECE_BYTES + _TAG_BYTES)
        yield _opened(cipher, _nonce(prefix, number, last=not following), piece, head)
        piece, number = following, number + 1
    if number == 0:
        raise DamagedFile("nothing is in it")


def _opened(cipher: AESGCM, nonce: bytes, piece: bytes, head: bytes) -> bytes:
    try:
        return cipher.decrypt(nonce, piece, head)
    except (InvalidTag, ValueError):
        raise DamagedFile("it was changed or cut off, or sealed under another key") from None


def _nonce(prefix: bytes, number: int, *, last: bool) -> bytes:
    return prefix + number.to_bytes(_NUMBER_BYTES, "big") + bytes([last])
