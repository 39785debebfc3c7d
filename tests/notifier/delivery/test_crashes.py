"""What a dead, slow or revived worker leaves behind is put right, and nobody gets two."""

from collections.abc import Container, Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import count

import pytest
from sqlalchemy import Connection, event, select, update
from sqlalchemy.exc import OperationalError

from notifier.delivery.claim import (
    CRASH_LIMIT,
    MOST_IN_DOUBT,
    WINDOW,
    Fence,
    Wanted,
    claim,
    give_back,
)
from notifier.delivery.school_queues import SchoolQueue
from notifier.delivery.settle import settle
from notifier.delivery.sweep import sweep
from notifier.delivery.verdict import Verdict
from notifier.ledger import states
from notifier.ledger.tables import Campaign, Message
from registry.base.clock import utc_now
from registry.base.database import database_now
from tests.notifier.conftest import PEOPLE
from tests.notifier.stage import Stage


def claim_all(stage: Stage, crashes: int = 0) -> list[Verdict]:
    """Claim as a worker does, and give the verdicts it would have written: given back unsent."""
    with stage.resources.sessions.begin() as session:
        ident, kind = session.execute(select(Campaign.id, Campaign.kind)).one()
        queue = SchoolQueue(ident, kind)
        at, wanted = database_now(session), Wanted(1000, crashes)
        chunk = claim(session, stage.resources.settings, queue, at, wanted=wanted)
    return [Verdict(message, None) for message in chunk.claimed]


@contextmanager
def commits_that_nobody_hears_of(stage: Stage, which: Container[int]) -> Iterator[None]:
    """Commit, but break the connection before the process is told: at these commits, from 1."""
    numbers = count(1)

    def commit(connection: Connection) -> None:
        if next(numbers) in which:
            connection.connection.commit()
            raise OperationalError("COMMIT", None, ConnectionError())

    event.listen(stage.resources.engine, "commit", commit)
    yield
    event.remove(stage.resources.engine, "commit", commit)


def let_leases_end(stage: Stage) -> None:
    stage.message(lease_until=utc_now() - timedelta(seconds=1))
    sweep(stage.resources)


def test_what_a_dead_worker_held_is_sent_by_another(stage: Stage) -> None:
    key = stage.start_campaign()
    assert len(claim_all(stage)) == PEOPLE
    let_leases_end(stage)
    done = stage.deliver_until_done(key)
    assert done.counts["accepted"] == PEOPLE
    assert set(stage.seen().values()) == {1}


def test_two_workers_never_claim_the_same_message(stage: Stage) -> None:
    stage.start_campaign()
    assert len(claim_all(stage)) == PEOPLE
    assert claim_all(stage) == []


def test_a_revived_worker_writes_nothing(stage: Stage) -> None:
    key = stage.start_campaign()
    stale = claim_all(stage)
    let_leases_end(stage)
    stage.deliver_until_done(key)
    with stage.resources.sessions.begin() as session:
        settle(session, stale)
    assert stage.progress(key).counts["accepted"] == PEOPLE


def test_what_was_in_flight_when_a_process_died_is_claimed_in_ever_smaller_parts(
    stage: Stage,
) -> None:
    stage.start_campaign()
    stage.message(crashes=CRASH_LIMIT - 1)
    assert claim_all(stage, crashes=0) == []
    assert len(claim_all(stage, crashes=CRASH_LIMIT - 1)) == MOST_IN_DOUBT[CRASH_LIMIT - 1] == 1


def test_what_killed_its_process_several_times_is_put_aside(stage: Stage) -> None:
    key = stage.start_campaign()
    claim_all(stage)
    stage.message(crashes=CRASH_LIMIT - 1)
    let_leases_end(stage)
    assert stage.progress(key).by_reason == {"crashed": PEOPLE}


def test_a_message_that_may_have_gone_out_is_not_repeated_after_the_window(stage: Stage) -> None:
    key = stage.start_campaign()
    claim_all(stage)
    stage.message(maybe_since=utc_now() - WINDOW - timedelta(seconds=1))
    let_leases_end(stage)
    stage.deliver()
    sweep(stage.resources)
    done = stage.progress(key)
    assert done.by_reason == {"window_closed": PEOPLE}
    assert done.state is states.CampaignState.FINISHED
    assert stage.seen() == {}


def test_a_campaign_that_prefers_delivery_sends_again_after_the_window(stage: Stage) -> None:
    key = stage.start_campaign(prefers="delivery")
    claim_all(stage)
    stage.message(maybe_since=utc_now() - WINDOW - timedelta(seconds=1))
    let_leases_end(stage)
    sweep(stage.resources)
    assert stage.deliver_until_done(key).counts["accepted"] == PEOPLE


