"""A worker that holds locks and does not go on: what the others can do meanwhile."""

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from notifier.campaigns import campaigns
from notifier.delivery import feeder, sweep
from notifier.delivery.claim import LEASE, WINDOW
from notifier.ledger import quota
from notifier.ledger.states import CampaignState, MessageState
from notifier.ledger.tables import Message
from registry.base.clock import utc_now
from registry.base.database import begin_short, database_now
from tests.notifier.conftest import PEOPLE
from tests.notifier.schedules.interleaving import (
    SEND,
    beside,
    send_and_lose_the_answers,
)
from tests.notifier.stage import Stage
from tests.waiting import wait_until_blocked

on_postgresql = pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)


@on_postgresql
def test_a_worker_frozen_inside_its_claim_holds_up_the_others_for_seconds(
    stage: Stage, other: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feeder, "IDLE_SECONDS", 1)
    key = stage.start_campaign()
    with other.resources.sessions() as frozen:
        at = begin_short(frozen, feeder.IDLE_SECONDS)
        quota.remaining(frozen, other.resources.settings, at, for_events=False)
        assert stage.deliver_until_done(key).counts["accepted"] == PEOPLE
        with pytest.raises(OperationalError):
            database_now(frozen)


@on_postgresql
def test_a_message_that_is_locked_does_not_stop_the_sweeper(stage: Stage, other: Stage) -> None:
    stage.start_campaign()
    send_and_lose_the_answers(stage, PEOPLE)
    stage.message(maybe_since=utc_now() - WINDOW)
    with other.resources.sessions() as frozen:
        frozen.execute(select(Message.id).order_by(Message.id).limit(1).with_for_update())
        sweep.sweep(stage.resources)
        assert stage.count(state=MessageState.UNKNOWN) == PEOPLE - 1


def test_the_clock_of_a_claim_is_read_when_it_has_waited(stage: Stage, other: Stage) -> None:
    stage.start_campaign()
    claims = feeder.Feeder(other.resources, elapsed=lambda: 0.0)
    with stage.resources.sessions() as session:
        quota.remaining(session, stage.resources.settings, utc_now(), for_events=False)
        with beside(lambda: claims.next(PEOPLE, 0)) as waiting:
            wait_until_blocked(session, waiting)
            released = database_now(session)
            session.commit()
    with stage.resources.readers.begin() as session:
        claimed_at = session.scalars(select(Message.lease_until)).first()
    assert claimed_at is not None
    assert claimed_at - LEASE >= released


def test_no_campaign_is_finished_while_somebody_retries_what_failed(
    stage: Stage, other: Stage
) -> None:
    key = stage.start_campaign()
    stage.sandbox.control.fault("errcode", path=SEND, errcode=43101, times=PEOPLE)
    stage.deliver()
    assert stage.count(state=MessageState.FAILED) == PEOPLE

    def finish(worker: Stage, session: Session) -> None:
        sweep._finish(session, worker.resources.settings, database_now(session))

    def finish_too() -> None:
        with other.resources.sessions.begin() as session:
            finish(other, session)

    with stage.resources.sessions() as session:
        finish(stage, session)
        with beside(finish_too) as waiting:
            wait_until_blocked(session, waiting)
            assert campaigns.retry_failed(session, stage.scope, key, at=utc_now()) == PEOPLE
            session.commit()
    assert stage.count(state=MessageState.WAITING) == PEOPLE
    assert stage.progress(key).state is CampaignState.SENDING
