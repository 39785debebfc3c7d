"""WeChat's door: what it pushes is stored before it hears `success`, and nothing ends in a 500."""

import threading
from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker
from werkzeug.serving import make_server

from notifier.ledger import notices
from notifier.ledger.tables import Follower, StoredPush
from notifier.providers.sms import Sms
from notifier.wechat import pushes as inbox
from notifier.wechat.callback import BODY_LIMIT
from notifier.wechat.gateway import open_gateway
from registry.base.clock import Clock, utc_now
from runtime.resources import Resources, open_resources
from runtime.settings import Settings
from sandbox.config import Config
from sandbox.testing import RunningSandbox
from tests.clock import StandingClock
from tests.configuration import settings_for
from tests.notifier.wechat import pushes
from tests.notifier.wechat.pushes import Push, document, event, sealed_push
from tests.wxapp.applications import make_app

PATH = "/wechat/callback"
COUNTER = "quxiang_requests_total{"
NAME = 'endpoint="callback.take"'


def account_settings(database_url: str, redis_url: str, **changes: object) -> Settings:
    return settings_for(
        database_url,
        redis_url,
        wechat_app_id=pushes.APP_ID,
        wechat_token=pushes.TOKEN,
        wechat_aes_key=pushes.AES_KEY,
        **changes,
    )


def application(resources: Resources, clock: Clock) -> Flask:
    settings = resources.settings
    gateway = open_gateway(settings, resources.redis, clock)
    return make_app(resources, gateway, Sms(settings, clock))


@pytest.fixture
def resources(database_url: str, redis_url: str, clock: StandingClock) -> Iterator[Resources]:
    opened = open_resources(account_settings(database_url, redis_url), notices.write, clock=clock)
    yield opened
    opened.engine.dispose()
    opened.redis.close()


@pytest.fixture
def door(resources: Resources, clock: StandingClock) -> FlaskClient:
    return application(resources, clock).test_client()


def knock(door: FlaskClient, push: Push) -> tuple[int, str]:
    answer = door.post(PATH, query_string=push.query, data=push.body, content_type="text/xml")
    return answer.status_code, answer.text


def kept(sessions: sessionmaker[Session]) -> int:
    with sessions() as session:
        return session.scalar(select(func.count()).select_from(StoredPush)) or 0


def test_the_console_hears_its_own_words_and_nothing_else(door: FlaskClient) -> None:
    push = pushes.plain_push(b"")
    answer = door.get(PATH, query_string={**push.query, "echostr": "<b>4711</b>"})
    assert (answer.status_code, answer.text) == (200, "<b>4711</b>")
    assert answer.mimetype == "text/plain"
    assert door.get(PATH, query_string={"echostr": "4711"}).status_code == 403


def test_an_event_is_stored_once_however_often_it_comes(
    door: FlaskClient, sessions: sessionmaker[Session]
) -> None:
    for _ in range(3):
        assert knock(door, sealed_push(document(event("VIEW")))) == (200, "success")
    assert kept(sessions) == 1


def test_a_push_leaves_no_session_behind(door: FlaskClient) -> None:
    push = sealed_push(document(event("VIEW")))
    answer = door.post(PATH, query_string=push.query, data=push.body)
    assert "Set-Cookie" not in answer.headers


def test_a_push_is_answered_with_the_headers_of_every_answer_and_counted(
    door: FlaskClient,
) -> None:
    def counted() -> int:
        lines = door.get("/metrics").text.splitlines()
        mine = [
            line for line in lines if line.startswith("quxiang_requests_total{") and NAME in line
        ]
        return sum(int(float(line.split()[-1])) for line in mine)

    before = counted()
    push = sealed_push(document(event("VIEW")))
    answer = door.post(PATH, query_string=push.query, data=push.body)
    assert answer.mimetype == "text/plain"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    policy = answer.headers["Content-Security-Policy"]
    for name in ("default-src", "base-uri", "object-src", "frame-ancestors"):
        assert f"{name} 'none'" in policy
    assert counted() == before + 1


def test_what_is_not_signed_is_forbidden_and_not_stored(
    door: FlaskClient, sessions: sessionmaker[Session]
) -> None:
    push = sealed_push(document(event("VIEW")))
    assert knock(door, Push({**push.query, "msg_signature": "0" * 40}, push.body))[0] == 403
    assert knock(door, Push({}, document(event("VIEW"))))[0] == 403
    assert kept(sessions) == 0


def test_signed_rubbish_is_said_to_be_well_received_and_not_stored(
    door: FlaskClient, sessions: sessionmaker[Session]
) -> None:
    assert knock(door, sealed_push(b"rubbish")) == (200, "success")
    assert kept(sessions) == 0


