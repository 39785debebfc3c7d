"""What the sandbox knew it knows again after a restart."""

import json
from pathlib import Path

import requests

from sandbox.config import Config
from sandbox.control import Control
from sandbox.journal import Journal
from sandbox.testing import RunningSandbox
from tests.sandbox.account import Account
from tests.waiting import PATIENCE

MENU = {"button": [{"name": "帮助", "type": "click", "key": "help"}]}


def test_people_messages_menu_and_tokens_survive(tmp_path: Path) -> None:
    config = Config(data_dir=tmp_path)
    with RunningSandbox(config) as before, Account(before) as account:
        openid = before.control.add_phone("李娟", "13800138000")
        first = account.send(openid, client_msg_id="c1")
        account.client.menu.create(MENU)
        before.control.write(openid, "你好")
        token = account.client.access_token
    with RunningSandbox(config) as after, Account(after) as account:
        account.client.session.set(account.client.access_token_key, token)
        assert after.control.phone(openid)["label"] == "李娟"
        assert account.client.menu.get() == {"menu": MENU}
        assert account.send(openid, client_msg_id="c1") == first
        assert account.send(openid)["msgid"] > first["msgid"]
        assert [one["seq"] for one in after.control.messages()] == [1, 2]
        assert "你好" in requests.get(f"{after.url}/phone/{openid}", timeout=PATIENCE).text


def test_the_ground_truth_is_a_line_a_message(tmp_path: Path) -> None:
    with (
        RunningSandbox(Config(data_dir=tmp_path, fsync=True)) as sandbox,
        Account(sandbox) as account,
    ):
        openid = sandbox.control.add_phone("李娟")
        account.send(openid, client_msg_id="c1", url="http://a.test/g")
        lines = (tmp_path / "messages.jsonl").read_text().splitlines()
    [truth] = map(json.loads, lines)
    assert truth["openid"] == openid
    assert truth["client_msg_id"] == "c1"
    assert truth["url"] == "http://a.test/g"


def test_what_nobody_sees_is_not_in_the_ground_truth(tmp_path: Path) -> None:
    with RunningSandbox(Config(data_dir=tmp_path)) as sandbox, Account(sandbox) as account:
        account.send(sandbox.control.add_phone("某人", blocked=True))
    assert not (tmp_path / "messages.jsonl").exists()
    assert "failed:user block" in (tmp_path / "unseen.jsonl").read_text()


def test_the_days_quota_is_not_given_back_by_a_restart(tmp_path: Path) -> None:
    config = Config(data_dir=tmp_path, template_quota=1)
    with RunningSandbox(config) as before, Account(before) as account:
        openid = before.control.add_phone("李娟")
        account.send(openid)
    with RunningSandbox(config) as after, Account(after) as account:
        assert account.send(openid)["errcode"] == 45009


def test_a_line_cut_off_by_a_crash_is_dropped(tmp_path: Path) -> None:
    path = tmp_path / "some.jsonl"
    path.write_text('{"a":1}\n{"a":')
    journal = Journal(path)
    assert list(journal.replay()) == [{"a": 1}]
    journal.append({"a": 2})
    journal.close()
    assert list(Journal(path).replay()) == [{"a": 1}, {"a": 2}]


def test_control_can_be_off(tmp_path: Path) -> None:
    with RunningSandbox(Config(control=False)) as sandbox:
        for path in ("messages", "phones", "faults"):
            assert (
                requests.get(f"{sandbox.url}/control/{path}", timeout=PATIENCE).status_code == 403
            )
        assert (
            requests.post(f"{sandbox.url}/platform", data={}, timeout=PATIENCE).status_code == 405
        )


def test_thousands_of_phones_are_made_in_one_call(control: Control) -> None:
    made = control.add_phones({"label": f"手机 {number}"} for number in range(5_000))
    assert len(set(made)) == 5_000
    assert control.counts()["totals"]["phones"] == 5_000
