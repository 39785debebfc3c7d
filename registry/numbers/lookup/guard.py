"""Who may look a number up at once, who has to solve a puzzle first, and who has to wait.

What counts are failures, in the database. A puzzle never shuts anybody out; a pause follows only
what the same address did, so that no stranger can keep a number's holder from being verified.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from registry.accounts import addresses, attempts
from registry.accounts.attempts import Counted, Limit, Subject, Tally
from registry.base.crypto import Vault

PURPOSE = "lookup"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NEVER = Limit(free=10**9, longest=timedelta())


@dataclass(frozen=True)
class Budget:
    """How many failures in a window are free of a puzzle, and which pauses follow more."""

    free: int
    window: timedelta = HOUR
    pause: Limit = NEVER

    @property
    def most(self) -> int:
        """Return how far failures have to be counted."""
        doublings = int(self.pause.longest.total_seconds()).bit_length()
        paused = self.pause.free + doublings if self.pause is not NEVER else 0
        return max(self.free, paused)


HERE = Budget(free=3, pause=Limit(free=5, longest=timedelta(minutes=15)))
"""One number from one address: the guesser's own pause."""
ADDRESS = Budget(free=3, pause=Limit(free=20, longest=timedelta(minutes=1)))
"""All numbers from one address: an office shares one, so the pause is short."""
NEIGHBOURS = Budget(free=20)
"""The /24 (IPv6: /48) an address lies in."""
NUMBER = Budget(free=5, window=DAY)
"""One number from everywhere: strangers can cause it, so it costs a puzzle and no more."""
MOST_FAILURES = 100
"""Everybody together in an hour: more than that is an attack, on a school's installation."""


@dataclass(frozen=True)
class LookupSource:
    """From where a number is asked for, and which; the number is empty where it was mistyped."""

    address: str
    number: str = ""


@dataclass(frozen=True)
class Precondition:
    """What has to be done before the lookup."""

    puzzle: bool
    wait: timedelta


@dataclass(frozen=True)
class Guard:
    """Weighs who asks, by the failures that were counted."""

    vault: Vault
    most_failures: int = MOST_FAILURES

    def weigh(self, session: Session, asker: LookupSource, at: datetime) -> Precondition:
        """Return what the asker has to do first; each of those who ask at once counts the others.

        Whatever the country shares is weighed in turn only near its end: lookups would wait for
        each other without need.
        """
        budgets = dict(self._budgets(asker))
        everybody = self._index("everybody")
        attempts.take_turns(session, budgets.keys() - {everybody})
        tallies = self._tallies(session, budgets, at)
        if tallies[everybody].failures in range(self.most_failures // 2, self.most_failures):
            attempts.take_turns(session, [everybody])
            tallies = self._tallies(session, budgets, at)
        waits = [
            (tally.last or at) + attempts.wait_of(budgets[index].pause, tally.failures) - at
            for index, tally in tallies.items()
        ]
        return Precondition(
            puzzle=any(tally.failures >= budgets[index].free for index, tally in tallies.items()),
            wait=max(timedelta(), *waits),
        )

    def _tallies(
        self, session: Session, budgets: Mapping[str, Budget], at: datetime
    ) -> dict[str, Tally]:
        wanted = [Counted(index, each.window, each.most) for index, each in budgets.items()]
        return attempts.tallies(session, PURPOSE, wanted, at)

    def count_failure(self, session: Session, asker: LookupSource, at: datetime) -> None:
        """Count a lookup that showed nothing, whatever the reason."""
        subjects = [Subject(index, each.pause) for index, each in self._budgets(asker)]
        attempts.count_failure(session, PURPOSE, subjects, at)

    def address_index(self, address: str) -> str:
        """Return how the log names an address."""
        return self.vault.index(PURPOSE, f"from\0{address}")

    def _budgets(self, asker: LookupSource) -> Iterator[tuple[str, Budget]]:
        place = addresses.household(asker.address)
        yield self._index("address", place), ADDRESS
        yield self._index("neighbours", addresses.neighbours(asker.address)), NEIGHBOURS
        yield self._index("everybody"), Budget(self.most_failures)
        if asker.number:
            yield self._index("here", place, asker.number), HERE
            yield self._index("number", asker.number), NUMBER

    def _index(self, *parts: str) -> str:
        return self.vault.index(PURPOSE, "\0".join(parts))
