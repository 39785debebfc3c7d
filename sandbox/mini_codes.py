"""The mini program's codes: who presses, whose phone it is; and its openids, which are its own."""

import hashlib
import secrets
from dataclasses import dataclass

from sandbox.errors import Refusal

CODE_LIFE = 300
LOGIN, NUMBER = "login", "number"


def mini_openid(openid: str) -> str:
    """Return the openid that a person of the account has with the mini program."""
    return f"oMp{_digest('mini', openid)[:25]}"


def unionid(openid: str) -> str:
    """Return what a person is in all accounts of one open platform."""
    return f"o6_{_digest('union', openid)[:25]}"


def _digest(what: str, openid: str) -> str:
    return hashlib.sha256(f"{what}:{openid}".encode()).hexdigest()


@dataclass(slots=True)
class MiniCode:
    """A code that a phone gave the mini program."""

    kind: str
    openid: str
    """The person's, with the account."""
    number: str
    at: float
    used: bool = False


class MiniCodes:
    """Codes of both kinds; a restart forgets them, as five minutes would."""

    def __init__(self) -> None:
        self._codes: dict[str, MiniCode] = {}
        self.billed = 0
        """How many numbers were told: each costs a fee."""

    def give(self, kind: str, openid: str, at: float, number: str = "") -> str:
        """Return a code of a kind."""
        code = "0" + secrets.token_hex(15) + "m"
        self._codes[code] = MiniCode(kind, openid, number, at)
        return code

    def take(self, kind: str, code: object, at: float, openid: object = None) -> MiniCode:
        """Use a code up; raise Refusal 40029 or 40163.

        An `openid` of the mini program is compared with whose code it is.
        """
        found = self._codes.get(code) if isinstance(code, str) else None
        if found is None or found.kind != kind or at - found.at > CODE_LIFE:
            raise Refusal(40029)
        if openid and openid != mini_openid(found.openid):
            raise Refusal(40029)
        if found.used:
            raise Refusal(40163)
        found.used = True
        return found
