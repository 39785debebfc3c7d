"""Eight writers and a reader that never stops: nothing is skipped, doubled or out of order."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session, sessionmaker

from notifier.ledger import notices
from registry.interface import feed, keys
from registry.interface.signatures import Algorithm
from registry.record import events
from registry.record.events import ConfirmationAnswered
from registry.record.tables import Answer, Graduate
from tests.clock import StandingClock
from tests.wxapp.school.records import VAULT, open_campus

WRITERS, EACH, PAGE = 8, 12, 7


@dataclass
class Feeding:
    """Graduates of one school, each with a writer of her own, and one reader."""

    sessions: sessionmaker[Session]
    school_id: int
    ids: Sequence[int]
    at: datetime
    done: threading.Event = field(default_factory=threading.Event)

    def write(self, writer: int) -> int:
        """Announce and commit, over and over; every fourth transaction is taken back."""
        kept = 0
        for turn in range(EACH):
            with self.sessions() as session:
                self._answer(session, self.ids[writer], turn, str(kept))
                if turn % 4 == 3:
                    session.rollback()
                else:
                    session.commit()
                    kept += 1
        return kept

    def _answer(self, session: Session, her: int, turn: int, item: str) -> None:
        session.execute(update(Graduate).where(Graduate.id == her).values(sex=str(turn)))
        told = ConfirmationAnswered(self.school_id, her, Answer.CORRECT, [item], self.at)
        events.announce(session, told)

    def read(self) -> list[tuple[int, int, str]]:
        """Read on and on, and once more when everybody is done."""
        found, cursor, last = list[tuple[int, int, str]](), None, False
        while True:
            with self.sessions.begin() as session:
                page = feed.read(session, "370000", cursor, PAGE, self.at)
                found += [
                    (each.seq, each.graduate_id, each.said["items"][0]) for each in page.items
                ]
            cursor = page.next
            if last and not page.more:
                return found
            last = self.done.is_set()


@pytest.mark.slow  # some hundred transactions, of which each waits for the one before
def test_eight_writers_are_read_whole_and_in_order(
    sessions: sessionmaker[Session], clock: StandingClock
) -> None:
    events.tell_before_commit(sessions, notices.write, feed.write)
    with sessions.begin() as session:
        campus = open_campus(session, clock())
        ids = [campus.graduate().id for _ in range(WRITERS)]
        keys.create(session, VAULT, "370000", Algorithm.HMAC_SHA256, (clock(), None), clock())
        feeding = Feeding(sessions, campus.school.id, ids, clock())
    with ThreadPoolExecutor(WRITERS + 1) as pool:
        reader = pool.submit(feeding.read)
        written = list(pool.map(feeding.write, range(WRITERS)))
        feeding.done.set()
        seen = reader.result()
    assert [seq for seq, _, _ in seen] == list(range(1, sum(written) + 1))
    for her, number in zip(ids, written, strict=True):
        theirs = [item for _, graduate_id, item in seen if graduate_id == her]
        assert theirs == [str(each) for each in range(number)]
