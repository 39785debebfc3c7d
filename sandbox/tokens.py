"""Access tokens, classic and stable, as the platform gives and takes them.

Source: the pages of /cgi-bin/token and /cgi-bin/stable_token.
The two kinds do not touch each other.
"""

import re
import secrets
from dataclasses import dataclass

from sandbox.clock import beijing_day
from sandbox.errors import Refusal

GRACE = 300
FORCES_A_DAY = 20
FORCE_GAP = 30
SHAPE = re.compile(r"[\w-]{64,512}")


@dataclass(slots=True)
class Token:
    """One token; `dies` is when it stops working, `code` what it answers then."""

    value: str
    dies: float
    code: int = 42001


class Tokens:
    """The tokens that were given out, kept until long after their end."""

    def __init__(self) -> None:
        self._all: dict[str, Token] = {}
        self._classic: Token | None = None
        self._stable: Token | None = None
        self._forced: list[float] = []

    def classic(self, at: float, life: float) -> Token:
        """Give a new token; the one before works five more minutes, then it is not the latest."""
        if self._classic is not None:
            self._classic.dies = min(self._classic.dies, at + GRACE)
            self._classic.code = 40001
        self._classic = self._new(at + life)
        return self._classic

    def stable(self, at: float, life: float, *, force: bool) -> Token:
        """Give the standing token, a new one in its last five minutes, or by force.

        Raise Refusal 45011 for force within 30 s of the last, 45009 for the 21st of a day.
        """
        standing = self._stable
        if force:
            self._count_force(at)
            if standing is not None:
                standing.dies, standing.code = at, 40001
        elif standing is not None and standing.dies - at > GRACE:
            return standing
        self._stable = self._new(at + life)
        return self._stable

    def check(self, value: str | None, at: float) -> None:
        """Raise Refusal 41001, 40014, 40001 or 42001 unless the token is good."""
        if not value:
            raise Refusal(41001)
        token = self._all.get(value)
        if token is None:
            raise Refusal(40001 if SHAPE.fullmatch(value) else 40014)
        if token.dies <= at:
            raise Refusal(token.code)

    def revoke(self, at: float, code: int) -> int:
        """End every token now; each will answer `code`. Return how many were living."""
        living = [token for token in self._all.values() if token.dies > at]
        for token in living:
            token.dies, token.code = at, code
        self._classic = self._stable = None
        return len(living)

    def record(self) -> dict[str, tuple[str, float]]:
        """Return the standing tokens, so that a restart does not revoke them."""
        kinds = {"classic": self._classic, "stable": self._stable}
        return {kind: (token.value, token.dies) for kind, token in kinds.items() if token}

    def restore(self, record: dict[str, tuple[str, float]]) -> None:
        """Take back what `record` returned."""
        for kind, (value, dies) in record.items():
            token = self._all[value] = Token(value, dies)
            if kind == "classic":
                self._classic = token
            else:
                self._stable = token

    def _new(self, dies: float) -> Token:
        value = f"{len(self._all):02d}_{secrets.token_urlsafe(96)}"
        token = self._all[value] = Token(value, dies)
        return token

    def _count_force(self, at: float) -> None:
        today = [moment for moment in self._forced if beijing_day(moment) == beijing_day(at)]
        if today and at - today[-1] < FORCE_GAP:
            raise Refusal(45011)
        if len(today) >= FORCES_A_DAY:
            raise Refusal(45009)
        self._forced = [*today, at]
