"""A ledger that was put back to a backup sends nothing until an operator has looked."""

import time
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import delete, select, update

from notifier.campaigns import campaigns, expansion
from notifier.delivery import circuit_breaker, restored
from notifier.delivery.feeder import Feeder
from notifier.delivery.sweep import sweep
from notifier.ledger import mark, quota, receipts, states
from notifier.ledger.receipts import PATIENCE, Receipt
from notifier.ledger.tables import Account, Campaign, QuotaDay
from registry.base.clock import utc_now
from registry.base.errors import RuleError
from runtime.redis_client import open_redis
from tests.notifier.conftest import PEOPLE
from tests.notifier.schedules.interleaving import SEND, send_and_lose_the_answers
from tests.notifier.stage import Stage, changed

NOBODY = "redis://127.0.0.1:1/0"


def go_back(stage: Stage, mark: int = 1) -> None:
    """Put the count where a backup would have it."""
    with stage.resources.sessions.begin() as session:
        session.execute(update(Account).values(ledger_mark=mark))


def lose_claims(stage: Stage, *, by: int = 1) -> None:
    """Have the ledger lack its last claims, as a standby does that lagged by less than a count."""
    with stage.resources.sessions.begin() as session:
        session.execute(update(QuotaDay).values(claims=QuotaDay.claims - by))


@pytest.fixture
def counted(stage: Stage) -> Stage:
    """Give a stage whose clockwork has run for a while."""
    for _ in range(3):
        restored.keep(stage.resources)
    return stage


def paused(stage: Stage) -> str | None:
    with stage.resources.readers.begin() as session:
        return session.scalar(select(Account.pause_reason))


def resume(stage: Stage, *, send_again: bool = False) -> None:
    with stage.resources.sessions.begin() as session:
        settings = stage.resources.settings
        circuit_breaker.resume_account(session, settings, utc_now(), send_again=send_again)


def hear_receipts(stage: Stage) -> None:
    """Hear for each person that the message came, with a number that the ledger has forgotten."""
    now = utc_now()
    with stage.resources.sessions.begin() as session:
        came = [
            Receipt(number, openid, 10**6 + number, "success", now, now - PATIENCE)
            for number, openid in enumerate(stage.openids.values())
        ]
        receipts.apply(session, came, now)


def test_a_ledger_that_only_goes_on_is_believed(counted: Stage) -> None:
    restored.keep(counted.resources)
    assert not mark.is_behind(counted.resources)
    assert paused(counted) is None


def test_nothing_leaves_a_restored_ledger_even_before_anybody_noticed(counted: Stage) -> None:
    counted.start_campaign()
    go_back(counted)
    counted.deliver()
    assert counted.seen() == {}
    assert counted.count(state=states.MessageState.WAITING) == PEOPLE


def test_no_campaign_starts_from_a_restored_ledger(counted: Stage) -> None:
    go_back(counted)
    counted.start_campaign()
    assert counted.count() == 0
    restored.keep(counted.resources)
    with counted.resources.readers.begin() as session:
        found = session.scalars(select(Campaign)).one()
    assert (found.state, found.reason) == (states.CampaignState.PAUSED, "ledger_restored")


def test_the_account_stops_once_and_counts_on(counted: Stage) -> None:
    go_back(counted)
    restored.keep(counted.resources)
    assert paused(counted) == "ledger_restored"
    resume(counted)
    restored.keep(counted.resources)
    assert paused(counted) is None
    assert not mark.is_behind(counted.resources)


def test_what_stood_in_the_backup_is_unknown_once_the_operator_resumes(counted: Stage) -> None:
    key = counted.start_campaign()
    go_back(counted)
    restored.keep(counted.resources)
    assert counted.progress(key).waiting_for == {circuit_breaker.FORGOTTEN: PEOPLE}
    resume(counted)
    ended = counted.deliver_until_done(key)
    assert ended.counts["unknown"] == PEOPLE
    assert ended.state is states.CampaignState.FINISHED
    assert counted.seen() == {}


def test_an_operator_who_knows_that_nothing_was_sent_has_it_sent(counted: Stage) -> None:
    key = counted.start_campaign()
    go_back(counted)
    restored.keep(counted.resources)
    resume(counted, send_again=True)
    assert counted.deliver_until_done(key).counts["accepted"] == PEOPLE


def test_a_campaign_that_prefers_delivery_is_sent_again(counted: Stage) -> None:
    key = counted.start_campaign(prefers="delivery")
    go_back(counted)
    restored.keep(counted.resources)
    resume(counted)
    assert counted.deliver_until_done(key).counts["accepted"] == PEOPLE


