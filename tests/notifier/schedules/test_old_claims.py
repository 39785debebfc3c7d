"""What a worker that was overtaken says of its claim is noted nowhere."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from notifier.binding.forget import forget
from notifier.campaigns import campaigns
from notifier.delivery import circuit_breaker
from notifier.delivery.answers import Answer
from notifier.delivery.claim import Chunk, Wanted, claim
from notifier.delivery.feeder import Feeder
from notifier.delivery.school_queues import campaign_queues
from notifier.delivery.settle import settle
from notifier.delivery.settler import Settler
from notifier.delivery.verdict import Verdict
from notifier.ledger import outcomes, quota
from notifier.ledger.states import CampaignState, MessageState
from notifier.ledger.tables import Follower, QuotaDay, Refusal
from registry.base.clock import utc_now
from registry.base.database import database_now
from registry.base.errors import RuleError
from registry.record.tables import Graduate
from registry.upkeep.erase import Reason
from tests.notifier.conftest import PEOPLE
from tests.notifier.schedules.interleaving import ElapsedClock, beside, let_leases_end
from tests.notifier.stage import Stage, changed
from tests.waiting import wait_until_blocked

TWO_DAYS = timedelta(days=2)

REFUSED, NOT_FOLLOWING = outcomes.of(43101), outcomes.of(43004)


def claim_all(worker: Stage) -> Chunk:
    """Claim as a worker does."""
    (share,) = Feeder(worker.resources, ElapsedClock()).next(PEOPLE, 0).others
    assert len(share.chunk.claimed) == PEOPLE
    return share.chunk


def reserved(stage: Stage) -> int:
    with stage.resources.readers.begin() as session:
        return session.scalar(select(func.sum(QuotaDay.reserved))) or 0


def test_a_settlement_whose_commit_nobody_heard_of_gives_quota_back_once(stage: Stage) -> None:
    stage.start_campaign()
    stage.message(next_at=utc_now())
    given_back = [Verdict(each, None) for each in claim_all(stage).claimed]
    with stage.resources.sessions.begin() as session:
        session.execute(update(QuotaDay).values(reserved=100))
    for _ in range(2):
        with stage.resources.sessions.begin() as session:
            settle(session, given_back)
    assert reserved(stage) == 100 - PEOPLE


def test_quota_is_given_back_to_the_day_it_was_taken_from(stage: Stage) -> None:
    stage.start_campaign()
    chunk = claim_all(stage)
    yesterday = quota.day_of(utc_now() - timedelta(days=1))
    before = [
        Verdict(each._replace(claimed_at=each.claimed_at - timedelta(days=1)), None)
        for each in chunk.claimed
    ]
    with stage.resources.sessions.begin() as session:
        session.add(QuotaDay(day=yesterday, reserved=PEOPLE))
        session.flush()
        settle(session, before)
        days = select(QuotaDay.reserved).order_by(QuotaDay.day)
        assert session.scalars(days).all() == [0, PEOPLE]


@pytest.mark.parametrize("outcome", [REFUSED, NOT_FOLLOWING])
def test_an_answer_of_an_old_claim_says_nothing_of_the_person(
    stage: Stage, other: Stage, outcome: outcomes.Outcome
) -> None:
    stage.start_campaign()
    old = [Verdict(each, Answer(outcome, None, "")) for each in claim_all(other).claimed]
    let_leases_end(stage)
    stage.deliver()
    with other.resources.sessions.begin() as session:
        settle(session, old)
    with stage.resources.readers.begin() as session:
        assert session.scalars(select(Refusal)).all() == []
        assert all(session.scalars(select(Follower.subscribed)))


def test_an_old_claim_stops_no_campaign(stage: Stage, other: Stage) -> None:
    key = stage.start_campaign()
    banned = outcomes.of(43116)
    message = claim_all(other).claimed[0]
    let_leases_end(stage)
    stage.deliver()
    late = Settler(other.resources)
    late.add(Verdict(message, Answer(banned, None, "")))
    late.add_stop(circuit_breaker.Stop(message.campaign_id, banned, ""), message)
    while late.busy:
        late.turn()
    late.close()
    assert stage.progress(key).state is not CampaignState.PAUSED


def test_nobody_is_erased_whose_message_is_claimed_meanwhile(stage: Stage, other: Stage) -> None:
    stage.start_campaign()

    def erase_somebody() -> None:
        with other.resources.sessions.begin() as session:
            graduate = session.scalars(select(Graduate).order_by(Graduate.id).limit(1)).one()
            with pytest.raises(RuleError, match="正有一条消息"):
                forget(session, graduate, Reason("staff:1", "asked", utc_now()))

    with stage.resources.sessions() as session:
        queue = campaign_queues(session, utc_now())[0]
        at, wanted = database_now(session), Wanted(PEOPLE)
        claim(session, stage.resources.settings, queue, at, wanted=wanted)
        with beside(erase_somebody) as erasing:
            wait_until_blocked(session, erasing)
            session.commit()
    assert stage.count(state=MessageState.SENDING) == PEOPLE


@pytest.mark.parametrize("state", [MessageState.SENDING, MessageState.WAITING])
def test_what_was_under_way_at_midnight_counts_on_the_new_day(
    stage: Stage, other: Stage, state: MessageState
) -> None:
    key = stage.start_campaign(prefers="delivery")
    claim_all(other)
    with stage.resources.sessions.begin() as session:
        campaigns.pause(session, stage.scope, key)
    stage.message(state=state, maybe_since=utc_now() - TWO_DAYS)
    second = stage.start_campaign()
    changed(stage, person_daily_cap=1).deliver()
    assert stage.seen() == {}
    assert stage.progress(second).waiting_for == {"cap_reached": PEOPLE}


def test_what_ended_before_midnight_does_not_count_on_the_new_day(stage: Stage) -> None:
    stage.start_campaign()
    stage.message(state=MessageState.UNKNOWN, maybe_since=utc_now() - TWO_DAYS)
    second = stage.start_campaign()
    assert (
        changed(stage, person_daily_cap=1).deliver_until_done(second).counts["accepted"] == PEOPLE
    )
