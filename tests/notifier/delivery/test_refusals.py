"""What WeChat will not take stops what it should, and comes to an end."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import insert, select, update

from notifier.delivery.sweep import sweep
from notifier.delivery.verdict import EVENTS_HELD, MOST_TRIES
from notifier.ledger import outcomes, states
from notifier.ledger.tables import AccountTemplate, Message, QuotaDay
from registry.base.clock import utc_now
from tests.notifier.conftest import PEOPLE
from tests.notifier.stage import AT, YEAR, Stage, changed

SEND = "/cgi-bin/message/template/send"
SOON = timedelta(seconds=20)
FACTS = json.dumps(
    {
        "blocks": "毕业去向",
        "by": "学校",
        "at": "2026年06月01日 10:00",
        "hint": "请核对",
        "item": "档案去向核验授权",
        "deadline": "2026年6月30日 23:59",
    }
)


def tell_everybody(stage: Stage, kind: str = "registration_changed") -> None:
    """Write an event message to each person."""
    rows = [
        {
            "client_msg_id": f"{kind}{person}"[-32:],
            "business_key": f"test:{kind}:{person}",
            "kind": kind,
            "school_id": stage.scope.school_id,
            "graduate_id": person,
            "facts": FACTS,
            "next_at": AT,
            "created_at": AT,
        }
        for person in stage.openids
    ]
    with stage.resources.sessions.begin() as session:
        session.execute(insert(Message), rows)


def test_what_waits_for_a_record_that_was_ended_is_not_sent(stage: Stage) -> None:
    tell_everybody(stage)
    stage.graduates(year=-YEAR)
    stage.deliver()
    assert stage.seen() == {}
    assert stage.count(state="skipped", reason="record_ended") == PEOPLE


def take_away_templates(stage: Stage) -> None:
    with stage.resources.sessions.begin() as session:
        session.execute(update(AccountTemplate).values(kind=None))


def reserved(stage: Stage) -> int:
    with stage.resources.readers.begin() as session:
        return session.scalar(select(QuotaDay.reserved)) or 0


def calls(stage: Stage) -> int:
    return stage.sandbox.control.counts()["paths"].get(SEND, 0)


def deliver_again(stage: Stage) -> None:
    """Send once more what waits for seconds: what waits for minutes goes on waiting."""
    with stage.resources.sessions.begin() as session:
        soon = Message.next_at <= utc_now() + SOON
        session.execute(update(Message).where(soon).values(next_at=AT))
    stage.deliver()
    sweep(stage.resources)


def test_what_never_reached_wechat_costs_nothing_of_the_quota(stage: Stage) -> None:
    stage.start_campaign()
    cut_off = changed(stage, wechat_api_url="http://127.0.0.1:1")
    cut_off.deliver(seconds=2)
    assert cut_off.count(state=states.MessageState.WAITING) == PEOPLE
    assert cut_off.count(reason="not_sent") > 0
    assert reserved(stage) == 0


def test_a_missing_template_costs_nothing_of_the_quota(stage: Stage) -> None:
    take_away_templates(stage)
    tell_everybody(stage)
    stage.deliver()
    assert stage.count(reason="template_missing") == PEOPLE
    assert reserved(stage) == 0


@pytest.mark.parametrize("code", [43116, 40249, 40037])
def test_event_messages_of_a_banned_template_are_held_not_called_one_by_one(
    stage: Stage, code: int
) -> None:
    narrow = changed(stage, send_connections=2)
    narrow.sandbox.control.fault("errcode", path=SEND, errcode=code)
    tell_everybody(narrow)
    narrow.deliver()
    for _ in range(3):
        deliver_again(narrow)
    assert calls(narrow) < PEOPLE
    assert narrow.count(state=states.MessageState.WAITING) == PEOPLE
    with narrow.resources.readers.begin() as session:
        first = session.scalars(select(Message.next_at).order_by(Message.next_at)).first()
    assert first is not None
    assert first > utc_now() + EVENTS_HELD / 2


def test_a_held_kind_holds_no_other(stage: Stage) -> None:
    with stage.resources.sessions.begin() as session:
        mine = AccountTemplate.kind == "registration_changed"
        session.execute(update(AccountTemplate).where(mine).values(kind=None))
    tell_everybody(stage)
    tell_everybody(stage, "authorization_reminder")
    stage.deliver()
    assert stage.count(kind="registration_changed", reason="template_missing") == PEOPLE
    assert stage.count(kind="authorization_reminder", reason="template_missing") == 0


def test_held_event_messages_leave_once_wechat_takes_them_again(stage: Stage) -> None:
    stage.sandbox.control.fault("errcode", path=SEND, errcode=43116)
    tell_everybody(stage)
    stage.deliver()
    stage.sandbox.control.clear_faults()
    stage.message(next_at=AT)
    stage.deliver()
    assert stage.count(state=states.MessageState.ACCEPTED) == PEOPLE


@pytest.mark.parametrize("code", [50002, 40037, 43104, 43117])
def test_one_person_whom_wechat_will_not_take_does_not_keep_a_campaign_for_ever(
    stage: Stage, code: int
) -> None:
    person = next(iter(stage.openids.values()))
    stage.sandbox.control.fault("errcode", path=SEND, openid=person, errcode=code)
    key = stage.start_campaign()
    for _ in range(MOST_TRIES[outcomes.of(code).reaction]):
        stage.message(next_at=AT)
        stage.deliver()
        sweep(stage.resources)
    ended = stage.progress(key)
    assert (ended.counts["accepted"], ended.counts["failed"]) == (PEOPLE - 1, 1)
    assert ended.state is states.CampaignState.FINISHED
