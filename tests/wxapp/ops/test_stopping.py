"""What really stops the account while it sends is read on the operator's page, and mended there."""

import json
from collections.abc import Iterator

import pytest
from sqlalchemy import select

from notifier.delivery.run import deliver
from notifier.ledger.tables import Binding, Follower, Message
from notifier.wechat.gateway import Gateway, open_gateway
from notifier.wechat.templates import sync_templates
from tests.wxapp.ops.conftest import Platform

SEND = "/cgi-bin/message/template/send"
FACTS = {"unit": "海纳软件", "post": "开发", "deadline": "2026年6月30日 17:00", "hint": "请查看"}


@pytest.fixture
def due(platform: Platform) -> Iterator[Platform]:
    """Have one invitation due, to a graduate who can be reached at any hour."""
    facts = json.dumps(FACTS, ensure_ascii=False)
    platform.event("waiting", kind="signing_invitation", facts=facts)
    openid = platform.sandbox.control.add_phone("李娟", following=True)
    with platform.resources.sessions.begin() as session:
        graduate_id = session.scalars(select(Message.graduate_id)).one()
        at = platform.clock()
        session.add(Follower(openid=openid, subscribed=True, changed_at=at))
        session.add(Binding(openid=openid, graduate_id=graduate_id, bound_at=at))
        sync_templates(session, gateway_of(platform), at)
    yield platform
    platform.sandbox.control.clear_faults()


def gateway_of(platform: Platform) -> Gateway:
    resources = platform.resources
    return open_gateway(resources.settings, resources.redis, resources.clock)


def send(platform: Platform) -> None:
    deliver(platform.resources, gateway_of(platform), seconds=5)


def test_an_address_not_listed_stops_it_until_the_operator_lets_it_go_on(due: Platform) -> None:
    fault = due.sandbox.control.fault("errcode", path=SEND, errcode=40164)
    send(due)
    browser = due.browser().get("/ops/")
    assert "服务器 IP 不在公众平台的 IP 白名单中，请添加后恢复" in browser.text
    assert "40164" in browser.text
    assert "rid: " in browser.text
    due.sandbox.control.clear_faults(fault)
    due.change(
        lambda session: setattr(session.scalars(select(Message)).one(), "next_at", due.clock())
    )
    send(due)
    assert due.site.read(lambda session: session.scalar(select(Message.state))) == "waiting"
    browser.submit("form[action$='account/resume']")
    send(due)
    assert due.site.read(lambda session: session.scalar(select(Message.state))) == "accepted"