def test_a_body_beyond_the_limit_is_not_read(
    door: FlaskClient, sessions: sessionmaker[Session]
) -> None:
    push = sealed_push(document(event("VIEW")))
    assert knock(door, Push(push.query, push.body + b" " * BODY_LIMIT))[0] == 413
    assert kept(sessions) == 0


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_other_methods_are_refused(door: FlaskClient, method: str) -> None:
    assert getattr(door, method)(PATH).status_code == 405


def test_without_the_database_wechat_is_asked_to_come_again(
    redis_url: str, clock: StandingClock, door: FlaskClient
) -> None:
    settings = account_settings("sqlite:////nowhere/at/all.db", redis_url)
    away = open_resources(settings, notices.write, clock=clock)
    status, text = knock(
        application(away, clock).test_client(), sealed_push(document(event("VIEW")))
    )
    assert (status, text) == (503, "try again")
    away.redis.close()


def test_without_redis_everything_is_stored_all_the_same(
    database_url: str, sessions: sessionmaker[Session], clock: StandingClock
) -> None:
    alone = open_resources(
        account_settings(database_url, "redis://127.0.0.1:1/0"), notices.write, clock=clock
    )
    client = application(alone, clock).test_client()
    assert knock(client, sealed_push(document(event("VIEW")))) == (200, "success")
    assert kept(sessions) == 1
    alone.engine.dispose()
    alone.redis.close()


queries = st.dictionaries(
    st.sampled_from(
        ["signature", "msg_signature", "timestamp", "nonce", "encrypt_type", "echostr"]
    ),
    st.text(max_size=20) | st.just("aes"),
)
FAULTLESS = {200, 400, 403}  # 400 for what no field can hold


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=queries, body=st.binary(max_size=300))
def test_no_request_ends_in_a_server_error(
    door: FlaskClient, query: dict[str, str], body: bytes
) -> None:
    assert knock(door, Push(query, body))[0] in FAULTLESS
    assert door.get(PATH, query_string=query).status_code in FAULTLESS


texts = st.text(st.characters(exclude_characters="]", codec="utf-8"), max_size=60)
names = st.sampled_from(["FromUserName", "CreateTime", "MsgType", "Event", "MsgID", "EventKey"])


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(fields=st.dictionaries(names, texts), more=st.binary(max_size=50))
def test_nothing_that_is_signed_ends_in_a_server_error(
    door: FlaskClient, fields: dict[str, str], more: bytes
) -> None:
    clear = document({**event(), **fields})
    for body in (clear, clear + more):
        status, said = knock(door, sealed_push(body))
        assert status == 200
        assert said == "success" or "Content" in pushes.opened(said.encode())


def test_a_person_who_follows_in_the_sandbox_is_a_follower(
    database_url: str, redis_url: str, sessions: sessionmaker[Session]
) -> None:
    account = Config(app_id=pushes.APP_ID, callback_token=pushes.TOKEN, aes_key=pushes.AES_KEY)
    resources = open_resources(
        account_settings(database_url, redis_url), notices.write, clock=utc_now
    )
    server = make_server("127.0.0.1", 0, application(resources, utc_now), threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with RunningSandbox(account) as sandbox, sandbox.control as control:
        control.configure(callback_url=f"http://127.0.0.1:{server.port}{PATH}")
        assert control.verify_callback()
        openid = control.add_phone(following=False)
        control.follow(openid)
        control.wait_until_pushed()
        assert control.counts()["pushes"]["delivered"] == 1
    server.shutdown()
    server.server_close()
    inbox.take_in(resources)
    with sessions() as session:
        assert session.get_one(Follower, openid).subscribed
    resources.engine.dispose()
    resources.redis.close()


def test_who_follows_reads_a_welcome_sealed_for_the_account(door: FlaskClient) -> None:
    push = sealed_push(document(event()))
    answer = door.post(PATH, query_string=push.query, data=push.body)
    assert answer.mimetype == "text/xml"
    said = pushes.opened(answer.data)
    assert (said["ToUserName"], said["FromUserName"]) == ("o-someone", pushes.ACCOUNT)
    assert "欢迎关注" in said["Content"]


def test_what_a_person_writes_is_answered_and_not_kept(
    door: FlaskClient, sessions: sessionmaker[Session]
) -> None:
    written = event(MsgType="text", Event=None, Content="怎么确认？我是张三", MsgId=7)
    push = sealed_push(document(written))
    answer = door.post(PATH, query_string=push.query, data=push.body)
    assert "to=confirmation" in pushes.opened(answer.data)["Content"]
    with sessions() as session:
        [row] = session.scalars(select(StoredPush))
        assert "张三" not in str(vars(row))
