"""A receiver's lookup from beginning to end: weighed, puzzled over, looked up, logged, counted.

Whatever is not shown is answered alike; only the log knows why.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from registry.accounts import puzzles
from registry.base.crypto import Vault
from registry.numbers import shape
from registry.numbers.lookup import looking_up
from registry.numbers.lookup.guard import Guard, LookupSource
from registry.numbers.lookup.looking_up import Finding, Receiver
from registry.numbers.shape import Kind


@dataclass(frozen=True)
class LookupRequest:
    """What was typed into the form, and by which browser."""

    kind: Kind
    name: str
    number: str
    address: str
    session_hash: str
    puzzle_answer: str | None = None
    """None where no puzzle was on the page."""


@dataclass(frozen=True)
class LookupAnswer:
    """What the receiver is answered."""

    finding: Finding | None = None
    """None where nothing was looked up: a puzzle or a pause comes first."""
    puzzle: str | None = None
    """The digits to be read before the next lookup."""
    wait: timedelta = timedelta()


def look_up(
    session: Session, vault: Vault, guard: Guard, asked: LookupRequest, at: datetime
) -> LookupAnswer:
    """Look up what was typed, unless a puzzle or a pause comes first."""
    read = shape.read(asked.number)
    asker = LookupSource(asked.address, read.number if read else "")
    verdict = guard.weigh(session, asker, at)
    if verdict.wait:
        return LookupAnswer(wait=verdict.wait)
    if verdict.puzzle and not puzzles.solve(
        session, asked.session_hash, asked.puzzle_answer or "", at
    ):
        return LookupAnswer(puzzle=puzzles.give_out(session, asked.session_hash, at))
    finding = looking_up.by_number(session, vault, asked.kind, asked.name, asked.number, at)
    receiver = Receiver(guard.address_index(asked.address))
    looking_up.note(session, asked.kind, finding, receiver, at)
    if finding.number is not None:
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
) -> LookupAnswer:
    """Look up the link of a QR code; many links that lead nowhere earn a pause."""
    asker = LookupSource(address)
    verdict = guard.weigh(session, asker, at)
    if verdict.wait:
        return LookupAnswer(wait=verdict.wait)
    finding = looking_up.by_link(session, token, at)
    receiver = Receiver(guard.address_index(address), by_link=True)
    looking_up.note(session, finding.kind, finding, receiver, at)
    if finding.number is None:
        guard.count_failure(session, asker, at)
    return LookupAnswer(finding)
