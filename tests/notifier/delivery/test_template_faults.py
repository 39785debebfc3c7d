"""What many are refused in a row is nobody's own fault: they wait, and go on when it is mended."""

import pytest
from sqlalchemy import select

from notifier.campaigns import campaigns, template_pauses
from notifier.delivery.cards import Cards, Ready
from notifier.delivery.claim import Claimed
from notifier.delivery.school_queues import SchoolQueue
from notifier.ledger import outcomes
from notifier.ledger.states import CampaignState, MessageState
from notifier.ledger.tables import Account, AccountTemplate, Campaign
from registry.base.clock import utc_now
from registry.record.scope import Scope
from sandbox.account_templates import template_id_of
from tests.notifier.delivery.test_refusals import SEND, deliver_again, tell_everybody
from tests.notifier.stage import AT, Stage, changed

MANY = 60
"""More than the longest row of refusals that is one person's each."""
TITLE = "去向登记确认提醒"
OTHER_KEYS = (
    "学校名称:{{thing41.DATA}}\n办理事项:{{thing42.DATA}}\n"
    "当前状态:{{phrase43.DATA}}\n截止日期:{{time44.DATA}}\n"
)


@pytest.fixture
def school(stage: Stage) -> Scope:
    return stage.open_school("10002", graduates=MANY)


def state_of(stage: Stage, key: str) -> tuple[CampaignState, str]:
    with stage.resources.readers() as session:
        found = session.execute(
            select(Campaign.state, Campaign.reason).where(Campaign.key == key)
        ).one()
    return CampaignState(found.state), found.reason


def resume(stage: Stage, scope: Scope, key: str) -> None:
    with stage.resources.sessions.begin() as session:
        campaigns.resume(session, scope, key, at=utc_now())


def sync(stage: Stage) -> None:
    with stage.resources.sessions.begin() as session:
        template_pauses.sync(session, stage.gateway, utc_now())


@pytest.mark.parametrize(
    ("errcode", "reason"),
    [(40003, "bad_address"), (47003, "field_refused"), (77777, "wechat_error")],
)
def test_who_was_refused_in_the_row_that_stopped_a_campaign_waits_and_goes_on(
    stage: Stage, school: Scope, errcode: int, reason: str
) -> None:
    stage.sandbox.control.fault("errcode", path=SEND, errcode=errcode)
    key = stage.start_campaign(school)
    stage.deliver()
    assert state_of(stage, key) == (CampaignState.PAUSED, reason)
    assert stage.count(state=MessageState.WAITING) == MANY
    stage.sandbox.control.clear_faults()
    resume(stage, school, key)
    stage.message(next_at=AT)
    assert stage.deliver_until_done(key).counts["accepted"] == MANY


def test_a_campaign_refused_in_a_row_sends_nobody_to_bind_anew(stage: Stage, school: Scope) -> None:
    stage.sandbox.control.fault("errcode", path=SEND, errcode=40003)
    key = stage.start_campaign(school)
    stage.deliver()
    found = stage.progress(key)
    for code in (found.reason, *found.waiting_for):
        assert "请本人重新绑定" in outcomes.sentence(code)
        assert "请联系平台运维核对公众号设置" in outcomes.waiting_sentence(code)
    assert found.reason_sentence == outcomes.waiting_sentence(found.reason)


def test_whom_another_process_wrote_down_as_failed_meanwhile_goes_on_too(
    stage: Stage, school: Scope
) -> None:
    stage.sandbox.control.fault("errcode", path=SEND, errcode=40003)
    key = stage.start_campaign(school)
    stage.deliver()
    stage.message(state=MessageState.FAILED, reason="bad_address", tries=1, final_at=AT)
    stage.sandbox.control.clear_faults()
    resume(stage, school, key)
    assert stage.deliver_until_done(key).counts["accepted"] == MANY


def test_who_was_called_five_times_stays_failed(stage: Stage, school: Scope) -> None:
    stage.sandbox.control.fault("errcode", path=SEND, errcode=40003)
    key = stage.start_campaign(school)
    stage.deliver()
    stage.message(state=MessageState.FAILED, reason="bad_address", tries=5, final_at=AT)
    resume(stage, school, key)
    assert stage.count(state=MessageState.FAILED) == MANY


