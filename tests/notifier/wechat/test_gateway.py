"""The calls to WeChat, against a platform that misbehaves; no failure shows a secret."""

import logging
import traceback
from collections.abc import Callable
from functools import partial

import pytest
import requests
from redis import Redis

from notifier.ledger import outcomes
from notifier.providers.connections import TIMEOUT
from notifier.wechat.authorize import authorize_url
from notifier.wechat.errors import (
    CodeInvalid,
    CodeUsed,
    GatewayError,
    Refused,
    TokenError,
    Unavailable,
)
from notifier.wechat.gateway import Gateway, RawTemplate, Visitor, open_gateway
from registry.base.clock import utc_now
from runtime.settings import Settings
from sandbox.control import Control
from sandbox.testing import RunningSandbox
from tests.notifier.wechat.account import ACCOUNT, settings_for
from tests.waiting import PATIENCE

TEMPLATES = "/cgi-bin/template/get_all_private_template"
EXCHANGE = "/sns/oauth2/access_token"
TOKEN = "/cgi-bin/stable_token"
FOLLOWERS = "/cgi-bin/user/get"
CODE = "0canarycode"


def authorized_code(sandbox: RunningSandbox, settings: Settings, openid: str) -> str:
    """Press the menu on a phone and return the code that comes back."""
    url = authorize_url(settings, "ab12")
    phone = {"sandbox_phone": openid}
    answer = requests.get(url, cookies=phone, allow_redirects=False, timeout=PATIENCE)
    return answer.headers["Location"].partition("code=")[2].partition("&")[0]


@pytest.fixture
def settings(sandbox: RunningSandbox) -> Settings:
    return settings_for(sandbox.url, wechat_open_url=sandbox.url)


def test_the_accounts_templates_are_read(gateway: Gateway) -> None:
    found = {each.title: each.content for each in gateway.templates()}
    assert "去向登记确认提醒" in found
    assert "{{phrase5.DATA}}" in found["去向登记确认提醒"]


def test_a_menu_is_set_and_read_back(gateway: Gateway) -> None:
    assert gateway.menu_get() is None
    button = {"type": "view", "name": "帮助", "url": "https://quxiang.example.edu.cn/g/help"}
    gateway.menu_create({"button": [button]})
    menu = gateway.menu_get()
    assert menu is not None
    assert menu["menu"]["button"][0]["name"] == "帮助"


def test_followers_come_in_pages_to_the_end(gateway: Gateway, control: Control) -> None:
    control.configure(page_size=40)
    openids = control.add_phones([{"following": True} for _ in range(100)])
    pages = list(gateway.follower_pages())
    assert sorted(openid for page in pages for openid in page) == sorted(openids)
    assert len(pages) == 3


def test_a_list_of_followers_that_ends_too_soon_is_no_list(
    gateway: Gateway, control: Control
) -> None:
    control.configure(page_size=40)
    openids = control.add_phones([{"following": True} for _ in range(100)])
    pages = gateway.follower_pages()
    next(pages)
    for openid in openids[40:]:
        control.change_phone(openid, following=False)
    with pytest.raises(Unavailable, match="of 100"):
        list(pages)


@pytest.mark.parametrize("page", [0, 1])
def test_an_answer_that_counts_no_followers_is_no_list(
    gateway: Gateway, control: Control, page: int
) -> None:
    control.configure(page_size=40)
    control.add_phones([{"following": True} for _ in range(100)])
    pages = gateway.follower_pages()
    for _ in range(page):
        next(pages)
    control.fault("object", path="/cgi-bin/user/get")
    with pytest.raises(Unavailable, match="no total"):
        list(pages)


def test_users_tell_whether_they_follow(gateway: Gateway, control: Control) -> None:
    following, other = control.add_phone(following=True), control.add_phone(following=False)
    found = {each.openid: each.subscribed for each in gateway.users([following, other])}
    assert found == {following: True, other: False}


def test_a_code_gives_the_visitor_once(
    gateway: Gateway, sandbox: RunningSandbox, settings: Settings, control: Control
) -> None:
    openid = control.add_phone(following=True)
    code = authorized_code(sandbox, settings, openid)
    assert gateway.exchange_code(code) == Visitor(openid, snapshot=False)
    with pytest.raises(CodeUsed):
        gateway.exchange_code(code)


