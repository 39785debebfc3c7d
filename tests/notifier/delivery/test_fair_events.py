"""What one school tells thousands at once does not hold up what another tells one person."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from threading import Event

import pytest
from sqlalchemy import select, update

from notifier.delivery.due import event_queues
from notifier.delivery.run import Delivered
from notifier.ledger.notices import HEAD_START
from notifier.ledger.tables import Message
from registry.record.registration import Origin, Proposal, record
from registry.record.scope import Scope
from registry.record.tables import Graduate, Source
from tests.notifier.conftest import PEOPLE
from tests.notifier.stage import AT, Stage, changed
from tests.waiting import PATIENCE, wait_until

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
def sending(stage: Stage) -> Iterator["Future[Delivered]"]:
    """Let a worker run, which is in the midst of it when this begins; have it end afterwards."""
    ended = Event()
    with ThreadPoolExecutor(1) as pool:
        worker = pool.submit(stage.deliver, PATIENCE, stop=ended.is_set)
        try:
            wait_until(lambda: len(stage.seen()) >= RATE // 2, "the worker is in the midst of it")
            yield worker
        finally:
            ended.set()


def taken(stage: Stage) -> list[str]:
    """Return to whom messages were sent, in the order in which the platform took them."""
    return [message["openid"] for message in stage.sandbox.control.messages()]


def calls_until_told(stage: Stage, scope: Scope, people: list[int]) -> int:
    """Report people's destinations; return how many calls it took until all were told.

    Counted from when they could be claimed: how long it takes to report is not the worker's.
    """
    told = {stage.openids[each] for each in people}
    report(stage, scope, people)
    begun = len(taken(stage))
    wait_until(lambda: told <= set(taken(stage)), "all were told")
    return max(map(taken(stage).index, told)) - begun


def test_one_person_is_told_beside_two_thousand_of_another_school(busy: Stage) -> None:
    one = list(busy.openids)[:1]
    with sending(busy):
        assert calls_until_told(busy, busy.scope, one) < 2 * RATE


def test_one_person_is_told_beside_two_thousand_of_her_own_school(stage: Stage) -> None:
    elsewhere = set(stage.openids)
    limited = changed(stage, send_rate=RATE)
    large = limited.open_school(code="10002", graduates=MANY)
    one, *many = [each for each in stage.openids if each not in elsewhere]
    report(limited, large, many)
    with sending(limited):
        assert calls_until_told(limited, large, [one]) < 2 * RATE


def test_what_has_waited_for_long_is_not_overtaken_any_more(stage: Stage) -> None:
    few, many = list(stage.openids)[:1], list(stage.openids)[1:]
    report(stage, stage.scope, many)
    stage.message(next_at=AT - HEAD_START - timedelta(seconds=1))
    report(stage, stage.scope, few)
    changed(stage, send_connections=1).deliver()
    assert list(stage.seen()) == [stage.openids[each] for each in [*many, *few]]


def test_two_schools_have_equal_shares(busy: Stage) -> None:
    small = list(busy.openids)[:PEOPLE]
    with sending(busy):
        assert calls_until_told(busy, busy.scope, small) < 2 * RATE + PEOPLE


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
    with sending(busy) as worker:
        pass
    sent = worker.result().accepted
    assert sent < MANY
    never_claimed = busy.count(state="waiting", next_at=AT)
    assert never_claimed >= MANY - sent - RATE
