"""What one school tells thousands at once does not hold up what another tells one person."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from notifier.delivery.due import event_queues
from notifier.ledger.notices import HEAD_START
from notifier.ledger.tables import Message
from registry.record.registration import Origin, Proposal, record
from registry.record.scope import Scope
from registry.record.tables import Graduate, Source
from tests.notifier.conftest import PEOPLE
from tests.notifier.stage import AT, Stage, changed

MANY = 2000
RATE = 100


def report(stage: Stage, scope: Scope, people: list[int]) -> None:
    """Report destinations as an import does: each is asked to confirm, all at once."""
    origin = Origin(scope.school_id, Source.IMPORT, "学校导入", "学校", "test", AT)
    values = {"category": "10", "unit_name": "甲公司"}
    with stage.resources.sessions.begin() as session:
        record(session, origin, [Proposal(each, values) for each in people])


@pytest.fixture
def busy(stage: Stage) -> Stage:
    """Give a stage on which another school has just reported thousands."""
    limited = changed(stage, send_rate=RATE)
    mine = set(stage.openids)
    large = limited.open_school(code="10002", graduates=MANY)
    report(limited, large, [each for each in stage.openids if each not in mine])
    return limited


@contextmanager
def sending(stage: Stage, seconds: float) -> Iterator[None]:
    """Let a worker run meanwhile; return when it has ended."""
    worker = threading.Thread(target=stage.deliver, args=(seconds,))
    worker.start()
    yield
    worker.join()


def calls_until(stage: Stage, people: list[int], begun: int) -> int:
    """Return how many messages were taken after `begun` others, until all these had theirs."""
    taken = [message["openid"] for message in stage.sandbox.control.messages()]
    return max(taken.index(stage.openids[each]) for each in people) - begun


def some_sent(stage: Stage) -> int:
    """Wait until the worker is in the midst of it; return how many were taken."""
    while (sent := len(stage.seen())) < RATE // 2:
        time.sleep(0.02)
    return sent


def test_one_person_is_told_beside_two_thousand_of_another_school(busy: Stage) -> None:
    one = list(busy.openids)[:1]
    with sending(busy, 4):
        begun = some_sent(busy)
        report(busy, busy.scope, one)
    assert calls_until(busy, one, begun) < 2 * RATE


def test_one_person_is_told_beside_two_thousand_of_her_own_school(stage: Stage) -> None:
    elsewhere = set(stage.openids)
    limited = changed(stage, send_rate=RATE)
    large = limited.open_school(code="10002", graduates=MANY)
    one, *many = [each for each in stage.openids if each not in elsewhere]
    report(limited, large, many)
    with sending(limited, 4):
        begun = some_sent(limited)
        report(limited, large, [one])
    assert calls_until(limited, [one], begun) < 2 * RATE


def test_what_has_waited_for_long_is_not_overtaken_any_more(stage: Stage) -> None:
    few, many = list(stage.openids)[:1], list(stage.openids)[1:]
    report(stage, stage.scope, many)
    stage.message(next_at=AT - HEAD_START - timedelta(seconds=1))
    report(stage, stage.scope, few)
    changed(stage, send_connections=1).deliver()
    assert list(stage.seen()) == [stage.openids[each] for each in [*many, *few]]


def test_two_schools_have_equal_shares(busy: Stage) -> None:
    small = list(busy.openids)[:PEOPLE]
    with sending(busy, 4):
        begun = some_sent(busy)
        report(busy, busy.scope, small)
    assert calls_until(busy, small, begun) < 2 * RATE + PEOPLE


def test_each_school_has_a_queue_while_it_has_events_due(stage: Stage) -> None:
    schools = [stage.scope, *(stage.open_school(code=f"1000{each}") for each in range(2, 6))]
    for scope in schools[1:]:
        with stage.resources.readers.begin() as session:
            theirs = select(Graduate.id).where(Graduate.school_id == scope.school_id)
            people = list(session.scalars(theirs))
        report(stage, scope, people)
    with stage.resources.sessions.begin() as session:
        later = update(Message).where(Message.school_id == schools[2].school_id)
        session.execute(later.values(next_at=AT + timedelta(seconds=1)))
        assert [queue.school_id for queue in event_queues(session, AT)] == [
            schools[each].school_id for each in (1, 3, 4)
        ]


def test_no_more_is_claimed_than_can_be_sent(busy: Stage) -> None:
    sent = busy.deliver(1).accepted
    assert 0 < sent < 2 * RATE
    never_claimed = busy.count(state="waiting", next_at=AT)
    assert never_claimed >= MANY - sent - RATE
