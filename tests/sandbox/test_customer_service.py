"""Customer-service messages: what a person's acts allow, and what the phone shows of them."""

from io import BytesIO

import pytest
import requests
from wechatpy.exceptions import WeChatClientException

from sandbox.control import Control
from tests.sandbox.account import Account
from tests.sandbox.test_pages import fetch
from tests.waiting import PATIENCE

SEND = "/cgi-bin/message/custom/send"
DAY = 86_400
PICTURE = b"\x89PNG\r\n\x1a\n\r\n\n"


def text(openid: str, content: str = "您好") -> dict[str, object]:
    return {"touser": openid, "msgtype": "text", "text": {"content": content}}


def sent(account: Account, openid: str) -> int:
    return int(account.post(SEND, text(openid))["errcode"])


def test_five_answers_in_two_days_to_what_a_person_wrote(
    account: Account, control: Control, openid: str
) -> None:
    control.configure(token_seconds=7 * DAY)
    assert sent(account, openid) == 45015
    control.write(openid, "在吗")
    assert [sent(account, openid) for _ in range(6)] == [0, 0, 0, 0, 0, 45047]
    control.write(openid, "还在吗")
    control.advance_clock(2 * DAY + 1)
    assert sent(account, openid) == 45015


def test_three_in_a_minute_to_who_follows_or_presses_a_button(
    account: Account, control: Control
) -> None:
    newcomer = control.add_phone("新来的人", following=False)
    control.follow(newcomer)
    assert [sent(account, newcomer) for _ in range(4)] == [0, 0, 0, 45047]
    control.click(newcomer, "help")
    assert sent(account, newcomer) == 0
    control.advance_clock(61)
    assert sent(account, newcomer) == 45015


def test_who_left_is_not_written_to(account: Account, control: Control, openid: str) -> None:
    control.write(openid, "再见")
    control.unfollow(openid)
    assert sent(account, openid) == 45015


def test_the_phone_shows_what_was_said(account: Account, control: Control, openid: str) -> None:
    control.write(openid, "在吗")
    message = account.client.message
    message.send_text(openid, "请在截止前确认去向")
    kept = account.client.media.upload("image", ("a.png", BytesIO(PICTURE)))["media_id"]
    message.send_image(openid, kept)
    article = {"title": "登记指南", "description": "三步完成", "url": "http://a.test/guide"}
    message.send_articles(openid, [article])
    page = fetch(f"{account.url}/phone/{openid}")
    assert "请在截止前确认去向" in page
    assert f'href="{account.url}/media/{kept}">图片' in page
    assert 'href="http://a.test/guide">登记指南' in page


def test_a_file_comes_back_as_it_was_sent(account: Account, control: Control) -> None:
    control.configure(token_seconds=7 * DAY)
    kept = account.client.media.upload("image", ("去向.png", BytesIO(PICTURE)))
    assert account.client.media.download(kept["media_id"]).content == PICTURE
    address = account.client.media.upload_image(("b.png", BytesIO(PICTURE)))
    assert requests.get(address, timeout=PATIENCE).content == PICTURE
    control.advance_clock(3 * DAY + 1)
    with pytest.raises(WeChatClientException) as refused:
        account.client.media.download(kept["media_id"])
    assert refused.value.errcode == 40007


@pytest.mark.parametrize(
    ("kind", "size", "errcode"),
    [("picture", 5, 40004), ("image", 0, 41005), ("thumb", 64 * 1024 + 1, 40006)],
)
def test_files_the_platform_refuses_are_refused(
    account: Account, kind: str, size: int, errcode: int
) -> None:
    with pytest.raises(WeChatClientException) as refused:
        account.client.media.upload(kind, ("a", BytesIO(b"x" * size)))
    assert refused.value.errcode == errcode


@pytest.mark.parametrize(
    ("content", "errcode"),
    [
        ({"msgtype": "smell", "smell": {}}, 40008),
        ({"msgtype": "text"}, 47001),
        ({"msgtype": "text", "text": {"content": ""}}, 44004),
        ({"msgtype": "text", "text": {"content": "长" * 700}}, 45002),
        ({"msgtype": "image", "image": {"media_id": "x"}}, 40007),
        ({"msgtype": "news", "news": {"articles": [{}, {}]}}, 45008),
    ],
)
def test_messages_the_platform_refuses_cost_nothing(
    account: Account, control: Control, openid: str, content: dict[str, object], errcode: int
) -> None:
    control.write(openid, "在吗")
    for _ in range(6):
        assert account.post(SEND, {"touser": openid, **content})["errcode"] == errcode
    assert sent(account, openid) == 0


def test_typing_is_shown_to_who_did_something_just_now(
    account: Account, control: Control, openid: str
) -> None:
    path, typing = "/cgi-bin/message/custom/typing", {"touser": openid, "command": "Typing"}
    assert account.post(path, typing)["errcode"] == 45080
    control.write(openid, "在吗")
    assert account.post(path, typing)["errcode"] == 0
    assert account.post(path, typing | {"command": "Sing"})["errcode"] == 45072
