"""Passwords of tests are hashed at argon2id's least cost: hundreds of them are set and typed.

What they cost in the product is proven by `tests/registry/accounts/test_staff.py`.
"""

from argon2 import PasswordHasher

from registry.accounts import staff

OWN_HASHER = staff._hasher
"""What the product hashes with."""


def hash_passwords_cheaply() -> None:
    """Have this process hash and expect passwords of the least cost from now on."""
    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    staff._hasher = cheap
    staff._NOBODYS_HASH = cheap.hash("nobody's password")
