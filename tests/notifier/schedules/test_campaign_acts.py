"""Staff stop a campaign between a worker's look at what sends and its claim."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from notifier.campaigns import campaigns
from notifier.delivery.run import deliver
from notifier.ledger.states import MessageState
from notifier.ledger.tables import Campaign
from registry.base.clock import utc_now
from tests.notifier.conftest import PEOPLE
from tests.notifier.schedules.interleaving import after_reading
from tests.notifier.stage import Stage

THE_CAMPAIGNS_THAT_SEND = "campaign.texts"


def pause(stage: Stage) -> None:
    with stage.resources.sessions.begin() as session:
        key = session.scalars(select(Campaign.key)).one()
        campaigns.pause(session, stage.scope, key)


def let_its_time_pass(stage: Stage) -> None:
    with stage.resources.sessions.begin() as session:
        session.execute(update(Campaign).values(not_after=utc_now() - timedelta(seconds=1)))


@pytest.mark.parametrize("act", [pause, let_its_time_pass])
def test_what_was_stopped_before_the_claim_is_not_claimed(
    stage: Stage, other: Stage, act: Callable[[Stage], None]
) -> None:
    stage.start_campaign()
    with after_reading(other, THE_CAMPAIGNS_THAT_SEND, lambda: act(stage)):
        deliver(other.resources, other.gateway, seconds=20)
    assert stage.seen() == {}
    assert stage.count(state=MessageState.WAITING, tries=0) == PEOPLE


def test_what_was_given_back_before_a_cancelling_is_not_claimed_after_it(
    stage: Stage, other: Stage
) -> None:
    key = stage.start_campaign()
    stage.message(state=MessageState.SENDING)

    def cancel_and_give_back() -> None:
        with stage.resources.sessions.begin() as session:
            campaigns.cancel(session, stage.scope, key, at=utc_now())
        stage.message(state=MessageState.WAITING)

    with after_reading(other, THE_CAMPAIGNS_THAT_SEND, cancel_and_give_back):
        deliver(other.resources, other.gateway, seconds=20)
    assert stage.seen() == {}
