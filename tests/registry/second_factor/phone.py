"""A phone with an app that makes codes, as staff have one."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from registry.accounts.tables import Staff
from registry.base.crypto import Vault
from registry.second_factor import factor, totp


class Phone:
    """What an app on a phone holds and shows."""

    def __init__(self, secret: str) -> None:
        self.secret = secret

    def code(self, at: datetime, steps: int = 0) -> str:
        """Return what it shows at a moment, or so many steps later."""
        return totp.code_of(self.secret, totp.step_of(at) + steps)


def turn_on(session: Session, vault: Vault, staff: Staff, at: datetime) -> tuple[Phone, list[str]]:
    """Turn on somebody's second factor a while before `at`; return the phone and backup codes."""
    phone, before = Phone(totp.new_secret()), at - timedelta(hours=1)
    codes = factor.turn_on(session, vault, staff, phone.secret, phone.code(before), before)
    assert codes is not None
    return phone, codes
