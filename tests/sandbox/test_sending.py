"""Template messages: what is refused, what is recognised as a repeat, what is limited."""

import re
from typing import Any

import pytest

from sandbox.config import Config
from sandbox.control import Control
from sandbox.testing import RunningSandbox
from tests.sandbox.account import SEND, Account
from tests.waiting import PATIENCE

KEYWORDS = ["学校名称", "办理事项", "当前状态", "截止日期"]
RID = re.compile(r" rid: [0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}\Z")


@pytest.mark.parametrize(
    ("traits", "errcode"),
    [({"following": False}, 43004), ({"blacklisted": True}, 43019), ({"blocked": True}, 0)],
)
def test_the_relation_decides(
    account: Account, control: Control, traits: dict[str, Any], errcode: int
) -> None:
    assert account.send(control.add_phone("某人", **traits))["errcode"] == errcode


def test_a_refused_template_is_not_sent(account: Account, control: Control, openid: str) -> None:
    control.change_phone(openid, refused=[account.template()])
    assert account.send(openid)["errcode"] == 43101


@pytest.mark.parametrize(
    ("extra", "errcode"),
    [
        ({"touser": "nobody"}, 40003),
        ({"template_id": "none"}, 40037),
        ({"template_id": ""}, 40036),
        ({"client_msg_id": "x" * 33}, 45067),
        ({"url": "ftp://a/b"}, 40048),
        ({"url": "http://a/" + "b" * 1024}, 40039),
        ({"data": {}}, 47003),
        ({"data": "text"}, 47001),
    ],
)
def test_a_wrong_call_is_refused_with_the_platforms_code(
    account: Account, openid: str, extra: dict[str, Any], errcode: int
) -> None:
    answer = account.send(openid, **extra)
    assert answer["errcode"] == errcode
    assert RID.search(answer["errmsg"])


def test_where_strangers_are_let_in_a_made_up_openid_is_a_follower() -> None:
    stranger = "o" + "m" * 27
    with RunningSandbox(Config(strangers=True)) as sandbox, Account(sandbox) as account:
        assert account.send(stranger)["errcode"] == 0
        assert [each["openid"] for each in sandbox.control.messages()] == [stranger]
        for nobody in ("nobody", "x" * 28, "oSNAPSHOT" + "0" * 19):
            assert account.send(nobody)["errcode"] == 40003


def test_a_broken_body_is_47001(account: Account) -> None:
    query = {"access_token": account.client.access_token}
    answer = account.http.post(account.url + SEND, params=query, data="{", timeout=PATIENCE)
    assert answer.json()["errcode"] == 47001


def test_links_lead_only_to_known_hosts(account: Account, control: Control, openid: str) -> None:
    control.configure(link_hosts=["school.test"])
    assert account.send(openid, url="https://school.test/g")["errcode"] == 0
    assert account.send(openid, url="https://other.test/g")["errcode"] == 40048


def test_a_repeat_inside_ten_minutes_is_one_message(
    account: Account, control: Control, openid: str
) -> None:
    first, again = (account.send(openid, client_msg_id="c1") for _ in range(2))
    assert first == again
    assert len(list(control.messages())) == 1
    control.advance_clock(601)
    assert account.send(openid, client_msg_id="c1")["msgid"] != first["msgid"]
    assert len(list(control.messages())) == 2


def test_a_repeat_may_answer_a_new_number(account: Account, control: Control, openid: str) -> None:
    control.configure(repeat_answer="new")
    first, again = (account.send(openid, client_msg_id="c1") for _ in range(2))
    assert first["msgid"] != again["msgid"]
    assert len(list(control.messages())) == 1


def test_the_same_id_for_another_person_is_another_message(
    account: Account, control: Control
) -> None:
    for openid in control.add_phones([{"label": "甲"}, {"label": "乙"}]):
        account.send(openid, client_msg_id="c1")
    assert len(list(control.messages())) == 2


def test_the_window_is_a_setting(account: Account, control: Control, openid: str) -> None:
    control.configure(dedup_seconds=5)
    account.send(openid, client_msg_id="c1")
    control.advance_clock(6)
    account.send(openid, client_msg_id="c1")
    assert len(list(control.messages())) == 2


@pytest.mark.parametrize(
    ("limit", "errcode", "pause"),
    [("template_quota", 45009, 86_400), ("minute_quota", 45011, 60), ("person_cap", 43117, 86_400)],
)
def test_a_limit_holds_until_its_time_is_over(
    account: Account, control: Control, openid: str, limit: str, errcode: int, pause: int
) -> None:
    control.configure(**{limit: 1}, token_seconds=200_000)
    account.client.fetch_access_token()
    assert [account.send(openid)["errcode"] for _ in range(2)] == [0, errcode]
    control.advance_clock(pause)
    assert account.send(openid)["errcode"] == 0


def test_the_quota_can_be_read_and_cleared(account: Account, control: Control, openid: str) -> None:
    control.configure(template_quota=1)
    account.send(openid)
    quota = account.post("/cgi-bin/openapi/quota/get", {"cgi_path": SEND})["quota"]
    assert quota == {"daily_limit": 1, "used": 1, "remain": 0}
    assert account.post("/cgi-bin/clear_quota", {"appid": account.config.app_id})["errcode"] == 0
    assert account.send(openid)["errcode"] == 0


def test_bans_stop_one_template_or_the_account(
    account: Account, control: Control, openid: str
) -> None:
    control.ban_template(account.template())
    assert account.send(openid)["errcode"] == 43116
    control.configure(account_ban=48004)
    assert account.send(openid)["errcode"] == 48004


def test_templates_come_from_the_library_and_go(account: Account) -> None:
    gone = account.template()
    delete, add = "/cgi-bin/template/del_private_template", "/cgi-bin/template/api_add_template"
    assert account.post(delete, {"template_id": gone})["errcode"] == 0
    asked = {"template_id_short": "43104", "keyword_name_list": KEYWORDS}
    assert account.post(add, asked)["template_id"] == gone


def test_a_template_has_the_keywords_that_were_asked_for(account: Account) -> None:
    add = "/cgi-bin/template/api_add_template"
    wrong: list[object] = [None, [], "学校名称", ["没有这个词"], [{}]]
    for keywords in wrong:
        asked = {"template_id_short": "43104", "keyword_name_list": keywords}
        assert account.post(add, asked)["errcode"] == 40246
    asked = {"template_id_short": "43104", "keyword_name_list": ["截止日期", "学校名称"]}
    made = account.post(add, asked)["template_id"]
    listed = account.client.template.get_all_private_template()["template_list"]
    [content] = [each["content"] for each in listed if each["template_id"] == made]
    assert content == "截止日期:{{time8.DATA}}\n学校名称:{{thing10.DATA}}\n"


def test_counts_tell_calls_from_accepted(account: Account, control: Control, openid: str) -> None:
    account.send(openid)
    account.send(openid, data={})
    [counted] = control.counts(openid=openid)["recipients"]
    assert (counted["calls"], counted["accepted"]) == (2, 1)


def test_what_a_blocking_person_gets_is_accepted_but_not_seen(
    account: Account, control: Control
) -> None:
    account.send(control.add_phone("某人", blocked=True))
    assert list(control.messages()) == []
    assert [one["status"] for one in control.messages(unseen=True)] == ["failed:user block"]
    listed = account.post("/wxa/sec/queryblocktmplmsg", {"tmpl_msg_id": account.template()})
    assert len(listed["msginfo"]) == 1
