"""What holds sending back: the rate, the quota, the quiet hours, one person's share of a day."""

import time
from datetime import UTC, datetime, timedelta

import pytest
from redis import Redis
from sqlalchemy import select, update

from notifier.campaigns import campaigns
from notifier.delivery import circuit_breaker
from notifier.delivery.circuit_breaker import Stop
from notifier.delivery.pace import LATE_SECONDS, Pace
from notifier.delivery.school_queues import quiet_until
from notifier.delivery.sweep import sweep
from notifier.ledger import outcomes, quota, states
from notifier.ledger.tables import Account, Binding, Campaign, QuotaDay
from registry.base.clock import SHANGHAI, utc_now
from registry.base.errors import RuleError
from runtime.redis_client import open_redis
from runtime.settings import Settings
from tests.configuration import settings_for
from tests.notifier.conftest import PEOPLE
from tests.notifier.stage import Stage, changed, quiet_now


def test_quiet_hours_hold_a_campaign_until_they_end_and_drop_nothing(stage: Stage) -> None:
    quiet = changed(stage, quiet_hours=quiet_now())
    key = quiet.start_campaign()
    quiet.deliver()
    held = quiet.progress(key)
    assert (held.state, held.reason) == (states.CampaignState.WAITING, "quiet_hours")
    assert held.wait_until is not None
    assert stage.seen() == {}
    with stage.resources.sessions.begin() as session:
        session.scalars(select(Campaign)).one().wait_until = utc_now()
    sweep(stage.resources)
    assert stage.deliver_until_done(key).counts["accepted"] == PEOPLE


@pytest.mark.parametrize(("hour", "until"), [(21, None), (22, 8), (3, 8), (8, None)], ids=str)
def test_quiet_hours_pass_midnight(hour: int, until: int | None) -> None:
    settings = settings_for("sqlite://", "redis://localhost")
    end = quiet_until(settings, datetime(2026, 6, 10, hour, tzinfo=SHANGHAI))
    assert (end.hour if end else None) == until


def test_a_campaign_stops_at_its_part_of_the_quota_and_waits_for_midnight(stage: Stage) -> None:
    small = changed(stage, daily_quota=10, event_reserve=0.5)
    key = small.start_campaign()
    small.deliver()
    held = small.progress(key)
    assert (held.state, held.reason) == (states.CampaignState.WAITING, "quota_used_up")
    assert held.counts["accepted"] == 5


def pause(stage: Stage, code: int) -> None:
    with stage.resources.sessions.begin() as session:
        stop = Stop(None, outcomes.of(code), "")
        circuit_breaker.apply(session, stage.resources.settings, stop, utc_now())


def test_while_the_account_is_paused_campaigns_wait_and_say_why(stage: Stage) -> None:
    key = stage.start_campaign()
    pause(stage, 40013)
    sweep(stage.resources)
    held = stage.progress(key)
    assert (held.state, held.reason) == (states.CampaignState.WAITING, "bad_secret")
    assert held.wait_until is None
    sweep(stage.resources)
    assert stage.progress(key).state is states.CampaignState.WAITING
    with stage.resources.sessions.begin() as session:
        circuit_breaker.resume_account(session, stage.resources.settings, utc_now())
    assert stage.deliver_until_done(key).counts["accepted"] == PEOPLE


def test_a_pause_for_the_quota_says_until_when_and_ends_by_itself(stage: Stage) -> None:
    key = stage.start_campaign()
    pause(stage, 45009)
    sweep(stage.resources)
    held = stage.progress(key)
    assert (held.state, held.reason) == (states.CampaignState.WAITING, "quota_used_up")
    assert held.wait_until == quota.next_day(utc_now())
    with stage.resources.sessions.begin() as session:
        session.scalars(select(Account)).one().paused_until = utc_now()
        session.scalars(select(Campaign)).one().wait_until = utc_now()
    sweep(stage.resources)
    assert stage.progress(key).state is states.CampaignState.SENDING