@pytest.mark.usefixtures("school")
def test_event_messages_refused_in_a_row_wait_with_their_kind(stage: Stage) -> None:
    stage.sandbox.control.fault("errcode", path=SEND, errcode=40003)
    tell_everybody(stage)
    stage.deliver()
    assert stage.count(state=MessageState.FAILED) == 0
    stage.sandbox.control.clear_faults()
    stage.message(next_at=AT)
    deliver_again(stage)
    assert stage.count(state=MessageState.ACCEPTED) == len(stage.openids)


def test_a_template_changed_in_the_console_stops_at_once_and_goes_on_when_it_was_read(
    stage: Stage, school: Scope
) -> None:
    change_template(stage, OTHER_KEYS)
    key = stage.start_campaign(school)
    stage.deliver()
    assert state_of(stage, key) == (CampaignState.PAUSED, "template_changed")
    assert stage.count(state=MessageState.WAITING) == MANY
    with stage.resources.readers() as session:
        assert session.scalar(select(Account.templates_synced_at)) is None
    sync(stage)
    assert state_of(stage, key) == (CampaignState.SENDING, "")
    stage.message(next_at=AT)
    assert stage.deliver_until_done(key).counts["accepted"] == MANY


def test_a_template_that_wechat_refuses_and_that_is_read_unchanged_stays_stopped(
    stage: Stage, school: Scope
) -> None:
    stage.sandbox.control.fault("errcode", path=SEND, errcode=40037)
    key = stage.start_campaign(school)
    stage.deliver()
    sync(stage)
    assert state_of(stage, key) == (CampaignState.PAUSED, "template_gone")


def test_a_field_that_we_did_send_is_the_persons(stage: Stage) -> None:
    person = next(iter(stage.openids.values()))
    said = "argument invalid! data.thing10.value invalid"
    ours = keys_of(stage)[0]
    stage.sandbox.control.fault(
        "errcode", path=SEND, openid=person, errcode=47003, errmsg=said.replace("thing10", ours)
    )
    key = stage.start_campaign()
    ended = stage.deliver_until_done(key)
    assert (ended.state, ended.counts["failed"]) == (CampaignState.FINISHED, 1)


def test_a_process_that_still_has_the_old_template_takes_the_new_one(stage: Stage) -> None:
    cards = Cards(stage.resources)
    queue = SchoolQueue(None, "confirmation_reminder", school_id=stage.scope.school_id)
    message = Claimed(
        id=1,
        client_msg_id="c",
        claim="x",
        kind="confirmation_reminder",
        school_id=stage.scope.school_id,
        campaign_id=None,
        openid="o",
        facts="{}",
        tries=1,
        maybe_before=None,
        trace=None,
        claimed_at=AT,
    )
    with stage.resources.readers() as session:
        template = template_pauses.serving(session)["confirmation_reminder"]
    ready = Ready(queue, message, b"", template, 0.0, 0.0)
    assert not cards.is_outdated(ready)
    change_template(stage, OTHER_KEYS)
    sync(stage)
    assert cards.is_outdated(ready)


def test_a_template_that_is_changed_and_read_while_a_run_goes_on_stops_nothing(
    stage: Stage, school: Scope
) -> None:
    narrow = changed(stage, send_connections=2)
    key = narrow.start_campaign(school)
    done: list[str] = []

    def change_once() -> bool:
        if not done and narrow.seen():
            done.append("changed")
            change_template(narrow, OTHER_KEYS)
            sync(narrow)
        return False

    narrow.deliver(stop=change_once)
    assert done
    assert narrow.deliver_until_done(key).counts["accepted"] == MANY
    assert set(narrow.seen().values()) == {1}
    assert state_of(narrow, key) == (CampaignState.FINISHED, "")


def change_template(stage: Stage, content: str) -> None:
    template_id = template_id_of(stage.sandbox.config.app_id, TITLE)
    stage.sandbox.control.add_template(TITLE, content, template_id)


def keys_of(stage: Stage) -> list[str]:
    with stage.resources.readers() as session:
        row = session.scalars(select(AccountTemplate).where(AccountTemplate.title == TITLE)).one()
    return list(row.fields.values())
