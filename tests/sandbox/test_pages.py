"""The phone pages: what people see, and that the pages are sound HTML."""

from collections.abc import Iterator
from pathlib import Path

import html5lib
import pytest
import requests

from sandbox.control import Control
from sandbox.testing import RunningSandbox
from tests.sandbox.account import Account, AccountServer
from tests.waiting import PATIENCE

MENU = {
    "button": [
        {
            "name": "去向登记",
            "sub_button": [
                {"type": "view", "name": "登记", "url": "http://a.test/g"},
                {"type": "click", "name": "帮助", "key": "help"},
            ],
        }
    ]
}


@pytest.fixture
def phone(sandbox: RunningSandbox, openid: str) -> str:
    return f"{sandbox.url}/phone/{openid}"


def fetch(url: str) -> str:
    answer = requests.get(url, timeout=PATIENCE)
    assert answer.status_code == 200
    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
    html5lib.HTMLParser(strict=True).parse(answer.text)
    return answer.text


def press(url: str, **form: str) -> str:
    answer = requests.post(url, data=form, timeout=PATIENCE)
    assert answer.status_code == 200
    return answer.text


@pytest.mark.parametrize("path", ["/", "/?q=nobody", "/platform"])
def test_the_sandboxs_own_pages_are_sound(sandbox: RunningSandbox, openid: str, path: str) -> None:
    fetch(sandbox.url + path)


@pytest.mark.parametrize("panel", ["", "settings", "sms", "keyboard", "nonsense"])
def test_every_panel_of_a_phone_is_sound(phone: str, account: Account, panel: str) -> None:
    account.client.menu.create(MENU)
    fetch(f"{phone}?panel={panel}")


def test_a_card_shows_title_labels_and_values(phone: str, account: Account, openid: str) -> None:
    account.send(openid, url="http://a.test/g/confirm")
    page = fetch(phone)
    assert "<h2>去向登记确认提醒</h2>" in page
    assert "<dt>学校名称</dt><dd>某某大学</dd>" in "".join(page.split())
    assert 'href="http://a.test/g/confirm">查看详情' in page


def test_what_people_write_is_text_and_not_markup(phone: str) -> None:
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in press(
        phone, act="write", value="<script>alert(1)</script>"
    )


def test_a_newcomer_sees_the_profile_and_follows(sandbox: RunningSandbox) -> None:
    page = press(f"{sandbox.url}/", label="新手机", number="13900139000")
    assert "关注公众号" in page
    [made] = requests.get(f"{sandbox.url}/control/phones", timeout=PATIENCE).json()["phones"]
    url = f"{sandbox.url}/phone/{made['openid']}"
    fetch(url)
    assert "你已关注" in press(url, act="follow")
    assert "关注公众号" in press(url, act="unfollow")


def test_a_phone_without_a_name_is_not_made(sandbox: RunningSandbox) -> None:
    answer = requests.post(f"{sandbox.url}/", data={"label": " "}, timeout=PATIENCE)
    assert answer.status_code == 400
    assert "请返回填写手机名称" in answer.text


def test_switches_turn(phone: str, control: Control, account: Account, openid: str) -> None:
    template = account.template()
    for act in ("block", "snapshot", "refuse"):
        press(phone, act=act, value=template)
    turned = control.phone(openid)
    assert (turned["blocked"], turned["snapshot"], turned["refused"]) == (True, True, [template])
    press(phone, act="refuse", value=template)
    assert control.phone(openid)["refused"] == []


def test_the_menu_opens_pages_and_pushes_its_events(
    phone: str, account: Account, control: Control, account_server: AccountServer
) -> None:
    account.client.menu.create(MENU)
    answer = requests.get(f"{phone}/menu/0-0", timeout=PATIENCE, allow_redirects=False)
    assert answer.headers["Location"] == "http://a.test/g"
    press(phone, act="press", value="0-1")
    control.wait_until_pushed()
    received = {one.event: one for one in account_server.messages(account.config)}
    assert received["view"].url == "http://a.test/g"
    assert received["click"].key == "help"


def test_a_scanned_code_brings_its_scene(
    account: Account, control: Control, browser: requests.Session
) -> None:
    openid = control.add_phone("某人", following=False)
    made = account.client.qrcode.create(
        {"action_name": "QR_STR_SCENE", "action_info": {"scene": {"scene_str": "s1"}}}
    )
    picture = browser.get(
        f"{account.url}/cgi-bin/showqrcode", params={"ticket": made["ticket"]}, timeout=5
    )
    assert picture.content.startswith(b"\x89PNG")
    browser.get(f"{account.url}/phone/{openid}", timeout=PATIENCE)
    browser.get(made["url"], timeout=PATIENCE)
    assert control.phone(openid)["scene"] == "s1"
    assert account.client.user.get(openid)["qr_scene_str"] == "s1"


