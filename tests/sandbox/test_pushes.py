"""Events reach the account's server signed and encrypted, and its answers reach the phone."""

from typing import Any

import pytest
import requests
from wechatpy import parse_message
from wechatpy.crypto import WeChatCrypto
from wechatpy.utils import check_signature

from sandbox.control import Control
from sandbox.testing import RunningSandbox
from tests.sandbox.account import Account, AccountServer
from tests.waiting import PATIENCE

TEXT_REPLY = "<xml><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[{}]]></Content></xml>"


def chat(sandbox: RunningSandbox, openid: str) -> str:
    return requests.get(f"{sandbox.url}/phone/{openid}", timeout=PATIENCE).text


def test_every_event_is_readable_by_wechatpy(
    account: Account, control: Control, account_server: AccountServer
) -> None:
    openid = control.add_phone("某人", following=False)
    control.follow(openid, scene="school-1")
    control.wait_until_pushed()
    control.follow(openid, scene="school-2")
    control.click(openid, "help")
    control.write(openid, "你好")
    control.unfollow(openid)
    control.wait_until_pushed()
    received = account_server.messages(account.config)
    events = {getattr(one, "event", one.type) for one in received}
    assert events == {"subscribe_scan", "scan", "click", "text", "unsubscribe"}
    assert {one.source for one in received} == {openid}
    assert received[0].scene_id == "school-1"


def test_a_receipt_follows_each_message(
    account: Account, control: Control, account_server: AccountServer, openid: str
) -> None:
    msgid = account.send(openid)["msgid"]
    control.wait_until_pushed()
    [receipt] = account_server.messages(account.config)
    assert (receipt.id, receipt.status, receipt.source) == (msgid, "success", openid)


def test_a_person_who_blocks_is_told_of(
    account: Account, control: Control, account_server: AccountServer
) -> None:
    account.send(control.add_phone("某人", blocked=True))
    control.wait_until_pushed()
    [receipt] = account_server.messages(account.config)
    assert receipt.status == "failed:user block"


def test_safe_mode_shows_nothing_outside(
    control: Control, account_server: AccountServer, openid: str
) -> None:
    control.write(openid, "秘密")
    control.wait_until_pushed()
    [(query, body)] = account_server.pushes
    assert openid.encode() not in body
    assert query["encrypt_type"] == "aes"
    assert query["openid"] == openid


@pytest.mark.parametrize("mode", ["plain", "compatible"])
def test_the_other_modes_show_the_clear_document(
    account: Account, control: Control, account_server: AccountServer, openid: str, mode: str
) -> None:
    control.configure(callback_mode=mode)
    control.write(openid, "你好")
    control.wait_until_pushed()
    [(query, body)] = account_server.pushes
    check_signature(
        account.config.callback_token, query["signature"], query["timestamp"], query["nonce"]
    )
    assert parse_message(body.decode()).content == "你好"
    assert (b"<Encrypt>" in body) == (mode == "compatible")


def test_an_encrypted_answer_is_shown_on_the_phone(
    account: Account,
    sandbox: RunningSandbox,
    control: Control,
    account_server: AccountServer,
    openid: str,
) -> None:
    config = account.config
    crypto = WeChatCrypto(config.callback_token, config.aes_key, config.app_id)
    reply = TEXT_REPLY.format('欢迎，<a href="http://a.test/g">去登记</a>')
    account_server.answers = [(200, crypto.encrypt_message(reply, "nonce").encode())]
    control.write(openid, "你好")
    control.wait_until_pushed()
    assert '欢迎，<a data-opens href="http://a.test/g">去登记</a>' in chat(sandbox, openid)


@pytest.mark.parametrize(
    "answer",
    [
        (500, b""),
        (200, b"rubbish"),
        (200, TEXT_REPLY.format("没有加密").encode()),
        (200, b"<xml><Encrypt>eA==</Encrypt><MsgSignature>x</MsgSignature></xml>"),
        (200, b"\xff\xfe"),
    ],
)
def test_a_server_that_fails_three_times_is_out_of_order(
    sandbox: RunningSandbox,
    control: Control,
    account_server: AccountServer,
    openid: str,
    answer: tuple[int, bytes],
) -> None:
    account_server.answers = [answer] * 3
    control.write(openid, "你好")
    control.wait_until_pushed()
    assert len(account_server.pushes) == 3
    assert "服务出现故障" in chat(sandbox, openid)
    assert control.counts()["pushes"]["failed"] == 1


def test_the_second_try_is_enough(
    sandbox: RunningSandbox, control: Control, account_server: AccountServer, openid: str
) -> None:
    account_server.answers = [(502, b"")]
    control.write(openid, "你好")
    control.wait_until_pushed()
    assert control.counts()["pushes"] == {"tries": 2, "delivered": 1, "pending": 0}
    assert "服务出现故障" not in chat(sandbox, openid)


def test_the_address_is_verified_as_the_console_does(control: Control) -> None:
    assert control.verify_callback()
    control.configure(callback_url="http://127.0.0.1:9/none")
    assert not control.verify_callback()


@pytest.mark.parametrize(
    "settings", [{"app_id": "x"}, {"callback_mode": "open"}, {"page_size": "10"}, {"no": 1}]
)
def test_settings_that_cannot_be_are_refused(
    sandbox: RunningSandbox, settings: dict[str, Any]
) -> None:
    answer = requests.post(f"{sandbox.url}/control/settings", json=settings, timeout=PATIENCE)
    assert answer.status_code == 400
