"""The sandbox's one-time notices: each acceptance one, and the platform's refusals."""

from typing import Any

import requests

from sandbox.account_templates import template_id_of
from sandbox.config import Config
from sandbox.control import Control
from sandbox.mini_codes import mini_openid
from tests.sandbox.account import Account
from tests.sandbox.test_mini_program import mini_token
from tests.waiting import PATIENCE

REVIEWS = template_id_of(Config().mini_app_id, "审核结果通知")
DATA = {
    "thing6": {"value": "毕业去向登记"},
    "phrase3": {"value": "未通过"},
    "thing9": {"value": "照片不清楚"},
    "time4": {"value": "2026年6月3日 09:12"},
}


def send(account: Account, openid: str, **changed: object) -> int:
    asked = {"touser": mini_openid(openid), "template_id": REVIEWS, "data": DATA} | changed
    address = f"{account.url}/cgi-bin/message/subscribe/send"
    query = {"access_token": mini_token(account)}
    told = requests.post(address, params=query, json=asked, timeout=PATIENCE).json()
    return int(told["errcode"])


def test_each_acceptance_is_one_notice(account: Account, control: Control) -> None:
    openid = control.add_phone("李娟", following=False)
    assert send(account, openid) == 43101
    control.allow_notices(openid, REVIEWS, 2)
    page = "pages/start/start?to=home"
    assert [send(account, openid, page=page) for _ in range(3)] == [0, 0, 43101]
    shown = control.notices(openid=openid)
    assert [each["page"] for each in shown] == [page, page]
    assert shown[0]["data"]["phrase3"] == "未通过"


def test_what_does_not_fit_is_refused_and_uses_nothing_up(
    account: Account, control: Control
) -> None:
    openid = control.add_phone("李娟")
    control.allow_notices(openid, REVIEWS)
    assert send(account, openid, page="pages/none") == 41030
    assert send(account, openid, template_id="T" * 43) == 40037
    assert send(account, openid, touser=openid) == 40003
    assert send(account, openid, data=DATA | {"thing9": {"value": "长" * 21}}) == 47003
    assert send(account, openid, miniprogram_state="other") == 40097
    assert send(account, openid) == 0


def test_the_accounts_token_sends_no_notice(account: Account, control: Control) -> None:
    openid = control.add_phone("李娟")
    account.client.fetch_access_token()
    address = f"{account.url}/cgi-bin/message/subscribe/send"
    query = {"access_token": account.client.access_token}
    told = requests.post(address, params=query, json={}, timeout=PATIENCE).json()
    assert told["errcode"] == 40001
    assert control.notices(openid=openid) == []


def listed(account: Account) -> list[dict[str, Any]]:
    address = f"{account.url}/wxaapi/newtmpl/gettemplate"
    query = {"access_token": mini_token(account)}
    found: list[dict[str, Any]] = requests.get(address, query, timeout=PATIENCE).json()["data"]
    return found


def test_the_templates_are_listed(account: Account, control: Control) -> None:
    control.mini_template("T" * 43, "其他通知", "内容:{{thing1.DATA}}\n")
    assert {"T" * 43, REVIEWS} <= {each["priTmplId"] for each in listed(account)}
    control.remove_mini_template("T" * 43)
    assert "T" * 43 not in {each["priTmplId"] for each in listed(account)}