@pytest.fixture
def live(phone: str) -> Iterator[requests.Response]:
    with requests.get(f"{phone}/live", stream=True, timeout=PATIENCE) as stream:
        yield stream


def test_an_open_page_is_told_when_something_arrives(
    live: requests.Response, account: Account, openid: str
) -> None:
    account.send(openid)
    assert next(live.iter_lines()) == b"data: new"


def test_an_open_page_is_told_of_texts(
    live: requests.Response, control: Control, openid: str
) -> None:
    control.write(openid, "你好")
    assert next(live.iter_lines()) == b"data: new"


def test_the_platform_page_orders_and_withdraws_faults(
    sandbox: RunningSandbox, control: Control
) -> None:
    url = f"{sandbox.url}/platform"
    page = press(url, behaviour="delay", path="/sms", times="3", seconds="2", errcode="-1")
    assert "响应延迟" in page
    assert [one["times"] for one in control.faults()] == [3]
    fetch(url)
    press(url, clear="0")
    assert control.faults() == []


def test_another_sites_form_is_refused(phone: str) -> None:
    foreign = {"Origin": "http://evil.test"}
    answer = requests.post(phone, data={"act": "unfollow"}, headers=foreign, timeout=PATIENCE)
    assert answer.status_code == 403


@pytest.mark.parametrize("path", ["/phone/nobody", "/nothing"])
def test_what_is_not_there_is_404(sandbox: RunningSandbox, path: str) -> None:
    assert requests.get(sandbox.url + path, timeout=PATIENCE).status_code == 404


def test_phones_are_chosen_by_what_they_can_show(sandbox: RunningSandbox, control: Control) -> None:
    unbound = {"label": "郑怡", "about": "青禾大学 证件号码 42010220050205423X", "tags": ["未绑定"]}
    control.add_phones([unbound, {"label": "沈明书", "about": "青禾大学", "tags": ["去向待确认"]}])
    chosen = fetch(f"{sandbox.url}/?tag=未绑定")
    assert "42010220050205423X" in chosen
    assert "沈明书" not in chosen
    assert "沈明书" in fetch(f"{sandbox.url}/?q=青禾大学")


def test_another_phone_is_offered_with_who_its_owner_is(
    control: Control, phone: str, openid: str
) -> None:
    [other] = control.add_phones([{"label": "郑怡", "about": "青禾大学", "tags": ["未绑定"]}])
    control.change_phone(openid, tags=["未绑定"], about="泰岳学院")
    page = fetch(phone)
    assert f'href="/phone/{other}">郑怡<small>青禾大学' in "".join(page.split("\n"))
    assert "泰岳学院" in page


def test_phones_with_messages_are_found_as_such(
    sandbox: RunningSandbox, control: Control, account: Account, phone: str, openid: str
) -> None:
    written = control.add_phone("收到消息的人")
    assert "有消息" not in fetch(phone)
    account.send(written)
    assert "<h2>有消息</h2>" in fetch(phone)
    listed = fetch(f"{sandbox.url}/?tag=有消息")
    assert (written in listed, openid in listed) == (True, False)


def test_a_newcomer_begins_with_a_phone_to_try(sandbox: RunningSandbox, control: Control) -> None:
    control.add_phone("在册的人", tags=["去向已确认"])
    unbound = control.add_phone("新来的人", following=False, tags=["未绑定"])
    assert "新来的人</span>" in fetch(f"{sandbox.url}/").replace("<small>", "</span>")
    control.configure(guide=["关注公众号"])
    begun = requests.get(f"{sandbox.url}/", timeout=PATIENCE)
    assert begun.url == f"{sandbox.url}/phone/{unbound}"
    assert "在册的人" in fetch(f"{sandbox.url}/?q=")


def test_the_calls_stand_in_a_drawer_beside_every_phone(phone: str, account: Account) -> None:
    assert '<iframe src="/platform"' in fetch(phone)
    account.template()
    assert "/cgi-bin/template/get_all_private_template" in fetch(f"{account.url}/platform")


def test_a_phone_says_what_to_try_first(control: Control, phone: str) -> None:
    assert "试试这三步" not in fetch(phone)
    control.configure(guide=['打开<a href="http://a.test/verify">查验页面</a>', "<b>再看</b>"])
    page = fetch(phone)
    assert '<a href="http://a.test/verify" target="_blank">查验页面</a>' in page
    assert "&lt;b&gt;再看&lt;/b&gt;" in page


def test_pages_open_beside_the_phone_but_the_phone_in_no_others_frame(phone: str) -> None:
    policy = requests.get(phone, timeout=PATIENCE).headers["Content-Security-Policy"]
    assert "frame-src http: https:" in policy
    assert "frame-ancestors 'self';" in policy


def test_the_account_bears_the_mark_of_the_pages_it_leads_to(repository: Path) -> None:
    pages = repository / "wxapp" / "static" / "mark.svg"
    account = repository / "sandbox" / "static" / "account.svg"
    assert account.read_bytes() == pages.read_bytes()
