"""What the account answers: by default, as staff set it, and nothing to what asks for no answer."""

import pytest
from sqlalchemy.orm import Session

from notifier.wechat import replies
from notifier.wechat.callback import OpenedPush, keys_of, open_push
from notifier.wechat.replies import ChatReply, Occasion
from registry.base.errors import RuleError
from tests.configuration import settings_for
from tests.notifier.wechat import pushes
from tests.notifier.wechat.pushes import NOW, document, event, sealed_push

HOST = "https://qx.test"


def came(**fields: object) -> OpenedPush:
    settings = settings_for(
        "sqlite://",
        "redis://127.0.0.1:1",
        wechat_app_id=pushes.APP_ID,
        wechat_token=pushes.TOKEN,
        wechat_aes_key=pushes.AES_KEY,
    )
    push = sealed_push(document({**event(), **fields}))
    return open_push(keys_of(settings), push.query, push.body, NOW)


def wrote(text: str) -> OpenedPush:
    return came(MsgType="text", Content=text, MsgId="4711")


def word(name: str, text: str, page: str = "") -> ChatReply:
    return ChatReply(Occasion.WORD, name, text, page)


def test_who_follows_is_welcomed_with_the_way_in(session: Session) -> None:
    said = replies.answer(session, came(), HOST)
    assert said.startswith("欢迎关注。")
    assert f'<a href="{HOST}/wechat/login?to=home">' in said


@pytest.mark.parametrize(
    ("text", "page"),
    [("怎么 确认", "confirmation"), ("核验编号在哪", "authorization"), ("人工客服", "help")],
)
def test_a_word_in_what_is_written_leads_to_its_page(
    session: Session, text: str, page: str
) -> None:
    assert f"to={page}" in replies.answer(session, wrote(text), HOST)


def test_anything_else_is_answered_with_what_can_be_said(session: Session) -> None:
    assert replies.answer(session, wrote("你好"), HOST).startswith("请回复“登记”")
    picture = came(MsgType="image", MsgId="1", Event=None)
    assert replies.answer(session, picture, HOST).startswith("请回复“登记”")


def test_what_asks_for_no_answer_gets_none(session: Session) -> None:
    assert replies.answer(session, came(Event="SCAN", EventKey="a scene"), HOST) == ""
    for name in ("unsubscribe", "VIEW", "TEMPLATESENDJOBFINISH"):
        assert not replies.is_answered(came(Event=name))
        assert replies.answer(session, came(Event=name), HOST) == ""


def test_a_button_is_answered_by_its_key(session: Session) -> None:
    replies.write(session, word("咨询时间", "工作日 8:30 至 17:00。"), NOW)
    pressed = came(Event="CLICK", EventKey="咨询时间")
    assert replies.answer(session, pressed, HOST) == "工作日 8:30 至 17:00。"


def test_what_staff_set_stands_until_it_is_given_back(session: Session) -> None:
    replies.write(session, word("确认", "6 月 20 日前请核对。", "confirmation"), NOW)
    replies.write(session, word("确认", "6 月 30 日前请核对。", ""), NOW)
    assert replies.answer(session, wrote("确认"), HOST) == "6 月 30 日前请核对。"
    replies.restore(session, Occasion.WORD, "确认")
    assert "to=confirmation" in replies.answer(session, wrote("确认"), HOST)


def test_the_longest_word_answers_and_an_empty_text_is_no_word(session: Session) -> None:
    replies.write(session, word("转递编号", "转递编号请向学校索取。"), NOW)
    assert replies.answer(session, wrote("转递编号"), HOST) == "转递编号请向学校索取。"
    replies.write(session, word("人工", ""), NOW)
    assert replies.answer(session, wrote("人工"), HOST).startswith("请回复“登记”")
    replies.write(session, ChatReply(Occasion.OTHER, "", ""), NOW)
    assert replies.answer(session, wrote("人工"), HOST) == ""


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (word(" ", "有"), "word_bad"),
        (word("一二三四五六七八九十一", "有"), "word_bad"),
        (word("好", "字" * 301), "text_bad"),
        (word("好", "a]]>b"), "text_bad"),
        (word("好", "有", "nowhere"), "page_bad"),
    ],
)
def test_a_reply_that_cannot_be_sent_is_refused(
    session: Session, reply: ChatReply, code: str
) -> None:
    with pytest.raises(RuleError) as refusal:
        replies.write(session, reply, NOW)
    assert refusal.value.code == code


def test_there_are_only_so_many_words(session: Session) -> None:
    for number in range(replies.MOST - len(replies.DEFAULTS)):
        replies.write(session, word(f"词{number}", "有"), NOW)
    with pytest.raises(RuleError, match="最多设置"):
        replies.write(session, word("多一个", "有"), NOW)
    replies.write(session, word("词0", "改"), NOW)
