"""The mini program of the sandbox: codes good once, a token of its own, numbers counted."""

from typing import Any

import requests

from sandbox.config import Config
from sandbox.control import Control
from sandbox.mini_codes import mini_openid, unionid
from tests.sandbox.account import Account
from tests.waiting import PATIENCE

OWN = Config()


def session_of(account: Account, code: str, **changed: str) -> dict[str, Any]:
    asked = {
        "appid": OWN.mini_app_id,
        "secret": OWN.mini_app_secret,
        "js_code": code,
        "grant_type": "authorization_code",
    }
    address = f"{account.url}/sns/jscode2session"
    told: dict[str, Any] = requests.get(address, asked | changed, timeout=PATIENCE).json()
    return told


def number_of(account: Account, code: str, token: str = "", openid: str = "") -> dict[str, Any]:
    token = token or mini_token(account)
    address = f"{account.url}/wxa/business/getuserphonenumber?access_token={token}"
    asked = {"code": code, "openid": openid}
    told: dict[str, Any] = requests.post(address, json=asked, timeout=PATIENCE).json()
    return told


def mini_token(account: Account) -> str:
    asked = {
        "grant_type": "client_credential",
        "appid": OWN.mini_app_id,
        "secret": OWN.mini_app_secret,
    }
    address = f"{account.url}/cgi-bin/stable_token"
    return str(requests.post(address, json=asked, timeout=PATIENCE).json()["access_token"])


def test_a_login_code_names_a_person_once(account: Account, control: Control) -> None:
    openid = control.add_phone("李娟")
    code = control.login_code(openid)
    told = session_of(account, code)
    assert (told["openid"], told["unionid"]) == (mini_openid(openid), unionid(openid))
    assert told["openid"] != openid
    assert session_of(account, code)["errcode"] == 40163
    assert session_of(account, "nobodys")["errcode"] == 40029
    assert session_of(account, control.phone_code(openid))["errcode"] == 40029


def test_the_accounts_secret_opens_no_mini_program(account: Account, control: Control) -> None:
    code = control.login_code(control.add_phone("李娟"))
    assert session_of(account, code, appid=OWN.app_id)["errcode"] == 40013
    assert session_of(account, code, secret=OWN.app_secret)["errcode"] == 40125


def test_who_is_high_risk_is_shut_out(account: Account, control: Control) -> None:
    openid = control.add_phone("李娟", high_risk=True)
    assert session_of(account, control.login_code(openid))["errcode"] == 40226


def test_without_an_open_platform_there_is_no_unionid(account: Account, control: Control) -> None:
    control.configure(open_platform=False)
    openid = control.add_phone("李娟", following=True)
    assert "unionid" not in session_of(account, control.login_code(openid))
    assert "unionid" not in account.client.user.get(openid)


def test_a_number_is_told_once_and_counted(account: Account, control: Control) -> None:
    openid = control.add_phone("李娟", number="13900001111")
    before = control.counts()["totals"]["numbers_billed"]
    code = control.phone_code(openid)
    told = number_of(account, code)["phone_info"]
    assert told["purePhoneNumber"] == "13900001111"
    assert told["watermark"]["appid"] == OWN.mini_app_id
    assert number_of(account, code)["errcode"] == 40163
    other = control.phone_code(openid, "13900002222")
    assert number_of(account, other)["phone_info"]["purePhoneNumber"] == "13900002222"
    assert control.counts()["totals"]["numbers_billed"] == before + 2


def test_the_accounts_token_gets_no_number(account: Account, control: Control) -> None:
    code = control.phone_code(control.add_phone("李娟", number="13900001111"))
    account.client.fetch_access_token()
    assert number_of(account, code, account.client.access_token)["errcode"] == 40001


def test_a_code_of_another_person_is_none(account: Account, control: Control) -> None:
    code = control.phone_code(control.add_phone("李娟", number="13900001111"))
    theirs = mini_openid(control.add_phone("张三"))
    assert number_of(account, code, openid=theirs)["errcode"] == 40029


def test_a_phone_without_it_says_so(account: Account, control: Control) -> None:
    openid = control.add_phone("李娟")
    answer = requests.get(f"{account.url}/phone/{openid}/mini", timeout=PATIENCE)
    assert "微信版本过低" in answer.text
