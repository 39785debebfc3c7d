"""A campus of 企业微信: one token for all, a code that names a member, and every other answer."""

import json
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlsplit

import pytest
from pydantic import ValidationError
from redis import Redis
from typing_extensions import override

from notifier.providers.campus import CampusAway, CampusRefused, CampusVisitor
from notifier.wechat.wecom import WecomServer, open_wecom
from runtime.campus_logins import CampusLogin
from tests.clock import StandingClock
from tests.registry.staff_context import VAULT

SECRET, CODE = "corp-secret-of-the-test", "code-of-the-test"
MEMBER = {"errcode": 0, "errmsg": "ok", "userid": "T1"}
BACK = "https://qx.example/back"


class Corporation(ThreadingHTTPServer):
    """Answers as a test says, and keeps what it was asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Asked)
        self.calls: list[tuple[str, dict[str, str]]] = []
        self.tokens = [{"errcode": 0, "access_token": "t1", "expires_in": 7200}]
        self.users: list[object] = [MEMBER]
        self.raw: bytes | None = None

    def asked(self, call: str) -> list[dict[str, str]]:
        return [query for path, query in self.calls if path == f"/cgi-bin/{call}"]

    def answer(self, path: str) -> object:
        left = self.tokens if path == "/cgi-bin/gettoken" else self.users
        return left.pop(0) if len(left) > 1 else left[0]

    def login(self, **changes: object) -> CampusLogin:
        fields: dict[str, object] = {
            "name": "w",
            "school": "99001",
            "protocol": "wecom",
            "server": f"http://127.0.0.1:{self.server_port}",
            "client_id": "ww1",
            "client_secret": SECRET,
            "agent_id": "7",
        }
        return CampusLogin.model_validate(fields | changes)


class Asked(BaseHTTPRequestHandler):
    """One call."""

    server: Corporation

    def do_GET(self) -> None:
        split = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(split.query).items()}
        self.server.calls.append((split.path, query))
        self.send_response(200)
        self.end_headers()
        said = json.dumps(self.server.answer(split.path)).encode()
        self.wfile.write(self.server.raw if self.server.raw is not None else said)

    @override
    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def corporation() -> Iterator[Corporation]:
    with Corporation() as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


Make = Callable[[], WecomServer]


@pytest.fixture
def make(corporation: Corporation, valkey: Redis, clock: StandingClock) -> Make:
    """Open the campus of one more process."""
    return lambda: open_wecom(corporation.login(), valkey, VAULT, clock)


def came(server: WecomServer) -> CampusVisitor:
    return server.visitor({"code": CODE}, BACK, "s")


def test_a_code_names_a_member_by_one_token_that_all_processes_share(
    corporation: Corporation, make: Make, valkey: Redis
) -> None:
    visitor = came(make())
    assert (visitor.subject, visitor.number, visitor.names) == ("T1", "T1", ("userid",))
    came(make())
    assert corporation.asked("gettoken") == [{"corpid": "ww1", "corpsecret": SECRET}]
    assert corporation.asked("auth/getuserinfo") == [{"access_token": "t1", "code": CODE}] * 2
    kept = str(valkey.get("wx:ww1:wecom:7"))
    assert len(kept) > 40
    assert 't1"' not in kept


@pytest.mark.parametrize("errcode", [40014, 42001])
def test_a_token_that_ended_is_replaced_once(
    corporation: Corporation, make: Make, errcode: int
) -> None:
    corporation.tokens.append({"errcode": 0, "access_token": "t2", "expires_in": 7200})
    corporation.users = [{"errcode": errcode, "errmsg": "x"}, MEMBER]
    assert came(make()).number == "T1"
    assert [each["access_token"] for each in corporation.asked("auth/getuserinfo")] == ["t1", "t2"]
    corporation.users = [{"errcode": errcode, "errmsg": "x"}]
    with pytest.raises(CampusAway, match=f"token_lost|errcode_{errcode}"):
        came(make())


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"errcode": 40029}, "bad_code"),
        ({"errcode": "42003"}, "late_code"),
        ({"errcode": 0, "openid": "o1"}, "not_member"),
        ({"errcode": 0, "userid": ""}, "not_member"),
        ({"userid": ["T1"]}, "not_member"),
    ],
)
def test_what_names_no_member_is_nobody(
    corporation: Corporation, make: Make, said: object, code: str
) -> None:
    corporation.users = [said]
    with pytest.raises(CampusRefused, match=code):
        came(make())


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"errcode": 60020, "errmsg": f"not allow {SECRET}"}, "errcode_60020"),
        ({"errcode": -1}, "errcode_-1"),
        ({"errcode": None}, "bad_answer"),
        ([], "bad_answer"),
    ],
)
def test_what_somebody_has_to_mend_is_said_by_its_code_alone(
    corporation: Corporation, make: Make, said: object, code: str
) -> None:
    corporation.users = [said]
    with pytest.raises(CampusAway) as caught:
        came(make())
    assert caught.value.code == code
    assert not {SECRET, "t1", CODE} & set(str(caught.value.__context__).split())


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"errcode": 40001, "errmsg": SECRET}, "errcode_40001"),
        ({"errcode": 0, "access_token": None, "expires_in": 7200}, "errcode_0"),
        ({"errcode": 0, "access_token": "t1", "expires_in": 0}, "errcode_0"),
    ],
)
def test_without_a_token_nobody_is_asked_about(
    corporation: Corporation, make: Make, said: dict[str, object], code: str
) -> None:
    corporation.tokens = [said]
    with pytest.raises(CampusAway) as caught:
        came(make())
    assert (caught.value.code, caught.value.__context__) == (code, None)
    assert corporation.asked("auth/getuserinfo") == []


def test_no_code_or_one_without_end_asks_nobody(corporation: Corporation, make: Make) -> None:
    for code in ("", "c" * 513):
        with pytest.raises(CampusRefused, match="no_code"):
            make().visitor({"code": code}, BACK, "s")
    assert corporation.calls == []


def test_a_look_asks_about_a_code_of_nobody(corporation: Corporation, make: Make) -> None:
    corporation.users = [{"errcode": 40029}]
    assert make().looks() == "bad_code"
    corporation.users = [{"errcode": 60020}]
    with pytest.raises(CampusAway, match="errcode_60020"):
        make().looks()
    corporation.raw = b"<html>" * 20_000
    with pytest.raises(CampusAway, match="too_long"):
        make().looks()


def test_settings_say_what_is_missing_and_who_issues(corporation: Corporation) -> None:
    usual = {"name": "w", "school": "99001", "protocol": "wecom"}
    keys = {"client_id": "ww1", "client_secret": SECRET, "agent_id": "7"}
    login = CampusLogin.model_validate(usual | keys)
    assert (login.title, login.issuer) == ("企业微信", "https://qyapi.weixin.qq.com/ww1")
    for without in keys:
        with pytest.raises(ValidationError, match=without):
            CampusLogin.model_validate(
                usual | {name: keys[name] for name in keys if name != without}
            )
    with pytest.raises(ValidationError, match="userid alone"):
        corporation.login(number="alias")
