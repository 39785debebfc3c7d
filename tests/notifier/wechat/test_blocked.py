"""What WeChat took and held back is found by asking, where no receipt said so."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import update

from notifier.ledger import states
from notifier.ledger.receipts import CLOCK_SLACK
from notifier.ledger.tables import Binding
from notifier.wechat import blocked
from notifier.wechat.gateway import Blocked
from registry.base.clock import utc_now
from tests.notifier.stage import Stage

LONG_AGO = blocked.PATIENCE + timedelta(minutes=1)


class Listing:
    """A platform that lists these for every template."""

    def __init__(self, *listed: Blocked) -> None:
        self.listed = list(listed)

    def blocked_pages(self, template_id: str) -> Iterator[list[Blocked]]:
        assert template_id
        yield self.listed


@pytest.fixture
def openid(stage: Stage) -> str:
    """Give one of the people a campaign was accepted for an hour ago."""
    stage.deliver_until_done(stage.start_campaign())
    stage.message(accepted_at=utc_now() - LONG_AGO)
    return next(iter(stage.openids.values()))


def failed(stage: Stage) -> int:
    return stage.count(state=states.MessageState.FAILED, reason="blocked")


def test_what_the_platform_holds_back_has_failed_when_no_receipt_came(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("notifier.wechat.gateway.BLOCKED_AT_ONCE", 2)
    stage.sandbox.control.advance_clock(-LONG_AGO.total_seconds())
    lucky, *others = stage.openids.values()
    for openid in others:
        stage.sandbox.control.change_phone(openid, blocked=True)
    stage.deliver_until_done(stage.start_campaign())
    assert blocked.reconcile(stage.resources, stage.gateway) == 0, "a receipt may still come"
    stage.message(accepted_at=utc_now() - LONG_AGO)
    assert blocked.reconcile(stage.resources, stage.gateway) == len(others)
    assert failed(stage) == len(others)
    assert stage.count(openid=lucky, state=states.MessageState.ACCEPTED) == 1


def test_a_message_of_another_hour_is_not_meant(stage: Stage, openid: str) -> None:
    for away in (-CLOCK_SLACK, CLOCK_SLACK):
        sent_at = utc_now() - LONG_AGO + 1.1 * away
        assert blocked.reconcile(stage.resources, Listing(Blocked(openid, sent_at))) == 0
    assert failed(stage) == 0


def test_where_two_can_be_meant_neither_is(stage: Stage, openid: str) -> None:
    stage.deliver_until_done(stage.start_campaign())
    stage.message(accepted_at=utc_now() - LONG_AGO)
    listing = Listing(Blocked(openid, utc_now() - LONG_AGO))
    assert blocked.reconcile(stage.resources, listing) == 0


def test_a_message_that_came_has_not_failed(stage: Stage, openid: str) -> None:
    stage.message(state=states.MessageState.DELIVERED)
    listing = Listing(Blocked(openid, utc_now() - LONG_AGO))
    assert blocked.reconcile(stage.resources, listing) == 0


def test_who_has_another_wechat_by_now_is_left_alone(stage: Stage, openid: str) -> None:
    with stage.resources.sessions.begin() as session:
        session.execute(update(Binding).values(ended_at=utc_now()))
    listing = Listing(Blocked(openid, utc_now() - LONG_AGO))
    assert blocked.reconcile(stage.resources, listing) == 0


def test_what_goes_out_with_anothers_template_is_meant_too(stage: Stage, openid: str) -> None:
    stage.message(kind="authorization_invitation")
    held = Blocked(openid, utc_now() - LONG_AGO)
    assert blocked.reconcile(stage.resources, Listing(held)) == 1
    assert failed(stage) == 1
