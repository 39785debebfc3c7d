"""The link in a short message by which who is bound no more can object: 59 bits, kept as a hash.

Made of the row's random key, so that a message sent twice holds the same link and nothing that is
stored leads to it without the index key.
"""

import hashlib

from registry.base.crypto import Vault

LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
LENGTH = 12
"""More does not fit into a parameter of a notice's template (Tencent Cloud SMS: 12 characters)."""


def token_of(vault: Vault, key: str) -> str:
    """Return the token of a change."""
    number = int(vault.index("contact link", key), 16)
    letters = []
    for _ in range(LENGTH):
        number, place = divmod(number, len(LETTERS))
        letters.append(LETTERS[place])
    return "".join(letters)


def hash_of(token: str) -> str:
    """Return what a change is found by."""
    return hashlib.sha256(f"contact link {token}".encode()).hexdigest()
