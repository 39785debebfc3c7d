"""A receiver's lookup from beginning to end: weighed, puzzled over, looked up, logged, counted.

Whatever is not shown is answered alike; only the log knows why.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, Protocol, TypeVar

from sqlalchemy.orm import Session

from registry.accounts import puzzles
from registry.base.crypto import Vault
from registry.numbers import shape
from registry.numbers.lookup import looking_up
from registry.numbers.lookup.guard import Guard, LookupSource
from registry.numbers.lookup.looking_up import Finding, Receiver
from registry.numbers.shape import Kind
from registry.numbers.tables import Result


class Judged(Protocol):
    """What a lookup found, of a number of any sort."""

    @property
    def result(self) -> Result:
        """Return what came of it."""
        ...


Found = TypeVar("Found", bound=Judged)


@dataclass(frozen=True)
class LookupRequest:
    """What was typed into the form, and by which browser."""

    kind: Kind | None
    """None of the number of an agreement, which is of one kind only."""
    name: str
    number: str
    address: str
    session_hash: str
    puzzle_answer: str | None = None
    """None where no puzzle was on the page."""


@dataclass(frozen=True)
class LookupAnswer(Generic[Found]):
    """What the receiver is answered."""

    finding: Found | None = None
    """None where nothing was looked up: a puzzle or a pause comes first."""
    puzzle: str | None = None
    """The digits to be read before the next lookup."""
    wait: timedelta = timedelta()


def look_up(
    session: Session, vault: Vault, guard: Guard, asked: LookupRequest, at: datetime
) -> LookupAnswer[Finding]:
    """Look up what was typed, unless a puzzle or a pause comes first."""
    kind = asked.kind
    assert kind is not None, "of a report, not of an agreement"

    def find(receiver: Receiver) -> Finding:
        finding = looking_up.by_number(session, vault, kind, asked.name, asked.number, at)
        looking_up.note(session, kind, finding, receiver, at)
        return finding

    read = shape.read(asked.number)
    return answered(session, guard, asked, read.number if read else "", find, at)


def answered(
    session: Session,
    guard: Guard,
    asked: LookupRequest,
    number: str,
    find: Callable[[Receiver], Found],
    at: datetime,
) -> LookupAnswer[Found]:
    """Have `find` look up and log what was typed, unless a puzzle or a pause comes first.

    `number` is what was typed as it was read; empty where it cannot be one.
    """
    asker = LookupSource(asked.address, number)
    verdict = guard.weigh(session, asker, at)
    if verdict.wait:
        return LookupAnswer(wait=verdict.wait)
    if verdict.puzzle and not puzzles.solve(
        session, asked.session_hash, asked.puzzle_answer or "", at
    ):
        return LookupAnswer(puzzle=puzzles.give_out(session, asked.session_hash, at))
    finding = find(Receiver(guard.address_index(asked.address)))
    if finding.result is Result.SHOWN:
        return LookupAnswer(finding)
    guard.count_failure(session, asker, at)
    return LookupAnswer(finding, puzzle_for(session, guard, asker, asked.session_hash, at))


def puzzle_for(
    session: Session, guard: Guard, asker: LookupSource, session_hash: str, at: datetime
) -> str | None:
    """Return the digits of a new puzzle where the asker's next lookup needs one."""
    if not guard.weigh(session, asker, at).puzzle:
        return None
    return puzzles.give_out(session, session_hash, at)


def follow_link(
    session: Session, guard: Guard, token: str, address: str, at: datetime
) -> LookupAnswer[Finding]:
    """Look up the link of a report's QR code."""

    def find(receiver: Receiver) -> Finding:
        finding = looking_up.by_link(session, token, at)
        looking_up.note(session, finding.kind, finding, receiver, at)
        return finding

    return followed(session, guard, address, find, at)


def followed(
    session: Session, guard: Guard, address: str, find: Callable[[Receiver], Found], at: datetime
) -> LookupAnswer[Found]:
    """Have `find` look a link up and log it; many links that lead nowhere earn a pause."""
    asker = LookupSource(address)
    verdict = guard.weigh(session, asker, at)
    if verdict.wait:
        return LookupAnswer(wait=verdict.wait)
    finding = find(Receiver(guard.address_index(address), by_link=True))
    if finding.result is not Result.SHOWN:
        guard.count_failure(session, asker, at)
    return LookupAnswer(finding)
