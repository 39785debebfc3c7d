"""A change of the record tells the graduate, once, in the transaction of the change."""

import json
from datetime import date

import pytest
from sqlalchemy import select, update

from notifier.ledger import graduate_inbox
from notifier.ledger.tables import Binding, Message
from registry.record.confirmation import confirm
from registry.record.confirmation.confirm import Reply
from registry.record.registration import Origin, Proposal, record
from registry.record.tables import Answer, Graduate, Source
from registry.review.seasons import SeasonRules, set_season
from registry.review.states import LEVEL_CHOICES
from tests.notifier.conftest import PEOPLE
from tests.notifier.stage import AT, YEAR, Stage


def record_employer(stage: Stage, name: str, by: str = "学校") -> None:
    origin = Origin(stage.scope.school_id, Source.IMPORT, "学校导入", by, "test", AT)
    values = {"category": "10", "unit_name": name}
    with stage.resources.sessions.begin() as session:
        record(session, origin, [Proposal(ident, values) for ident in stage.openids])


def notices(stage: Stage, kind: str = "registration_changed") -> list[Message]:
    with stage.resources.readers.begin() as session:
        wanted = select(Message).where(Message.kind == kind)
        return list(session.scalars(wanted.order_by(Message.id)))


def test_a_first_report_asks_everybody_to_confirm_and_is_no_change(stage: Stage) -> None:
    record_employer(stage, "甲公司")
    stage.deliver()
    assert notices(stage) == []
    assert sorted(stage.seen().values()) == [1] * PEOPLE
    for card in stage.sandbox.control.messages():
        assert list(card["data"].values()) == [
            "某某大学",
            "去向已由学校上报，请核对并确认",
            "未确认",
            "2026年8月31日 23:59",
        ]


def test_the_same_report_again_asks_nobody(stage: Stage) -> None:
    for _ in range(2):
        record_employer(stage, "甲公司")
    assert len(notices(stage, "confirmation_reminder")) == PEOPLE


def test_a_report_by_the_province_names_it(stage: Stage) -> None:
    record_employer(stage, "甲公司", by="省级系统")
    stage.deliver()
    card = next(iter(stage.sandbox.control.messages()))
    assert "去向已由省级系统上报，请核对并确认" in card["data"].values()


def test_the_school_s_own_last_day_is_named(stage: Stage) -> None:
    close_on(stage, date(2026, 6, 30))
    record_employer(stage, "甲公司")
    (said, *_) = notices(stage, "confirmation_reminder")
    assert json.loads(said.facts)["deadline"] == "2026年6月30日 23:59"


@pytest.mark.parametrize(
    ("closed", "said"), [(AT.date(), AT.date()), (date(2026, 5, 31), date(2026, 6, 15))]
)
def test_after_the_last_day_a_fortnight_is_left(stage: Stage, closed: date, said: date) -> None:
    close_on(stage, closed)
    record_employer(stage, "甲公司")
    (written, *_) = notices(stage, "confirmation_reminder")
    day = f"{said.year}年{said.month}月{said.day}日"
    assert json.loads(written.facts)["deadline"].startswith(day)


def test_who_cannot_be_reached_finds_the_report_in_her_inbox(stage: Stage) -> None:
    with stage.resources.sessions.begin() as session:
        session.execute(update(Binding).values(ended_at=AT))
    record_employer(stage, "甲公司")
    stage.deliver()
    assert stage.seen() == {}
    assert stage.count(state="skipped", reason="not_bound") == PEOPLE
    with stage.resources.readers.begin() as session:
        (message,) = graduate_inbox.page_of(session, [next(iter(stage.openids))], None).messages
    assert message.lines["办理事项"] == "去向已由学校上报，请核对并确认"


def close_on(stage: Stage, day: date) -> None:
    rules = SeasonRules(YEAR, LEVEL_CHOICES[0], None, day)
    with stage.resources.sessions.begin() as session:
        set_season(session, stage.scope.school_id, rules, "test", AT)


def test_a_changed_employer_is_told_to_everybody_it_concerns(stage: Stage) -> None:
    record_employer(stage, "甲公司")
    stage.deliver()
    record_employer(stage, "乙公司")
    stage.deliver()
    assert len(notices(stage)) == PEOPLE
    assert set(stage.seen().values()) == {2}
    card = list(stage.sandbox.control.messages())[-1]
    assert "毕业去向" in card["data"].values()
    assert "学校" in card["data"].values()


def test_the_same_record_again_tells_nobody(stage: Stage) -> None:
    for name in ("甲公司", "乙公司", "乙公司", " 乙公司 "):
        record_employer(stage, name)
    assert len(notices(stage)) == PEOPLE


def test_a_reset_answer_asks_to_confirm_again(stage: Stage) -> None:
    record_employer(stage, "甲公司")
    with stage.resources.sessions.begin() as session:
        graduate = session.scalars(select(Graduate).order_by(Graduate.id)).first()
        assert graduate is not None
        assert graduate.registration_id is not None
        reply = Reply(Answer.CORRECT, graduate.registration_id)
        confirm.answer(session, graduate.id, reply, channel="wechat", at=AT)
    record_employer(stage, "乙公司")
    first, second, *_ = notices(stage)
    assert "请核对后重新确认" in first.facts
    assert "请核对后重新确认" not in second.facts


def test_a_change_that_is_rolled_back_tells_nobody(stage: Stage) -> None:
    record_employer(stage, "甲公司")
    origin = Origin(stage.scope.school_id, Source.IMPORT, "学校导入", "学校", "test", AT)
    people = [Proposal(ident, {"unit_name": "乙公司"}) for ident in stage.openids]
    with stage.resources.sessions() as session:
        record(session, origin, people)
        session.rollback()
    stage.graduates(name="张三")
    assert notices(stage) == []


def test_event_messages_overtake_a_campaign(stage: Stage) -> None:
    record_employer(stage, "甲公司")
    stage.deliver()
    stage.start_campaign()
    record_employer(stage, "乙公司")
    stage.deliver()
    cards = list(stage.sandbox.control.messages())[PEOPLE:]
    assert len(cards) == 2 * PEOPLE
    first = {card["template_id"] for card in cards[: PEOPLE // 2]}
    assert len(first) == 1
    assert "学校" in cards[0]["data"].values()
