"""What has to come before a sign-in: who is known waits for nobody, strangers solve puzzles.

A browser that signed in before is weighed by its own failures alone. Everybody else is a stranger:
what strangers do to an account costs a puzzle, and a pause follows only what the same address did.
All strangers together get no more tries an hour than `STRANGERS`: a right password that is always
let in is a guess that is always answered. Beyond it an account is open to the browsers and
addresses it was used from, and to whoever was given a first password, which nobody guesses.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from sqlalchemy.orm import Session

from registry.accounts import addresses, attempts, devices, puzzles
from registry.accounts.attempts import Limit, Subject
from registry.accounts.devices import Device
from registry.accounts.tables import Staff
from registry.base.crypto import Vault
from registry.base.errors import RuleError

PURPOSE = "sign_in"

OWN = Limit(free=5, longest=timedelta(minutes=15))
"""One login in a browser that is known, or of who is signed in: only their own failures."""
HERE = Limit(free=3, longest=timedelta(minutes=30), puzzle_from=3)
"""One login from one address (IPv6: /48): the guesser's own wait."""
ANYWHERE = Limit(free=10**9, longest=timedelta(), puzzle_from=5)
"""One login from all addresses: strangers can cause it, so it is a puzzle."""
ADDRESS = Limit(free=50, longest=timedelta(minutes=1), puzzle_from=20)
"""All logins from one address (IPv6: /64, and /48): an office shares one."""
STRANGERS = 60
"""Failures of strangers an hour at one account, before unknown addresses are let in no more."""

_SENTENCES = {
    "too_many_attempts": "密码连续输错多次，请 {seconds} 秒后再试。",
    "known_devices_only": (
        "这个账号正在被反复尝试登录，暂时只能在登录过的浏览器上登录。急需登录请联系管理员重置密码。"
    ),
    "puzzle_needed": "请输入图中的数字和密码。",
    "puzzle_wrong": puzzles.WRONG,
}


@dataclass(frozen=True)
class SignInAsker:
    """Who wants to sign in: which browser, and what it answered to its puzzle."""

    device: Device
    session_hash: str = ""
    """The browser session that a puzzle is given out to."""
    puzzle_answer: str = ""
    signed_in: bool = False
    """Whether the account is open in this session already, and its password is asked once more."""


@dataclass(frozen=True)
class SignInGuard:
    """Weighs one try to sign in, and counts what came of it, in one transaction."""

    session: Session
    vault: Vault
    login: str
    staff: Staff | None
    """Whose login it is; None for nobody's, of which the same is asked."""
    asker: SignInAsker
    at: datetime

    def refusal(self) -> RuleError | None:
        """Return why no password is looked at, if so; a puzzle that was solved is used up.

        Codes `too_many_attempts`, `known_devices_only`, `puzzle_needed`, `puzzle_wrong`.
        """
        weighed = attempts.weigh(self.session, PURPOSE, self._subjects(), self.at)
        if weighed.until is not None:
            return _refuse("too_many_attempts", ceil((weighed.until - self.at).total_seconds()))
        strangers = weighed.failures.get(self._index("anywhere"), 0)
        if strangers >= STRANGERS and not self._may_be_the_owner():
            return _refuse("known_devices_only")
        if not weighed.puzzle or self._solved():
            return None
        return _refuse("puzzle_wrong" if self.asker.puzzle_answer else "puzzle_needed")

    def puzzle(self) -> str | None:
        """Return the digits of a new puzzle where the next try needs one."""
        if not attempts.weigh(self.session, PURPOSE, self._subjects(), self.at).puzzle:
            return None
        return puzzles.give_out(self.session, self.asker.session_hash, self.at)

    def count_failure(self) -> None:
        """Count a password that did not fit."""
        attempts.count_failure(self.session, PURPOSE, self._subjects(), self.at)

    def forget(self) -> None:
        """Forget the failures of who has just proven themselves; not those of strangers."""
        attempts.forget(self.session, PURPOSE, self._subjects()[0])

    def _subjects(self) -> list[Subject]:
        """Return whose failures count; the first is the asker's own."""
        if self.asker.signed_in:
            return [Subject(self._index("signed in"), OWN)]
        device = self.asker.device
        if self.staff and devices.is_known(self.session, self.staff.id, device.token, self.at):
            return [Subject(self._index("device", device.token or ""), OWN)]
        return [
            Subject(self._index("here", addresses.site(device.address)), HERE),
            Subject(self._index("anywhere"), ANYWHERE),
            *(
                Subject(self.vault.index(PURPOSE, f"address\0{each}"), ADDRESS)
                for each in addresses.counted(device.address)
            ),
        ]

    def _may_be_the_owner(self) -> bool:
        """Say whether the account was used from here, or has a password of 59 random bits."""
        if self.staff is None:
            return False
        place = (self.vault, self.staff.id, self.asker.device.address)
        first = self.staff.first_password_until is not None
        return first or devices.is_known_place(self.session, *place, self.at)

    def _solved(self) -> bool:
        answer, whose = self.asker.puzzle_answer, self.asker.session_hash
        return puzzles.solve(self.session, whose, answer, self.at)

    def _index(self, *parts: str) -> str:
        return self.vault.index(PURPOSE, "\0".join((parts[0], self.login, *parts[1:])))


def _refuse(code: str, seconds: int = 0) -> RuleError:
    return RuleError(code, _SENTENCES[code].format(seconds=seconds))
