"""wechatpy's own client works against the sandbox, unchanged but for the address."""

from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from wechatpy.exceptions import WeChatOAuthException
from wechatpy.oauth import WeChatOAuth

from sandbox.control import Control
from tests.sandbox.account import FITTING, Account
from tests.waiting import PATIENCE

MENU = {
    "button": [
        {"name": "去向登记", "sub_button": [{"type": "view", "name": "登记", "url": "http://a/g"}]},
        {"name": "帮助", "type": "click", "key": "help"},
    ]
}


def test_a_template_message_is_sent(account: Account, control: Control, openid: str) -> None:
    answer = account.client.message.send_template(
        openid, account.template(), FITTING, url="http://a/g"
    )
    [seen] = control.messages(openid=openid)
    assert answer["msgid"] == seen["msgid"] > 2**53
    assert seen["data"]["thing10"] == "某某大学"
    assert seen["url"] == "http://a/g"


def test_the_menu_is_set_read_and_deleted(account: Account) -> None:
    account.client.menu.create(MENU)
    assert account.client.menu.get() == {"menu": MENU}
    account.client.menu.delete()
    # wechatpy turns the platform's 46003 into None.
    assert account.client.menu.get() is None


def test_followers_are_paged_to_the_end(account: Account, control: Control) -> None:
    made = control.add_phones([{"label": str(number)} for number in range(25)])
    control.add_phone("路人", following=False)
    control.configure(page_size=10)
    assert sorted(account.client.user.iter_followers()) == sorted(made)


def test_people_are_looked_up_one_by_one_and_in_batches(account: Account, control: Control) -> None:
    here, gone = control.add_phone("在"), control.add_phone("走", following=False)
    assert account.client.user.get(here)["subscribe"] == 1
    batch = account.client.user.get_batch([here, gone])
    assert [one["subscribe"] for one in batch] == [1, 0]


def test_a_batch_has_at_most_a_hundred(account: Account, openid: str) -> None:
    listed = [{"openid": openid}] * 101
    assert account.post("/cgi-bin/user/info/batchget", {"user_list": listed})["errcode"] == 40097


def oauth_of(account: Account, scope: str = "snsapi_base", state: str = "s1") -> WeChatOAuth:
    class OAuth(WeChatOAuth):  # type: ignore[misc]  # wechatpy has no types
        API_BASE_URL = f"{account.url}/"
        OAUTH_BASE_URL = f"{account.url}/connect/"

    config = account.config
    oauth = OAuth(config.app_id, config.app_secret, "http://a.test/back?x=1", scope, state)
    oauth._http.close()
    oauth._http = account.http
    return oauth


def visit(browser: requests.Session, account: Account, openid: str, oauth: WeChatOAuth) -> str:
    """Open the phone, then the authorize page; return where it leads."""
    browser.get(f"{account.url}/phone/{openid}", timeout=PATIENCE)
    answer = browser.get(oauth.authorize_url, timeout=PATIENCE, allow_redirects=False)
    return answer.headers.get("Location", answer.text)


def code_in(address: str) -> str:
    return parse_qs(urlsplit(address).query)["code"][0]


def test_oauth_finds_the_phone_of_the_browser(
    account: Account, browser: requests.Session, openid: str
) -> None:
    oauth = oauth_of(account)
    back = visit(browser, account, openid, oauth)
    assert back.startswith("http://a.test/back?x=1&code=")
    assert parse_qs(urlsplit(back).query)["state"] == ["s1"]
    answer = oauth.fetch_access_token(code_in(back))
    assert answer["openid"] == openid
    assert "is_snapshotuser" not in answer


def test_a_code_works_once_and_for_five_minutes(
    account: Account, browser: requests.Session, control: Control, openid: str
) -> None:
    oauth = oauth_of(account)
    used, late = (code_in(visit(browser, account, openid, oauth)) for _ in range(2))
    oauth.fetch_access_token(used)
    control.advance_clock(301)
    assert refusal_of(oauth, used) == 40163
    assert refusal_of(oauth, late) == 42003
    assert refusal_of(oauth, "made-up") == 40029


def refusal_of(oauth: WeChatOAuth, code: str) -> int:
    with pytest.raises(WeChatOAuthException) as refused:
        oauth.fetch_access_token(code)
    return int(refused.value.errcode)


def test_a_snapshot_visitor_is_a_virtual_person(
    account: Account, browser: requests.Session, control: Control, openid: str
) -> None:
    control.change_phone(openid, snapshot=True)
    oauth = oauth_of(account)
    answer = oauth.fetch_access_token(code_in(visit(browser, account, openid, oauth)))
    assert answer["is_snapshotuser"] == 1
    assert answer["openid"] != openid


def test_a_stranger_is_asked_before_the_name_is_shown(
    account: Account, browser: requests.Session, control: Control
) -> None:
    stranger = control.add_phone("路人", following=False)
    oauth = oauth_of(account, "snsapi_userinfo")
    assert "允许" in visit(browser, account, stranger, oauth)
    agreed = oauth.authorize_url.replace("#", "&agreed=yes#")
    answer = browser.get(agreed, timeout=PATIENCE, allow_redirects=False)
    oauth.fetch_access_token(code_in(answer.headers["Location"]))
    assert oauth.get_user_info()["nickname"] == "路人"


def test_a_foreign_redirect_host_is_refused(
    account: Account, browser: requests.Session, control: Control, openid: str
) -> None:
    control.configure(redirect_host="school.test")
    assert "10003" in visit(browser, account, openid, oauth_of(account))


@pytest.mark.parametrize("state", ["x" * 129, "a-b"])
def test_a_state_the_platform_would_not_carry_is_refused(
    account: Account, browser: requests.Session, openid: str, state: str
) -> None:
    assert "state 参数错误" in visit(browser, account, openid, oauth_of(account, state=state))


def test_a_browser_that_is_no_phone_chooses_one(
    account: Account, browser: requests.Session, openid: str
) -> None:
    address = oauth_of(account).authorize_url
    assert "李娟" in browser.get(address, timeout=PATIENCE).text
    chosen = address.replace("#", f"&phone={openid}#")
    assert browser.get(chosen, timeout=PATIENCE, allow_redirects=False).status_code == 302
