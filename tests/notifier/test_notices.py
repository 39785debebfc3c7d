"""A change of the record tells the graduate, once, in the transaction of the change."""

from sqlalchemy import select

from notifier.tables import Message
from registry import confirming
from registry.confirming import Reply
from registry.registration import Origin, Proposal, record
from registry.tables import Answer, Graduate, Source
from tests.notifier.conftest import PEOPLE
from tests.notifier.stage import AT, Stage


def record_employer(stage: Stage, name: str) -> None:
    origin = Origin(stage.scope.school_id, Source.IMPORT, "学校导入", "学校", "test", AT)
    values = {"category": "10", "unit_name": name}
    with stage.resources.sessions.begin() as session:
        record(session, origin, [Proposal(ident, values) for ident in stage.openids])


def notices(stage: Stage) -> list[Message]:
    with stage.resources.readers.begin() as session:
        return list(session.scalars(select(Message).order_by(Message.id)))


def test_a_first_report_is_no_change(stage: Stage) -> None:
    record_employer(stage, "甲公司")
    assert notices(stage) == []


def test_a_changed_employer_is_told_to_everybody_it_concerns(stage: Stage) -> None:
    record_employer(stage, "甲公司")
    record_employer(stage, "乙公司")
    stage.deliver()
    assert len(notices(stage)) == PEOPLE
    assert set(stage.seen().values()) == {1}
    card = next(iter(stage.sandbox.control.messages()))
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
        confirming.answer(session, graduate.id, reply, channel="wechat", at=AT)
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
    stage.start_campaign()
    record_employer(stage, "乙公司")
    stage.deliver()
    cards = list(stage.sandbox.control.messages())
    assert len(cards) == 2 * PEOPLE
    first = {card["template_id"] for card in cards[: PEOPLE // 2]}
    assert len(first) == 1
    assert "学校" in cards[0]["data"].values()
