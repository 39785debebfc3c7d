"""Forty requests of a provincial system at once send no more rows than one after another."""

from sqlalchemy.orm import Session, sessionmaker

from registry.interface import keys
from registry.interface.keys import KeyHolder
from registry.interface.signatures import Algorithm
from tests.clock import StandingClock
from tests.registry.accounts.test_bursts import AT_ONCE, burst
from tests.registry.staff_context import VAULT


def test_rows_of_a_minute(sessions: sessionmaker[Session], clock: StandingClock) -> None:
    each, times = keys.ROWS_A_MINUTE // 7, 7
    with sessions.begin() as session:
        made, _ = keys.create(
            session, VAULT, "370000", Algorithm.HMAC_SHA256, (clock(), None), clock()
        )
        session.flush()
        holder = KeyHolder(made.id, made.keyid, made.province)
    taken = list[bool]()

    def send(session: Session, _place: int) -> object:
        taken.append(keys.take_rows(session, holder, each, clock()).granted)
        return None

    burst(sessions, send)
    assert (len(taken), taken.count(True)) == (AT_ONCE, times)
