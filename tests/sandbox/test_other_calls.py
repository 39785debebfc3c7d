"""What the platform does not have, and what an account asks about itself."""

import pytest
import requests
from wechatpy.exceptions import WeChatOAuthException

from sandbox.control import Control
from tests.sandbox.account import Account
from tests.sandbox.test_client import code_in, oauth_of, visit
from tests.waiting import PATIENCE


@pytest.mark.parametrize(
    ("method", "path", "errcode"),
    [
        ("GET", "/cgi-bin/message/template/send", 43002),
        ("POST", "/cgi-bin/user/get", 43001),
        ("DELETE", "/cgi-bin/user/get", 40066),
        ("GET", "/cgi-bin/no/such/path", 40066),
        ("POST", "/sns/nothing", 40066),
        ("POST", "/wxa/nothing", 40066),
    ],
)
def test_wrong_methods_and_paths_are_refused_in_the_platforms_words(
    account: Account, control: Control, method: str, path: str, errcode: int
) -> None:
    answer = account.http.request(method, account.url + path, timeout=PATIENCE)
    assert (answer.status_code, answer.json()["errcode"]) == (200, errcode)
    assert control.calls()[-1]["path"] == path


def test_the_account_answers_by_its_own_server(account: Account) -> None:
    assert account.client.message.get_autoreply_info()["is_autoreply_open"] == 0


def test_what_clients_ask_when_they_start_is_answered(account: Account) -> None:
    """Of the account, as WxJava and EasyWeChat ask it."""
    for name in ("getcallbackip", "get_api_domain_ip"):
        url, query = f"{account.url}/cgi-bin/{name}", {"access_token": account.client.access_token}
        answer = account.http.get(url, params=query, timeout=PATIENCE).json()
        assert answer["ip_list"] == ["127.0.0.1"]


def test_the_days_count_begins_anew_by_token_or_by_secret(account: Account, openid: str) -> None:
    asked = {"cgi_path": "/cgi-bin/message/template/send"}
    config, secret = account.config, {"appsecret": account.config.app_secret}
    for path, more in (("/cgi-bin/clear_quota", {}), ("/cgi-bin/clear_quota/v2", secret)):
        account.send(openid)
        assert account.post("/cgi-bin/openapi/quota/get", asked)["quota"]["used"] == 1
        assert account.post(path, {"appid": config.app_id, **more})["errcode"] == 0
        assert account.post("/cgi-bin/openapi/quota/get", asked)["quota"]["used"] == 0
    wrong = {"appid": config.app_id, "appsecret": "x"}
    assert account.post("/cgi-bin/clear_quota/v2", wrong)["errcode"] == 40125


def test_the_way_to_its_server_is_told(account: Account, control: Control) -> None:
    told = account.post("/cgi-bin/callback/check", {"action": "all", "check_operator": "DEFAULT"})
    assert (told["dns"][0]["ip"], told["ping"][0]["ip"]) == ("127.0.0.1", "127.0.0.1")
    refused = account.post("/cgi-bin/callback/check", {"action": "smell"})
    assert refused["errcode"] == 40202
    control.configure(callback_url="")
    assert account.post("/cgi-bin/callback/check", {"action": "all"})["errcode"] == 40201


def test_a_user_token_is_renewed_and_checked(
    account: Account, browser: requests.Session, control: Control, openid: str
) -> None:
    oauth = oauth_of(account)
    oauth.fetch_access_token(code_in(visit(browser, account, openid, oauth)))
    first = oauth.access_token
    assert oauth.check_access_token() is True
    control.advance_clock(7_201)
    with pytest.raises(WeChatOAuthException) as refused:
        oauth.check_access_token()
    assert refused.value.errcode == 42001
    renewed = oauth.refresh_access_token(oauth.refresh_token)
    assert renewed["openid"] == openid
    assert oauth.access_token != first
    assert oauth.check_access_token() is True


def test_a_user_token_lives_two_hours_from_its_exchange(
    account: Account, browser: requests.Session, control: Control, openid: str
) -> None:
    oauth = oauth_of(account)
    code = code_in(visit(browser, account, openid, oauth))
    control.advance_clock(250)
    oauth.fetch_access_token(code)
    control.advance_clock(7_100)
    assert oauth.check_access_token() is True


def test_a_refresh_token_lives_thirty_days(
    account: Account, browser: requests.Session, control: Control, openid: str
) -> None:
    oauth = oauth_of(account)
    got = oauth.fetch_access_token(code_in(visit(browser, account, openid, oauth)))
    asked = {
        "appid": account.config.app_id,
        "grant_type": "refresh_token",
        "refresh_token": got["refresh_token"],
    }

    def errcode(**changed: str) -> int:
        url = f"{account.url}/sns/oauth2/refresh_token"
        answer = account.http.get(url, params=asked | changed, timeout=PATIENCE).json()
        return int(answer.get("errcode", 0))

    assert errcode() == 0
    assert errcode(refresh_token="x") == 40030
    assert errcode(appid="x") == 40013
    assert errcode(grant_type="x") == 40002
    control.advance_clock(30 * 86_400 + 1)
    assert errcode() == 42002