def test_a_snapshot_visitor_is_told_apart(
    gateway: Gateway, sandbox: RunningSandbox, settings: Settings, control: Control
) -> None:
    openid = control.add_phone(following=True, snapshot=True)
    visitor = gateway.exchange_code(authorized_code(sandbox, settings, openid))
    assert visitor.snapshot
    assert visitor.openid != openid


@pytest.mark.parametrize("code", ["0wrong", "", "a b", "x" * 200, "../../cgi-bin/token"])
def test_a_wrong_code_is_invalid(gateway: Gateway, code: str) -> None:
    with pytest.raises(CodeInvalid):
        gateway.exchange_code(code)


def test_a_revoked_token_is_replaced_within_the_call(gateway: Gateway, control: Control) -> None:
    gateway.templates()
    control.revoke_tokens()
    assert gateway.templates()
    assert control.counts()["paths"]["/cgi-bin/stable_token"] == 2


@pytest.mark.parametrize("errcode", [40001, 40014, 42001])
def test_a_token_that_stays_refused_is_tried_twice_and_never_again(
    gateway: Gateway, control: Control, errcode: int
) -> None:
    control.fault("errcode", path=TEMPLATES, errcode=errcode)
    with pytest.raises(TokenError):
        gateway.templates()
    assert control.counts()["paths"][TEMPLATES] == 2
    with pytest.raises(TokenError):
        gateway.templates()
    assert control.counts()["paths"][TEMPLATES] == 3
    assert control.counts()["paths"]["/cgi-bin/stable_token"] == 4


@pytest.mark.parametrize(
    ("errcode", "code"),
    [(40125, "bad_secret"), (40001, "bad_secret"), (40164, "server_not_listed")],
)
def test_a_token_call_that_is_refused_names_the_accounts_fault(
    gateway: Gateway, control: Control, errcode: int, code: str
) -> None:
    control.fault("errcode", path="/cgi-bin/stable_token", errcode=errcode)
    with pytest.raises(TokenError) as caught:
        gateway.templates()
    assert caught.value.outcome.code == code


def test_a_refusal_keeps_what_wechats_support_asks_for(gateway: Gateway, control: Control) -> None:
    control.fault("errcode", path=TEMPLATES, errcode=48001)
    with pytest.raises(Refused) as caught:
        gateway.templates()
    assert caught.value.errcode == 48001
    assert caught.value.outcome is outcomes.of(48001)
    assert caught.value.rid.count("-") == 2


@pytest.mark.parametrize(
    "behaviour", ["html", "empty", "object", "truncated", "reset", "drop", "status"]
)
def test_an_answer_that_is_none_is_unavailable(
    gateway: Gateway, control: Control, behaviour: str
) -> None:
    gateway.tokens.current()
    control.fault(behaviour, path=TEMPLATES)
    with pytest.raises(Unavailable):
        gateway.templates()


@pytest.mark.parametrize(
    "body",
    [
        '{"template_list": [{"template_id": "t1", "title": "去向登记确认提醒"}]}',
        '{"template_list": [{"template_id": null, "title": "", "content": ""}]}',
        *('{"template_list": ["t1"]}', '{"template_list": null}', '{"errcode": "E1"}'),
        *('{"errcode": null}', '{"errcode": [], "template_list": []}'),
    ],
)
def test_an_answer_of_another_shape_is_unavailable(
    gateway: Gateway, control: Control, body: str
) -> None:
    gateway.tokens.current()
    control.fault("body", path=TEMPLATES, body=body)
    with pytest.raises(Unavailable):
        gateway.templates()


@pytest.mark.parametrize("folded", [True, False])
def test_an_answer_is_read_however_it_is_written(
    gateway: Gateway, control: Control, *, folded: bool
) -> None:
    gateway.tokens.current()
    listed = (
        '{"errcode": "0", "template_list": [{"template_id": "t1", "title": "a", "content": ""}]}'
    )
    control.fault("body", path=TEMPLATES, body=f"\ufeff{listed}", gzip=folded)
    assert gateway.templates() == [RawTemplate("t1", "a", "")]


