"""A console with two schools in it, and browsers signed in as each role."""

from collections.abc import Iterator
from dataclasses import dataclass
from threading import Lock
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from notifier.ledger import notices
from notifier.ledger.tables import AccountTemplate, Binding, Follower
from notifier.wechat.errors import Unavailable
from notifier.wechat.gateway import RawTemplate, SceneCode
from registry.accounts import sessions
from registry.accounts.tables import Role, Staff
from runtime.resources import Resources, open_resources
from runtime.settings import Settings
from tests.clock import StandingClock
from tests.pages import Browser
from tests.wxapp.applications import make_app
from tests.wxapp.school.records import Campus, open_campus
from wxapp.core.resources import Visitor

ROLES = {
    "school": (Role.SCHOOL, None),
    "department": (Role.DEPARTMENT, 0),
    "province": (Role.PROVINCE, None),
    "operator": (Role.OPERATOR, None),
}
FIELDS = {"学校名称": "thing1", "办理事项": "thing2", "当前状态": "phrase3", "截止日期": "time4"}


class NoWeChat:
    """A gateway that no page of the console may ask."""

    def exchange_code(self, code: str) -> Visitor:
        raise AssertionError(f"the console asked WeChat for {code}")

    def scene_code(self, scene: str, seconds: int) -> SceneCode:
        raise Unavailable(detail=f"nobody gives {scene} for {seconds} seconds")  # one page may ask

    def page_ticket(self) -> str:
        raise AssertionError("the console asked WeChat for a ticket")

    app_id = ""

    def templates(self) -> list[RawTemplate]:
        raise AssertionError("the console asked WeChat for templates")

    def menu_create(self, menu: dict[str, Any]) -> None:
        raise AssertionError(f"the console set the menu {menu}")

    def send_code(self, phone: str, code: str, minutes: int) -> None:
        raise AssertionError(f"the console sent {code} to {phone} for {minutes} minutes")


@pytest.fixture
def resources(settings: Settings, clock: StandingClock) -> Iterator[Resources]:
    opened = open_resources(settings, notices.write, clock=clock)
    yield opened
    opened.redis.close()
    opened.engine.dispose()


@pytest.fixture
def app(resources: Resources) -> Flask:
    return make_app(resources, NoWeChat(), NoWeChat())


@dataclass
class Console:
    """A school's console under test: its records, and browsers of its people."""

    app: Flask
    resources: Resources
    campus: Campus
    staff: dict[str, Staff]

    def browser(self, role: str = "school") -> Browser:
        """Open a browser signed in as a role, by a session of its own."""
        token = sessions.new_token()
        with self.resources.sessions.begin() as session:
            identity = sessions.proven(self.staff[role])
            sessions.start(session, token, identity, {}, self.resources.clock())
        client = self.app.test_client()
        client.set_cookie("quxiang", token)
        return Browser(client)


@pytest.fixture
def records(resources: Resources) -> Iterator[Session]:
    """Give a session to prepare records with; commit before a page is asked."""
    with resources.sessions() as session:
        yield session


@pytest.fixture
def console(app: Flask, resources: Resources, records: Session) -> Console:
    return console_of(app, resources, records)


def console_of(app: Flask, resources: Resources, records: Session) -> Console:
    """Found a school with staff of each role, before anybody asks the application for a page."""
    campus = open_campus(records, resources.clock(), vault=resources.vault)
    staff = {name: campus.staff(role, which) for name, (role, which) in ROLES.items()}
    campus.save()
    _let_go_before_each_request(app, records)
    return Console(app, resources, campus, staff)


def _let_go_before_each_request(app: Flask, records: Session) -> None:
    """End what the test began by asking: on SQLite a page that leaves an audit row waits for it.

    A browser asks for several things at once, and a session is for one at a time.
    """
    one_at_a_time = Lock()

    @app.before_request
    def let_go() -> None:
        with one_at_a_time:
            records.commit()


@pytest.fixture
def other(records: Session, resources: Resources, clock: StandingClock) -> Campus:
    """Add another school."""
    campus = open_campus(records, clock(), "10001", resources.vault)
    campus.save()
    return campus


@pytest.fixture
def reachable(console: Console) -> Console:
    """Add three who have not confirmed: one reached, one not bound, one not following."""
    campus, session = console.campus, console.campus.session
    found = [campus.report(campus.graduate(name)) for name in ("李娟", "王建国", "赵敏")]
    for which, follows in ((0, True), (2, False)):
        openid = f"o{which}"
        session.add(Follower(openid=openid, subscribed=follows, changed_at=campus.at))
        session.add(Binding(openid=openid, graduate_id=found[which].id, bound_at=campus.at))
    campus.save()
    return console


@pytest.fixture
def template(console: Console) -> None:
    """Have the account a template for the reminder."""
    row = AccountTemplate(
        template_id="T1",
        title="去向登记确认提醒",
        content="",
        kind="confirmation_reminder",
        fields=FIELDS,
        read_at=console.campus.at,
    )
    console.campus.session.add(row)
    console.campus.save()
