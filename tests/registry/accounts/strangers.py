"""Who comes to the sign-in: strangers at addresses, who solve the puzzle they are given or not."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from registry.accounts import puzzles
from registry.accounts.devices import Device
from registry.accounts.sign_in_guard import SignInAsker
from registry.accounts.staff import guard_of, sign_in
from registry.accounts.tables import Staff
from registry.base.crypto import Vault
from registry.base.errors import RuleError

VAULT = Vault({"k1": b"1" * 32}, b"i" * 32)


def stranger(address: str) -> SignInAsker:
    """Return a browser that nobody knows."""
    return SignInAsker(Device(None, address), f"{address:0>64}")


def known(token: str, address: str) -> SignInAsker:
    """Return a browser with the cookie of a device."""
    return SignInAsker(Device(token, address), f"{token:0>64}")


def solve_and_sign_in(
    session: Session, login: str, password: str, asker: SignInAsker, at: datetime
) -> Staff | RuleError:
    """Try as somebody does who reads each puzzle and answers it right."""
    guard_of(session, VAULT, login, asker, at).puzzle()
    answer = puzzles.given(session, asker.session_hash, at) or ""
    return sign_in(session, VAULT, login, password, replace(asker, puzzle_answer=answer), at)