def test_what_waits_for_another_reason_is_unknown_too(counted: Stage) -> None:
    key = counted.start_campaign()
    go_back(counted)
    restored.keep(counted.resources)
    counted.message(reason="cap_reached")
    resume(counted)
    ended = counted.deliver_until_done(key)
    assert ended.by_reason == {circuit_breaker.FORGOTTEN: PEOPLE}
    assert counted.seen() == {}


def test_what_the_backup_has_in_flight_is_unknown_too(counted: Stage) -> None:
    key = counted.start_campaign()
    counted.message(state=states.MessageState.SENDING, claim="of the backup", maybe_since=utc_now())
    go_back(counted)
    restored.keep(counted.resources)
    resume(counted)
    assert counted.progress(key).counts["unknown"] == PEOPLE


def test_who_may_have_seen_it_before_the_restore_and_then_refuses_is_not_failed(
    counted: Stage,
) -> None:
    key = counted.start_campaign(prefers="delivery")
    go_back(counted)
    restored.keep(counted.resources)
    resume(counted)
    counted.sandbox.control.fault("errcode", path=SEND, errcode=43101, times=PEOPLE)
    assert counted.deliver_until_done(key).counts["unknown"] == PEOPLE


def test_a_campaign_cancelled_before_the_operator_looked_may_have_come(counted: Stage) -> None:
    key = counted.start_campaign()
    go_back(counted)
    restored.keep(counted.resources)
    with counted.resources.sessions.begin() as session:
        campaigns.cancel(session, counted.scope, key, at=utc_now())
    assert counted.progress(key).counts["unknown"] == PEOPLE


@pytest.mark.parametrize("noticed", [True, False])
def test_a_campaign_whose_time_is_over_before_the_operator_looked_may_have_come(
    counted: Stage, *, noticed: bool
) -> None:
    key = counted.start_campaign()
    go_back(counted)
    with counted.resources.sessions.begin() as session:
        session.execute(update(Campaign).values(not_after=utc_now() - timedelta(seconds=1)))
    if noticed:
        restored.keep(counted.resources)
    sweep(counted.resources)
    assert counted.count(state=states.MessageState.SKIPPED) == 0
    restored.keep(counted.resources)
    sweep(counted.resources)
    assert counted.progress(key).counts["unknown"] == PEOPLE


def test_nobody_decides_about_messages_before_a_clockwork_has_noticed(counted: Stage) -> None:
    counted.start_campaign()
    go_back(counted)
    with pytest.raises(RuleError, match="从备份恢复"), mark.deciding(counted.resources):
        raise AssertionError("a page went on")
    restored.keep(counted.resources)
    with mark.deciding(counted.resources) as session:
        assert session.scalar(select(Account.pause_reason)) == "ledger_restored"


def test_a_receipt_says_of_its_message_that_it_came(counted: Stage) -> None:
    key = counted.start_campaign()
    send_and_lose_the_answers(counted, PEOPLE)
    go_back(counted)
    restored.keep(counted.resources)
    hear_receipts(counted)
    assert counted.count(state=states.MessageState.DELIVERED, held_at=None) == PEOPLE
    resume(counted)
    assert counted.progress(key).counts["delivered"] == PEOPLE


def test_a_receipt_that_nobody_can_match_leaves_its_message_to_the_operator(
    counted: Stage,
) -> None:
    key = counted.start_campaign()
    go_back(counted)
    restored.keep(counted.resources)
    hear_receipts(counted)
    assert counted.count(state=states.MessageState.WAITING) == PEOPLE
    resume(counted)
    assert counted.progress(key).counts["unknown"] == PEOPLE


def test_a_worker_that_goes_on_over_a_restore_claims_nothing(counted: Stage) -> None:
    """Its connections were cut and opened again without any statement having failed."""
    counted.start_campaign()
    feeder = Feeder(counted.resources, time.monotonic)
    assert len(feeder.next(1, 0).others) == 1
    go_back(counted)
    assert feeder.next(PEOPLE, 0).others[0].chunk.claimed == []


def test_what_is_written_after_the_restore_is_sent(counted: Stage) -> None:
    go_back(counted)
    restored.keep(counted.resources)
    key = counted.start_campaign()
    resume(counted)
    assert counted.deliver_until_done(key).counts["accepted"] == PEOPLE


@pytest.mark.parametrize(
    ("begun", "reason"), [(False, "ledger_restored"), (True, "paused_by_staff")]
)
def test_one_that_staff_paused_before_it_was_written_may_have_gone_on_since(
    counted: Stage, *, begun: bool, reason: str
) -> None:
    key = counted.start_campaign()
    with counted.resources.sessions.begin() as session:
        campaigns.pause(session, counted.scope, key)
        session.execute(update(Campaign).values(started_at=utc_now() if begun else None))
    go_back(counted)
    restored.keep(counted.resources)
    with counted.resources.readers.begin() as session:
        assert session.scalars(select(Campaign.reason)).one() == reason


