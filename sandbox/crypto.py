"""Signing and encrypting callbacks, written from the platform's description, not from a library.

Source: the encryption guide of the message push (AES-256-CBC, key = base64 of the 43 characters,
IV = first half of the key, PKCS7 to 32 bytes, text = 16 random | length | message | appid).
"""

import base64
import hashlib
import secrets
import struct

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

BLOCK = 32
RANDOM = 16


def sign(*parts: str) -> str:
    """Return the SHA-1 of the sorted parts, as every signature of the platform is made."""
    # SHA-1 is what the platform prescribes.
    return hashlib.sha1("".join(sorted(parts)).encode(), usedforsecurity=False).hexdigest()


class CallbackCipher:
    """Encrypts what is pushed to the account's server and reads what it answers."""

    def __init__(self, aes_key: str, app_id: str) -> None:
        self._key = base64.b64decode(aes_key + "=")
        self._app_id = app_id.encode()

    def _cipher(self) -> Cipher[modes.CBC]:
        return Cipher(algorithms.AES(self._key), modes.CBC(self._key[:16]))

    def encrypt(self, text: str) -> str:
        """Return the base64 of the encrypted text."""
        body = text.encode()
        length = struct.pack(">I", len(body))
        plain = secrets.token_bytes(RANDOM) + length + body + self._app_id
        pad = BLOCK - len(plain) % BLOCK
        encryptor = self._cipher().encryptor()
        return base64.b64encode(
            encryptor.update(plain + bytes([pad]) * pad) + encryptor.finalize()
        ).decode()

    def decrypt(self, encrypted: str) -> str:
        """Return the text; raise ValueError when it is not for this account or not readable."""
        decryptor = self._cipher().decryptor()
        padded = decryptor.update(base64.b64decode(encrypted)) + decryptor.finalize()
        if not 1 <= padded[-1] <= BLOCK:
            raise ValueError("the padding is wrong")
        plain = padded[: -padded[-1]]
        end = RANDOM + 4 + int(struct.unpack(">I", plain[RANDOM : RANDOM + 4])[0])
        if plain[end:] != self._app_id:
            raise ValueError("the answer is for another account")
        return plain[RANDOM + 4 : end].decode()
