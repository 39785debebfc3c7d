"""Whatever is sent to the sandbox's own pages is answered in words, never with HTTP 500."""

import base64
import json

import pytest
import requests

from sandbox.app import create_app
from sandbox.config import Config
from sandbox.control import Control
from sandbox.testing import RunningSandbox
from tests.sandbox.account import Account
from tests.waiting import PATIENCE

UNREADABLE = (
    ("application/x-www-form-urlencoded; charset=nowhere", b"act=%ff&b"),
    ("multipart/form-data", b"{"),
    ("multipart/form-data; boundary=", b"--x"),
    ("multipart/form-data; boundary=x", b"\xff\xfe"),
    ("application/json; charset=nowhere", b"{}"),
    ("application/json", b"[" * 50_000),
    ("application/json", b'"text"'),
    ("text/plain; charset=x", b"--x"),
)


def doors() -> list[tuple[str, str]]:
    """Return method and path of everything that takes something."""
    return sorted(
        {
            (route.method, route.resource.canonical)
            for route in create_app(Config()).router.routes()
            if route.resource is not None and route.method in {"POST", "PATCH", "DELETE"}
        }
    )


@pytest.mark.parametrize(("kind", "raw"), UNREADABLE)
def test_a_form_that_cannot_be_read_is_answered(
    sandbox: RunningSandbox, openid: str, kind: str, raw: bytes
) -> None:
    with requests.Session() as http:
        for method, path in doors():
            url = sandbox.url + path.format(openid=openid, token="x")
            answer = http.request(
                method, url, data=raw, headers={"Content-Type": kind}, timeout=PATIENCE
            )
            assert answer.status_code < 500, (method, path)


@pytest.mark.parametrize(
    ("path", "wish"),
    [
        ("faults", {"behaviour": "delay", "seconds": "x"}),
        ("faults", {"behaviour": "delay", "seconds": float("inf")}),
        ("faults", {"behaviour": "delay", "seconds": -1}),
        ("faults", {"behaviour": "errcode", "times": "x"}),
        ("faults", {"behaviour": "status", "status": 99_999}),
        ("settings", {"token_seconds": float("nan")}),
        ("settings", {"guide": [["关注公众号"]]}),
        ("phones", {"phones": ["x"]}),
        ("phones", {"phones": [{"label": "甲", "followed_at": 1e300}]}),
        ("phones", {"phones": [{"label": "甲", "tags": [["未绑定"]]}]}),
        ("clock", {"seconds": float("nan")}),
        ("clock", {"seconds": 1e300}),
    ],
)
def test_an_order_that_would_break_later_calls_is_refused(
    sandbox: RunningSandbox, account: Account, path: str, wish: object
) -> None:
    answer = requests.post(
        f"{sandbox.url}/control/{path}", data=json.dumps(wish).encode(), timeout=PATIENCE
    )
    assert answer.status_code == 400
    assert answer.json()["error"]
    assert account.client.message.get_autoreply_info()["is_autoreply_open"] == 0
    assert requests.get(f"{sandbox.url}/?q=", timeout=PATIENCE).status_code == 200


@pytest.mark.parametrize("clear", ["x", "", "9" * 5_000])
def test_a_fault_of_no_number_is_not_withdrawn(sandbox: RunningSandbox, clear: str) -> None:
    answer = requests.post(f"{sandbox.url}/platform", data={"clear": clear}, timeout=PATIENCE)
    assert answer.status_code == 400
    assert "设置未生效" in answer.text


@pytest.mark.parametrize("url", [1, ["http://a"], "javascript:alert(1)", "http://a/\r\nX: y", " "])
def test_a_menu_leads_to_addresses_only(account: Account, url: object) -> None:
    button = {"type": "view", "name": "登记", "url": url}
    for buttons in ([button], [{"name": "毕业生", "sub_button": [button]}]):
        answer = account.post("/cgi-bin/menu/create", {"button": buttons})
        assert answer["errcode"] == 40055


def test_a_code_that_no_picture_holds_is_not_there(sandbox: RunningSandbox) -> None:
    address = f"{sandbox.url}/cgi-bin/showqrcode?ticket={'a' * 4_000}"
    assert requests.get(address, timeout=PATIENCE).status_code == 404


@pytest.mark.parametrize("inside", ["5", '["s", "x"]', "[1]", "null"])
def test_a_made_up_ticket_is_no_code(
    account: Account, browser: requests.Session, openid: str, inside: str
) -> None:
    browser.get(f"{account.url}/phone/{openid}", timeout=PATIENCE)
    ticket = base64.urlsafe_b64encode(inside.encode()).decode()
    answer = browser.get(f"{account.url}/q/g{ticket}", timeout=PATIENCE)
    assert (answer.status_code, "二维码无效" in answer.text) == (400, True)


@pytest.mark.parametrize("path", ["", "/control/settings", "/nothing"])
def test_a_mini_program_whose_server_is_away_says_so(
    account: Account, control: Control, openid: str, path: str
) -> None:
    """Also where another server answers in its place."""
    away = "http://127.0.0.1:9" if not path else f"{account.url}{path}"
    control.configure(mini_url=away)
    for method in ("GET", "POST"):
        url = f"{account.url}/phone/{openid}/mini"
        answer = requests.request(method, url, timeout=PATIENCE)
        assert (answer.status_code, "没有响应" in answer.text) == (200, True)