def test_a_campaign_for_later_keeps_its_time(counted: Stage) -> None:
    key = counted.start_campaign(start_at=utc_now() + timedelta(days=1))
    go_back(counted)
    restored.keep(counted.resources)
    assert counted.progress(key).state is states.CampaignState.SCHEDULED


def test_a_new_database_beside_an_old_redis_is_no_restore(counted: Stage) -> None:
    go_back(counted, 0)
    restored.keep(counted.resources)
    assert paused(counted) is None
    assert not mark.is_behind(counted.resources)


def test_without_redis_nothing_can_be_told_and_nothing_is_held(counted: Stage) -> None:
    key = counted.start_campaign()
    away = changed(counted)
    object.__setattr__(away.resources, "redis", open_redis("redis://127.0.0.1:1/0"))
    go_back(counted)
    restored.keep(away.resources)
    assert paused(counted) is None
    with counted.resources.sessions.begin() as session:
        campaigns.cancel(session, counted.scope, key, at=utc_now())
    assert expansion.expand_due(away.resources) == 0


@pytest.fixture
def sent(counted: Stage) -> Stage:
    """Give a stage that has sent a campaign, so that claims are counted."""
    counted.deliver_until_done(counted.start_campaign())
    return counted


def test_a_ledger_that_lacks_one_claim_sends_nothing_even_before_anybody_noticed(
    sent: Stage,
) -> None:
    before = sent.seen()
    lose_claims(sent)
    assert mark.is_behind(sent.resources)
    sent.start_campaign()
    sent.deliver()
    assert sent.seen() == before


def test_a_lost_claim_stops_the_account_once_and_claims_count_on(sent: Stage) -> None:
    lose_claims(sent)
    restored.keep(sent.resources)
    assert paused(sent) == "ledger_restored"
    resume(sent)
    restored.keep(sent.resources)
    assert paused(sent) is None
    sent.deliver_until_done(sent.start_campaign())
    assert not mark.is_behind(sent.resources)


def test_claims_of_another_day_than_the_ledger_knows_of_were_lost_too(sent: Stage) -> None:
    with sent.resources.sessions.begin() as session:
        day = session.scalars(select(QuotaDay.day)).one()
        session.execute(update(QuotaDay).values(day=day - timedelta(days=1)))
    restored.keep(sent.resources)
    assert paused(sent) == "ledger_restored"
    restored.keep(sent.resources)
    assert not mark.is_behind(sent.resources)


def test_a_new_day_on_which_nothing_was_claimed_yet_is_no_restore(sent: Stage) -> None:
    with sent.resources.sessions.begin() as session:
        tomorrow = utc_now() + timedelta(days=1)
        quota.remaining(session, sent.resources.settings, tomorrow, for_events=True)
    assert not mark.is_behind(sent.resources)
    restored.keep(sent.resources)
    assert paused(sent) is None
    lose_claims(sent)
    assert mark.is_behind(sent.resources)


def test_a_new_database_beside_the_redis_of_another_sends(sent: Stage) -> None:
    with sent.resources.sessions.begin() as session:
        session.execute(delete(QuotaDay))
        session.execute(update(Account).values(ledger_mark=0))
    restored.keep(sent.resources)
    assert paused(sent) is None
    again = sent.deliver_until_done(sent.start_campaign())
    assert again.counts["accepted"] == PEOPLE
    assert not mark.is_behind(sent.resources)


def test_a_second_clockwork_of_a_new_database_holds_nothing(
    sent: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    remembered, ask = mark.remembered_by_redis(sent.resources), mark.remembered_by_redis
    with sent.resources.sessions.begin() as session:
        session.execute(delete(QuotaDay))
        session.execute(update(Account).values(ledger_mark=0))
    restored.keep(sent.resources)
    before = [remembered]  # read by the second before the first had Redis forget it
    monkeypatch.setattr(mark, "remembered_by_redis", lambda of: before.pop() if before else ask(of))
    restored.keep(sent.resources)
    assert paused(sent) is None
    assert not mark.is_behind(sent.resources)


def test_claims_are_made_while_redis_is_away_and_known_from_the_next_on(sent: Stage) -> None:
    without = replace(sent, resources=replace(sent.resources, redis=open_redis(NOBODY)))
    without.deliver_until_done(without.start_campaign())
    lose_claims(sent)
    assert not mark.is_behind(sent.resources)  # nobody could tell
    sent.deliver_until_done(sent.start_campaign())
    lose_claims(sent)
    assert mark.is_behind(sent.resources)