def test_what_is_given_back_waits_as_if_never_claimed(stage: Stage) -> None:
    stage.start_campaign()
    verdicts = claim_all(stage)
    with stage.resources.sessions.begin() as session:
        settle(session, verdicts)
        rows = session.execute(select(Message.state, Message.tries, Message.maybe_since)).all()
    assert set(rows) == {(states.MessageState.WAITING, 0, None)}


@pytest.mark.parametrize("reason", ["cancelled", "expired"])
def test_what_was_given_back_after_a_campaigns_end_is_closed_by_the_sweeper(
    stage: Stage, reason: str
) -> None:
    key = stage.start_campaign()
    with stage.resources.sessions.begin() as session:
        ended = {"state": states.CampaignState.CANCELLED, "reason": reason}
        session.execute(update(Campaign).values(**ended))
    sweep(stage.resources)
    assert stage.progress(key).by_reason == {reason: PEOPLE}


def test_a_cancelled_campaign_is_looked_at_until_nothing_of_it_is_open(stage: Stage) -> None:
    key = stage.start_campaign()
    verdicts = claim_all(stage)
    with stage.resources.sessions.begin() as session:
        ended = {"state": states.CampaignState.CANCELLED, "reason": "cancelled"}
        session.execute(update(Campaign).values(**ended))
    sweep(stage.resources)
    assert not is_settled(stage)  # a worker holds all of it, and may give it back
    with stage.resources.sessions.begin() as session:
        settle(session, verdicts)
    sweep(stage.resources)
    assert is_settled(stage)
    assert stage.progress(key).by_reason == {"cancelled": PEOPLE}


def is_settled(stage: Stage) -> bool:
    with stage.resources.readers() as session:
        return session.scalars(select(Campaign.settled_at)).one() is not None


def test_what_was_in_flight_when_a_process_died_goes_before_the_rest(stage: Stage) -> None:
    stage.start_campaign()
    last = claim_all(stage)[-1].message
    stage.message(state=states.MessageState.WAITING, maybe_since=None, claim=None, tries=0)
    with stage.resources.sessions.begin() as session:
        mine = update(Message).where(Message.id == last.id)
        session.execute(mine.values(crashes=1, maybe_since=utc_now(), next_at=utc_now()))
    stage.deliver()
    assert next(iter(stage.seen())) == last.openid


def test_what_may_have_gone_out_goes_before_the_rest(stage: Stage) -> None:
    stage.start_campaign()
    last = claim_all(stage)[-1].message
    stage.message(state=states.MessageState.WAITING, maybe_since=None, claim=None, tries=0)
    with stage.resources.sessions.begin() as session:
        mine = update(Message).where(Message.id == last.id)
        session.execute(mine.values(maybe_since=utc_now(), next_at=utc_now()))
        ident, kind = session.execute(select(Campaign.id, Campaign.kind)).one()
        queue = SchoolQueue(ident, kind)
        at = database_now(session)
        chunk = claim(session, stage.resources.settings, queue, at, wanted=Wanted(1))
    assert [each.id for each in chunk.claimed] == [last.id]


def test_a_run_outlives_a_database_that_comes_and_goes(stage: Stage) -> None:
    key = stage.start_campaign()
    with commits_that_nobody_hears_of(stage, {5, 8, 12, 17, 21, 26, 30, 35}):
        stage.deliver()
    assert stage.count(state=states.MessageState.ACCEPTED, tries=1, crashes=0) == PEOPLE
    assert stage.deliver_until_done(key).state is states.CampaignState.FINISHED
    assert set(stage.seen().values()) == {1}


def test_a_claim_nobody_heard_of_is_undone_and_no_other(stage: Stage) -> None:
    stage.start_campaign()
    first, *others = claim_all(stage)
    with stage.resources.sessions.begin() as session:
        at = database_now(session)
        session.execute(
            update(Message)
            .where(Message.id == first.message.id)
            .values(claim="mine", maybe_since=at)
        )
        give_back(session, Fence("mine", at))
    assert stage.count(state=states.MessageState.WAITING, maybe_since=None, tries=0) == 1
    assert stage.count(state=states.MessageState.SENDING) == len(others)


def test_a_window_is_closed_though_nothing_else_is_to_be_mended(stage: Stage) -> None:
    key = stage.start_campaign()
    stage.deliver_until_done(key)
    stage.message(state="waiting", maybe_since=utc_now() - WINDOW - timedelta(seconds=1))
    sweep(stage.resources)
    assert stage.progress(key).by_reason == {"window_closed": PEOPLE}