def test_an_operator_ends_the_wait_for_midnight(stage: Stage) -> None:
    key = stage.start_campaign()
    pause(stage, 45009)
    sweep(stage.resources)
    with stage.resources.sessions.begin() as session:
        circuit_breaker.resume_account(session, stage.resources.settings, utc_now())
    resumed = stage.progress(key)
    assert (resumed.state, resumed.reason) == (states.CampaignState.SENDING, "")
    assert resumed.wait_until is None


def test_a_campaign_that_staff_paused_stays_paused_when_the_account_goes_on(stage: Stage) -> None:
    key = stage.start_campaign()
    pause(stage, 40013)
    sweep(stage.resources)
    with stage.resources.sessions.begin() as session:
        campaigns.pause(session, stage.scope, key)
        circuit_breaker.resume_account(session, stage.resources.settings, utc_now())
    sweep(stage.resources)
    assert stage.progress(key).state is states.CampaignState.PAUSED


def test_a_paused_campaign_ends_at_its_last_moment(stage: Stage) -> None:
    key = stage.start_campaign(not_after=utc_now() + timedelta(hours=1))
    with stage.resources.sessions.begin() as session:
        campaigns.pause(session, stage.scope, key)
        session.execute(update(Campaign).values(not_after=utc_now()))
    sweep(stage.resources)
    ended = stage.progress(key)
    assert (ended.state, ended.reason) == (states.CampaignState.CANCELLED, "expired")
    assert ended.by_reason == {"expired": PEOPLE}


def test_what_failed_is_not_sent_again_after_the_last_moment(stage: Stage) -> None:
    key = stage.start_campaign(not_after=utc_now() + timedelta(hours=1))
    stage.message(state=states.MessageState.FAILED, reason="refused")
    sweep(stage.resources)
    over = utc_now() + timedelta(hours=2)
    with (
        stage.resources.sessions.begin() as session,
        pytest.raises(RuleError, match="not_after_passed"),
    ):
        campaigns.retry_failed(session, stage.scope, key, at=over)
    assert stage.progress(key).counts["failed"] == PEOPLE


def test_what_was_not_called_is_given_back_to_the_quota(stage: Stage) -> None:
    stage.deliver_until_done(stage.start_campaign())
    with stage.resources.readers.begin() as session:
        assert session.scalar(select(QuotaDay.reserved)) == PEOPLE


def test_what_was_reserved_before_midnight_does_not_lengthen_the_next_day(stage: Stage) -> None:
    with stage.resources.sessions.begin() as session:
        at, settings = utc_now(), stage.resources.settings
        quota.remaining(session, settings, at, for_events=True)
        quota.reserve_for_claim(session, quota.day_of(at), 3)
        quota.give_back(session, quota.day_of(at), 5)
        assert quota.use(session, settings, at).used == 0


def test_the_quotas_day_is_beijings() -> None:
    late = datetime(2026, 6, 10, 16, 30, tzinfo=UTC)
    assert quota.day_of(late).day == 11
    assert quota.next_day(late) == datetime(2026, 6, 11, 16, 1, tzinfo=UTC)


def test_a_person_gets_only_so_many_campaign_messages_a_day(stage: Stage) -> None:
    capped = changed(stage, person_daily_cap=1)
    capped.deliver_until_done(capped.start_campaign())
    second = capped.start_campaign()
    capped.deliver()
    held = capped.progress(second)
    assert held.counts["waiting"] == PEOPLE
    assert held.waiting_for == {"cap_reached": PEOPLE}
    assert set(stage.seen().values()) == {1}
    morning = quota.next_day(utc_now()) + timedelta(hours=8)
    assert capped.count(state=states.MessageState.WAITING, next_at=morning) == PEOPLE


def test_a_persons_records_share_her_messages_a_day(stage: Stage) -> None:
    capped = changed(stage, person_daily_cap=PEOPLE - 1)
    (openid,) = {stage.openids[min(stage.openids)]}
    with stage.resources.sessions.begin() as session:
        session.execute(update(Binding).values(openid=openid, joined=True))
    key = capped.start_campaign()
    capped.deliver()
    assert stage.seen() == {openid: PEOPLE - 1}
    assert capped.progress(key).waiting_for == {"cap_reached": 1}