@pytest.mark.parametrize("data", ["null", '""', "[]", "{}", '{"openid": null}'])
def test_a_page_without_followers_ends_the_list_whatever_it_looks_like(
    gateway: Gateway, control: Control, data: str
) -> None:
    control.fault("body", path=FOLLOWERS, body=f'{{"total": "0", "count": 0, "data": {data}}}')
    assert list(gateway.follower_pages()) == []


@pytest.mark.parametrize("data", ["1", '"o1"', '["o1"]', '{"openid": "o1"}', '{"openid": [1]}'])
def test_a_page_of_followers_of_another_shape_is_no_list(
    gateway: Gateway, control: Control, data: str
) -> None:
    control.fault("body", path=FOLLOWERS, body=f'{{"total": 1, "count": 1, "data": {data}}}')
    with pytest.raises(Unavailable):
        list(gateway.follower_pages())


@pytest.mark.parametrize(
    "body",
    [
        '{"access_token": null, "expires_in": 7200}',
        '{"access_token": "", "expires_in": 7200}',
        '{"access_token": "abc", "expires_in": null}',
        *('{"errcode": "E1"}', '{"errcode": null}', '{"expires_in": 7200}'),
    ],
)
def test_what_is_no_token_is_none(gateway: Gateway, control: Control, body: str) -> None:
    control.fault("body", path=TOKEN, body=body)
    with pytest.raises(Unavailable):
        gateway.tokens.current()


@pytest.mark.parametrize("path", [TEMPLATES, EXCHANGE, TOKEN])
@pytest.mark.parametrize(
    "behaviour", ["html", "empty", "truncated", "reset", "drop", "status", "errcode"]
)
def test_no_failure_shows_a_secret_a_token_or_a_code(
    gateway: Gateway,
    control: Control,
    caplog: pytest.LogCaptureFixture,
    path: str,
    behaviour: str,
) -> None:
    caplog.set_level(logging.DEBUG)
    token = "" if "stable" in path else gateway.tokens.current()
    hint = f"invalid ip 1.2.3.4 secret={ACCOUNT.app_secret} {token}"
    control.fault(behaviour, path=path, errcode=40164, errmsg=hint)
    exchange: Callable[[], object] = partial(gateway.exchange_code, CODE)
    with pytest.raises(GatewayError) as caught:
        (exchange if path == EXCHANGE else gateway.templates)()
    assert caught.value.__context__ is caught.value.__cause__ is None
    shown = everything_of(caught.value) + caplog.text
    for secret in filter(None, (ACCOUNT.app_secret, token, CODE)):
        assert secret not in shown


def everything_of(error: BaseException | None) -> str:
    """Return every text an error and what lies behind it could show."""
    text = ""
    while error is not None:
        attributes = getattr(error, "__dict__", {})
        text += f"{error!r} {error} {error.args} {attributes} "
        text += "".join(traceback.format_exception(error))
        error = error.__cause__ or error.__context__
    return text


def test_a_platform_that_is_not_there_is_unavailable(valkey: Redis) -> None:
    gateway = open_gateway(settings_for("http://127.0.0.1:1"), valkey, utc_now)
    with pytest.raises(Unavailable):
        gateway.templates()
    with pytest.raises(Unavailable) as caught:
        gateway.exchange_code(CODE)
    shown = everything_of(caught.value)
    assert ACCOUNT.app_secret not in shown
    assert CODE not in shown


@pytest.mark.parametrize("path", [TEMPLATES, EXCHANGE])
def test_a_platform_that_says_nothing_is_not_waited_for(
    gateway: Gateway, control: Control, path: str
) -> None:
    assert gateway._client.timeout == TIMEOUT
    gateway.tokens.current()
    gateway._client.timeout = (1, 0.2)
    control.fault("hang", path=path)
    with pytest.raises(Unavailable, match="ReadTimeout"):
        gateway.exchange_code(CODE) if path == EXCHANGE else gateway.templates()


def test_a_list_of_what_was_held_back_that_cannot_be_read_is_none(
    gateway: Gateway, control: Control
) -> None:
    assert list(gateway.blocked_pages("some-template")) == [[]]
    control.fault("object", path="/wxa/sec/queryblocktmplmsg")
    with pytest.raises(Unavailable, match="msginfo"):
        list(gateway.blocked_pages("some-template"))
