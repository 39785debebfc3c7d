"""A class's poster: its code holds as long as WeChat allows, and leads who scans it to bind."""

from datetime import timedelta

import pytest
from redis import Redis
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from notifier.ledger.poster_tables import Poster
from notifier.ledger.tables import Binding, StoredPush
from notifier.wechat import posters, pushes, replies
from notifier.wechat.gateway import Gateway, SceneCode
from notifier.wechat.posters import PosterClass, WantedCode
from tests.clock import StandingClock
from tests.notifier.wechat.test_replies import HOST, came
from tests.registry.accounts.test_bursts import burst
from tests.wxapp.school.records import Campus, open_campus

SCENE = "a-scene-of-a-class"
BIND = f'<a href="{HOST}/wechat/login?to=home">绑定微信</a>'


@pytest.fixture
def campus(session: Session, clock: StandingClock) -> Campus:
    return open_campus(session, clock())


def hang(campus: Campus, name: str = "软件2201", seconds: int = 2_592_000) -> Poster:
    """Keep a poster as if WeChat had just given its code."""
    code = WantedCode(PosterClass(campus.departments[0].id, name), SCENE)
    given = (code, SceneCode(f"http://weixin.test/q/{seconds}", seconds))
    posters.keep(campus.session, campus.scope, 2026, [given], "staff:x", campus.at)
    return campus.session.scalars(select(Poster)).one()


def test_a_code_holds_thirty_days_and_is_what_the_phone_scans(gateway: Gateway) -> None:
    code = gateway.scene_code(SCENE, 2_592_000)
    assert code.seconds == 2_592_000
    assert "/q/" in code.address


def test_wechat_gives_no_code_for_longer_than_thirty_days(gateway: Gateway, valkey: Redis) -> None:
    assert gateway.scene_code(SCENE, 9_999_999).seconds == 2_592_000


def test_the_poster_of_a_class_that_many_ask_for_at_once_is_one(
    campus: Campus, sessions: sessionmaker[Session]
) -> None:
    scope, first, at = campus.scope, campus.departments[0].id, campus.at
    campus.save()

    def keep(session: Session, place: int) -> None:
        code = WantedCode(PosterClass(first, "软件2201"), f"{SCENE}-{place}")
        given = (code, SceneCode(f"http://weixin.test/q/{place}", 2_592_000))
        posters.keep(session, scope, 2026, [given], "staff:x", at)

    assert set(burst(sessions, keep)) == {"through"}
    assert len(campus.session.scalars(select(Poster)).all()) == 1


@pytest.mark.parametrize(("event", "key"), [("subscribe", f"qrscene_{SCENE}"), ("SCAN", SCENE)])
def test_whoever_scans_it_is_welcomed_by_class_and_led_to_bind(
    campus: Campus, event: str, key: str
) -> None:
    hang(campus)
    push = came(Event=event, EventKey=key)
    assert replies.is_answered(push)
    said = replies.answer(campus.session, push, HOST)
    assert f"{campus.school.name} 2026 届软件2201的毕业生" in said
    assert BIND in said


def test_who_is_bound_already_is_led_in(campus: Campus) -> None:
    hang(campus)
    push = came(Event="SCAN", EventKey=SCENE)
    graduate = campus.graduate()
    openid = push.event.openid
    campus.session.add(Binding(openid=openid, graduate_id=graduate.id, bound_at=campus.at))
    campus.session.flush()
    assert "您已绑定微信" in replies.answer(campus.session, push, HOST)


def test_another_scene_is_answered_as_before(campus: Campus) -> None:
    hang(campus)
    assert replies.answer(campus.session, came(Event="SCAN", EventKey="other"), HOST) == ""
    followed = came(Event="subscribe", EventKey="qrscene_other")
    assert replies.answer(campus.session, followed, HOST).startswith("欢迎关注。")


def test_the_name_of_a_class_brings_no_link_of_its_own(campus: Campus) -> None:
    hang(campus, '<a href="http://evil.test">点此</a>]]>')
    said = replies.answer(campus.session, came(Event="SCAN", EventKey=SCENE), HOST)
    assert said.count("<a href=") == 1
    assert "]]>" not in said


def test_scans_are_counted_once_for_each_push(campus: Campus) -> None:
    hang(campus)
    for number, (name, key) in enumerate([("SCAN", SCENE), ("subscribe", f"qrscene_{SCENE}")]):
        moments = dict.fromkeys(("happened_at", "received_at", "next_at"), campus.at)
        row = {"dedup_key": str(number), "event": name, "openid": f"o{number}", "status": ""}
        campus.session.add(StoredPush(**row, content={"EventKey": key}, **moments))
    campus.session.flush()
    for _ in range(2):
        pushes.take_in_batch(campus.session, campus.at)
    assert campus.session.scalars(select(Poster.scans)).one() == 2


def test_a_code_is_made_anew_before_it_ends_and_keeps_its_scene(campus: Campus) -> None:
    made = hang(campus)
    of_class = PosterClass(made.department_id, made.class_name)
    present = posters.of_classes(campus.session, campus.scope, 2026)
    assert posters.wanted(present, [of_class], campus.at + timedelta(days=20)) == []
    soon = campus.at + timedelta(days=23)
    assert posters.wanted(present, [of_class], soon) == [WantedCode(of_class, SCENE)]
    hang(campus, seconds=60)
    campus.session.refresh(made)
    assert made.address.endswith("/q/60")
    assert made.expires_at == campus.at + timedelta(minutes=1)