def test_what_failed_is_no_message_she_got_when_it_is_sent_again(stage: Stage) -> None:
    capped = changed(stage, person_daily_cap=1)
    key = capped.start_campaign()
    capped.deliver_until_done(key)
    stage.message(state=states.MessageState.FAILED, reason="system_failed")
    with stage.resources.sessions.begin() as session:
        assert campaigns.retry_failed(session, stage.scope, key, at=utc_now()) == PEOPLE
    assert capped.deliver_until_done(key).counts["accepted"] == PEOPLE


def test_two_campaigns_at_once_do_not_get_past_the_cap_together(stage: Stage) -> None:
    capped = changed(stage, person_daily_cap=1)
    keys = [capped.start_campaign(), capped.start_campaign()]
    capped.deliver()
    assert set(stage.seen().values()) == {1}
    accepted = [capped.progress(key).counts["accepted"] for key in keys]
    waiting = [capped.progress(key).waiting_for.get("cap_reached", 0) for key in keys]
    assert (sum(accepted), sum(waiting)) == (PEOPLE, PEOPLE)


def test_what_may_have_come_counts_and_is_itself_asked_for_again(stage: Stage) -> None:
    capped = changed(stage, person_daily_cap=1)
    first = capped.start_campaign()
    stage.message(maybe_since=utc_now())
    second = capped.start_campaign()
    capped.deliver()
    assert capped.progress(first).counts["accepted"] == PEOPLE
    assert capped.progress(second).waiting_for == {"cap_reached": PEOPLE}


def moments(pace: Pace, count: int) -> list[float]:
    taken: list[float] = []
    while len(taken) < count:
        moment = pace.next_moment(count)
        assert moment is not None
        time.sleep(max(0.0, moment - time.monotonic()))
        pace.take()
        taken.append(moment)
    return taken


def test_processes_share_one_rate(valkey: Redis) -> None:
    first, second = (Pace(valkey, "wx", 200, go_on=True) for _ in range(2))
    taken = sorted(moments(first, 40) + moments(second, 40))
    assert taken[-1] - taken[0] >= 79 / 200


def test_whoever_stalls_keeps_one_moment_from_the_others(valkey: Redis) -> None:
    stalled, other = (Pace(valkey, "wx", 50, go_on=True) for _ in range(2))
    kept, free = stalled.next_moment(50), other.next_moment(50)
    assert kept is not None
    assert free is not None
    assert free - max(kept, time.monotonic()) < 2 / 50


def test_a_moment_that_was_missed_is_not_made_up_for(valkey: Redis) -> None:
    pace = Pace(valkey, "wx", 50, go_on=True)
    begun = time.monotonic()
    missed = pace.next_moment(50)
    answered_in = time.monotonic() - begun  # so much later than Redis meant it may it be here
    assert missed is not None
    time.sleep(max(0.0, missed - time.monotonic()) + LATE_SECONDS + 0.001)
    found = pace.next_moment(50)
    assert found is not None
    assert found > missed + max(0.0, 0.9 / 50 - answered_in)


def test_without_a_limit_every_moment_is_now(valkey: Redis) -> None:
    assert Pace(valkey, "wx", 0, go_on=True).next_moment(5) == 0.0


def test_without_redis_sending_goes_on_slowly_or_waits_by_setting() -> None:
    away = open_redis("redis://127.0.0.1:1/0")
    assert Pace(away, "wx", 50, go_on=True).next_moment(5) is not None
    assert Pace(away, "wx", 50, go_on=False).next_moment(5) is None


def test_a_limited_campaign_keeps_to_its_rate(stage: Stage) -> None:
    limited = changed(stage, send_rate=20)
    begun = time.monotonic()
    assert limited.deliver_until_done(limited.start_campaign()).counts["accepted"] == PEOPLE
    assert time.monotonic() - begun > (PEOPLE - 1) / 20


def test_settings_name_the_hours_in_one_line() -> None:
    settings: Settings = settings_for("sqlite://", "redis://x", quiet_hours="")
    assert settings.quiet_hours is None
