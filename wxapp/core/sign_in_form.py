"""Login and password as a form sends them, with the answer to its puzzle where it had one."""

from dataclasses import dataclass

from flask import request
from sqlalchemy.orm import Session

from registry.accounts import staff as staff_rules
from registry.accounts.sign_in_guard import SignInAsker
from registry.accounts.tables import Staff
from registry.base.errors import RuleError
from wxapp.core import puzzle_pictures
from wxapp.core.browser_session import browser
from wxapp.core.known_device import asking_device
from wxapp.core.resources import now, resources


@dataclass(frozen=True)
class SignInTry:
    """What came of a form, and the picture that the next one begins with."""

    found: Staff | RuleError
    login: str
    picture: str | None = None


def tried(session: Session) -> SignInTry:
    """Check what was sent, as `registry.accounts.staff.sign_in` does."""
    login, password = request.form.get("login", ""), request.form.get("password", "")
    asker = SignInAsker(
        asking_device(), browser().token_hash, request.form.get("puzzle_answer", "")
    )
    vault = resources().vault
    found = staff_rules.sign_in(session, vault, login, password, asker, now())
    if isinstance(found, Staff):
        return SignInTry(found, login)
    digits = staff_rules.guard_of(session, vault, login, asker, now()).puzzle()
    return SignInTry(found, login, puzzle_pictures.drawn(digits) if digits else None)
