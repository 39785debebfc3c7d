"""A campaign goes out: everybody once, and the ledger says what happened to each."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from notifier.campaigns import campaigns, expansion
from notifier.campaigns.audience import Audience, reach
from notifier.campaigns.campaigns import Draft
from notifier.delivery.sweep import sweep
from notifier.ledger import notices, states
from notifier.ledger.kinds import kinds
from notifier.ledger.tables import Account, Binding, Campaign, Follower, Refusal
from notifier.ledger.wording import written
from registry.base.clock import utc_now
from registry.base.errors import RuleError
from registry.record.confirmation.states import ConfirmationState
from sandbox.control import ControlError
from tests.notifier.conftest import PEOPLE
from tests.notifier.stage import AT, YEAR, Stage, changed

SEND = "/cgi-bin/message/template/send"


def test_everybody_gets_one_message_and_the_campaign_finishes(stage: Stage) -> None:
    key = stage.start_campaign()
    done = stage.deliver_until_done(key)
    assert done.state is states.CampaignState.FINISHED
    assert done.counts["accepted"] == done.counts["recipients"] == PEOPLE
    assert set(stage.seen().values()) == {1}
    assert len(stage.seen()) == PEOPLE


def test_the_card_says_what_the_kind_says(stage: Stage) -> None:
    stage.deliver_until_done(stage.start_campaign())
    message = next(iter(stage.sandbox.control.messages()))
    assert sorted(message["data"].values()) == sorted(
        ["某某大学", "核对并确认毕业去向登记", "未确认", "2026年6月30日 23:59"]
    )
    assert message["url"].endswith(f"/g/confirmation?message={message['client_msg_id']}")


def test_a_card_opens_the_mini_program_and_keeps_the_page_for_old_clients(stage: Stage) -> None:
    mini = stage.sandbox.config.mini_app_id
    linked = changed(stage, mini_app_id=mini, mini_page="pages/start/start")
    linked.deliver_until_done(linked.start_campaign())
    message = next(iter(stage.sandbox.control.messages()))
    name = message["client_msg_id"]
    assert message["mini_path"] == f"pages/start/start?to=confirmation&message={name}"
    assert message["url"].endswith(f"/g/confirmation?message={name}")


def test_a_card_to_staff_opens_their_page_and_no_mini_program(stage: Stage) -> None:
    linked = changed(
        stage, mini_app_id=stage.sandbox.config.mini_app_id, mini_page="pages/start/start"
    )
    alarm = {"schools": "某某大学", "reason": "超过24小时未同步", "at": "2026年6月1日 09:00"}
    told = {
        "business_key": "alarm",
        "kind": "sync_alarm",
        "school_id": stage.scope.school_id,
        "openid": next(iter(stage.openids.values())),
        "facts": written(**alarm),
    }
    with linked.resources.sessions.begin() as session:
        notices.add(session, [told], AT)
    linked.deliver()
    (message,) = stage.sandbox.control.messages()
    assert "/province/syncs?message=" in message["url"]
    assert message["mini_path"] == ""


def test_who_cannot_be_reached_is_counted_before_and_skipped_with_the_reason(stage: Stage) -> None:
    first, second, third, *_ = stage.openids
    with stage.resources.sessions.begin() as session:
        session.query(Binding).where(Binding.graduate_id == first).update({"ended_at": utc_now()})
        session.query(Follower).where(Follower.openid == stage.openids[second]).update(
            {"subscribed": False}
        )
        session.add(
            Refusal(
                openid=stage.openids[third],
                kind="confirmation_reminder",
                refused_at=utc_now(),
            )
        )
    with stage.resources.readers.begin() as session:
        counted = reach(session, stage.scope, Audience(YEAR), kinds()["confirmation_reminder"], AT)
    assert counted == (PEOPLE, PEOPLE - 3, 1, 1, 1)
    done = stage.deliver_until_done(stage.start_campaign())
    assert done.by_reason == {"not_bound": 1, "not_following": 1, "refused": 1}
    assert done.counts["accepted"] == PEOPLE - 3


def test_who_confirmed_in_the_meantime_is_not_reminded(stage: Stage) -> None:
    key = stage.start_campaign()
    stage.graduates(confirmation=ConfirmationState.CONFIRMED)
    done = stage.deliver_until_done(key)
    assert done.by_reason == {"no_longer_applies": PEOPLE}
    assert stage.seen() == {}


def test_an_answer_that_was_lost_is_asked_for_again_and_nobody_sees_two(stage: Stage) -> None:
    stage.sandbox.control.fault("drop", path=SEND, accept=True, times=5)
    done = stage.deliver_until_done(stage.start_campaign())
    assert done.counts["accepted"] == PEOPLE
    assert set(stage.seen().values()) == {1}
    assert stage.sandbox.control.counts()["paths"][SEND] > PEOPLE


@pytest.mark.parametrize("behaviour", ["html", "empty", "object", "status"])
def test_no_answer_but_a_plain_zero_counts_as_accepted(stage: Stage, behaviour: str) -> None:
    stage.sandbox.control.fault(behaviour, path=SEND, times=4)
    stage.deliver(seconds=2)
    key = stage.start_campaign()
    done = stage.deliver_until_done(key)
    assert done.counts["accepted"] == PEOPLE
    assert set(stage.seen().values()) == {1}


def test_a_token_revoked_under_us_is_renewed_once_and_nothing_is_lost(stage: Stage) -> None:
    stage.deliver_until_done(stage.start_campaign())
    stage.sandbox.control.revoke_tokens()
    done = stage.deliver_until_done(stage.start_campaign())
    assert done.counts["accepted"] == PEOPLE
    assert set(stage.seen().values()) == {2}
    assert stage.sandbox.control.counts()["paths"]["/cgi-bin/stable_token"] <= 4


def test_the_days_quota_used_up_pauses_the_account_until_midnight(stage: Stage) -> None:
    stage.sandbox.control.configure(template_quota=5)
    key = stage.start_campaign()
    done = stage.deliver_until_done(key, seconds=3)
    assert done.counts["accepted"] == 5
    assert done.counts["waiting"] == PEOPLE - 5
    with stage.resources.readers.begin() as session:
        account = session.get_one(Account, stage.resources.settings.wechat_app_id)
        assert account.pause_reason == "quota_used_up"
        assert account.paused_until is not None


def test_a_banned_template_pauses_the_campaign_at_the_first_word(stage: Stage) -> None:
    stage.sandbox.control.fault("errcode", path=SEND, errcode=43116)
    done = stage.deliver_until_done(stage.start_campaign())
    assert (done.state, done.reason) == (states.CampaignState.PAUSED, "template_banned")
    calls = stage.sandbox.control.counts()["paths"][SEND]
    assert calls <= stage.resources.settings.send_connections
    assert stage.seen() == {}


def test_one_persons_refusal_stops_only_that_person(stage: Stage) -> None:
    refusing = next(iter(stage.openids.values()))
    stage.sandbox.control.fault("errcode", path=SEND, openid=refusing, errcode=43101)
    done = stage.deliver_until_done(stage.start_campaign())
    assert done.by_reason == {"refused": 1}
    assert done.counts["accepted"] == PEOPLE - 1
    again = stage.deliver_until_done(stage.start_campaign())
    assert again.counts["skipped"] == 1


def test_a_refusal_after_a_lost_answer_is_unknown_not_failed(stage: Stage) -> None:
    person = next(iter(stage.openids.values()))
    stage.sandbox.control.fault("status", path=SEND, openid=person, accept=True, times=1)
    stage.sandbox.control.fault("errcode", path=SEND, openid=person, errcode=43101)
    done = stage.deliver_until_done(stage.start_campaign())
    assert done.counts["unknown"] == 1
    assert done.counts["failed"] == 0


def test_pausing_holds_and_resuming_goes_on_where_it_stopped(stage: Stage) -> None:
    key = stage.start_campaign()
    with stage.resources.sessions.begin() as session:
        campaigns.pause(session, stage.scope, key)
    stage.deliver()
    assert stage.seen() == {}
    with stage.resources.sessions.begin() as session:
        campaigns.resume(session, stage.scope, key, at=AT)
    assert stage.deliver_until_done(key).counts["accepted"] == PEOPLE


def test_a_campaign_paused_before_it_began_begins_when_it_goes_on(stage: Stage) -> None:
    draft = Draft("提醒", "confirmation_reminder", Audience(YEAR), {"deadline": "2026-06-30"})
    with stage.resources.sessions.begin() as session:
        key = campaigns.create(session, stage.scope, draft, by="test", at=utc_now()).key
        campaigns.start(session, stage.scope, key, at=utc_now())
        campaigns.pause(session, stage.scope, key)
    assert expansion.expand_due(stage.resources) == 0
    with stage.resources.sessions.begin() as session:
        campaigns.resume(session, stage.scope, key, at=AT)
    expansion.expand_due(stage.resources)
    assert stage.deliver_until_done(key).counts["accepted"] == PEOPLE


def test_openids_of_another_account_stop_the_campaign(stage: Stage) -> None:
    many = stage.open_school(code="10003", graduates=60)
    stage.sandbox.control.fault("errcode", path=SEND, errcode=40003)
    done = stage.deliver_until_done(stage.start_campaign(many))
    assert (done.state, done.reason) == (states.CampaignState.PAUSED, "bad_address")
    assert done.counts["waiting"] > 0


def test_cancelling_skips_what_was_not_sent(stage: Stage) -> None:
    key = stage.start_campaign()
    with stage.resources.sessions.begin() as session:
        campaigns.cancel(session, stage.scope, key, at=utc_now())
    stage.deliver()
    shown = stage.progress(key)
    assert shown.by_reason == {"cancelled": PEOPLE}
    assert stage.seen() == {}
    with stage.resources.sessions.begin() as session, pytest.raises(RuleError):
        campaigns.resume(session, stage.scope, key, at=AT)


def test_a_campaign_past_its_last_moment_sends_nothing_more(stage: Stage) -> None:
    key = stage.start_campaign(not_after=utc_now() + timedelta(hours=1))
    with stage.resources.sessions.begin() as session:
        session.execute(update(Campaign).values(not_after=utc_now() - timedelta(seconds=1)))
    sweep(stage.resources)
    stage.deliver()
    shown = stage.progress(key)
    assert shown.state is states.CampaignState.CANCELLED
    assert shown.by_reason == {"expired": PEOPLE}


def test_two_schools_share_the_sending(stage: Stage) -> None:
    other = stage.open_school(code="10002", graduates=3)
    first, second = stage.start_campaign(), stage.start_campaign(other)
    stage.deliver_until_done(first)
    assert stage.deliver_until_done(second).counts["accepted"] == 3


def test_retrying_sends_only_what_failed(stage: Stage) -> None:
    fault = stage.sandbox.control.fault("errcode", path=SEND, errcode=43019, times=3)
    key = stage.start_campaign()
    assert stage.deliver_until_done(key).counts["failed"] == 3
    stage.sandbox.control.clear_faults(fault)
    with stage.resources.sessions.begin() as session:
        campaigns.retry_failed(session, stage.scope, key, at=utc_now())
    assert stage.deliver_until_done(key).counts["accepted"] == PEOPLE
    assert set(stage.seen().values()) == {1}


def test_the_sandbox_is_asked_only_what_it_knows(stage: Stage) -> None:
    with pytest.raises(ControlError):
        stage.sandbox.control.fault("no such behaviour")
