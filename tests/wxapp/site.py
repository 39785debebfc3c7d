"""The whole web over real servers: a database, a Valkey, the sandbox as WeChat, one school."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TypeVar
from urllib.parse import urlsplit

import requests
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from notifier.ledger import notices
from notifier.ledger.tables import Binding
from notifier.providers.sms import Sms
from notifier.wechat.gateway import open_gateway
from registry.accounts.school_tables import Department, School
from registry.record.tables import Graduate
from runtime.resources import Resources, open_resources
from sandbox.testing import RunningSandbox
from tests.clock import StandingClock
from tests.configuration import settings_for
from tests.pages import Browser
from tests.waiting import PATIENCE
from tests.wxapp.applications import make_app
from tests.wxapp.school.records import Campus, open_campus
from wxapp.core.resources import services

Found = TypeVar("Found")
HOST = "http://localhost"


@dataclass
class Site:
    """The application and everything around it."""

    app: Flask
    resources: Resources
    sandbox: RunningSandbox
    clock: StandingClock

    def app_with(self, **changes: object) -> Flask:
        """Make the application again, with other settings."""
        settings = self.resources.settings.model_copy(update=changes)
        with self.app.app_context():
            own = services()
        return make_app(replace(self.resources, settings=settings), own.gateway, own.sms)

    def browser(self) -> Browser:
        """Open a browser nobody has used."""
        return Browser(self.app.test_client(), self.resources.settings.public_url)

    def graduate(self, work: Callable[[Campus, Graduate], object] | None = None) -> Graduate:
        """Add a graduate of a school; `work` does with her what the test wants to be done."""
        with self.resources.sessions.begin() as session:
            campus = find_campus(session, self)
            graduate = campus.graduate()
            if work:
                work(campus, graduate)
            return graduate

    def change(self, graduate: Graduate, work: Callable[[Campus, Graduate], object]) -> None:
        """Do something to a graduate later."""
        with self.resources.sessions.begin() as session:
            work(find_campus(session, self), session.get_one(Graduate, graduate.id))

    def bind(self, graduate: Graduate, label: str = "李娟") -> str:
        """Give a graduate a phone that is bound to her; return its openid."""
        openid = self.sandbox.control.add_phone(label)
        with self.resources.sessions.begin() as session:
            session.add(Binding(openid=openid, graduate_id=graduate.id, bound_at=self.clock()))
        return openid

    def enter(self, openid: str, to: str = "home", browser: Browser | None = None) -> Browser:
        """Come in through WeChat, as a menu entry leads."""
        browser = browser or self.browser()
        browser.get(f"/wechat/login?to={to}")
        assert browser.leads_to is not None, browser.path
        return browser.get(self.way_back(browser.leads_to, openid))

    def prove(self, openid: str, browser: Browser, to: str) -> Browser:
        """Have WeChat asked again, as a page of hers leads that wants it."""
        return self.enter(openid, f"{to}&anew=1", browser)

    def way_back(self, authorize: str, openid: str) -> str:
        """Ask WeChat to authorize this phone; return the path it sends the browser back to."""
        address = f"{authorize.partition('#')[0]}&phone={openid}"
        answer = requests.get(address, allow_redirects=False, timeout=PATIENCE)
        back = urlsplit(answer.headers["Location"])
        assert f"{back.scheme}://{back.netloc}" == self.resources.settings.public_url
        return f"{back.path}?{back.query}"

    def read(self, look: Callable[[Session], Found]) -> Found:
        """Look something up."""
        with self.resources.readers.begin() as session:
            return look(session)

    def state_of(self, graduate: Graduate) -> str:
        """Return where a graduate's confirmation stands."""
        wanted = select(Graduate.confirmation).where(Graduate.id == graduate.id)
        return self.read(lambda session: session.scalars(wanted).one())


def mini_settings(wechat: RunningSandbox) -> dict[str, str]:
    """Return the settings of a site that has a mini program, the sandbox's."""
    config = wechat.config
    return {"mini_app_id": config.mini_app_id, "mini_app_secret": config.mini_app_secret}


@contextmanager
def open_site(
    database_url: str,
    redis_url: str,
    wechat: RunningSandbox,
    clock: StandingClock,
    host: str = HOST,
    **changes: object,
) -> Iterator[Site]:
    """Open the application over the test's own servers, with the sandbox for all outside.

    `changes` are settings by name.
    """
    settings = settings_for(
        database_url,
        redis_url,
        public_url=host,
        wechat_app_id=wechat.config.app_id,
        wechat_app_secret=wechat.config.app_secret,
        wechat_api_url=wechat.url,
        wechat_open_url=wechat.url,
        wechat_script_url=f"{wechat.url}/open/js/jweixin-1.6.0.js",
        sms_url=f"{wechat.url}/sms",
        sms_secret_id="id",
        sms_secret_key="key",
        sms_app_id="1400000000",
        sms_sign_name="去向登记",
        sms_template_id="1",
        sms_notice_template_id="2",
        sms_employer_template_id="3",
        face_url=f"{wechat.url}/faceid",
        face_secret_id="id",
        face_secret_key="key",
        face_rule_id="1",
        **changes,
    )
    resources = open_resources(settings, notices.write, clock=clock)
    gateway = open_gateway(settings, resources.redis, clock)
    yield Site(make_app(resources, gateway, Sms(settings, clock)), resources, wechat, clock)
    resources.redis.close()
    resources.engine.dispose()


def find_campus(session: Session, site: Site) -> Campus:
    """Return the one school of the site, made when first asked for."""
    school = session.scalars(select(School)).first()
    if school is None:
        return open_campus(session, site.clock(), vault=site.resources.vault)
    departments = list(session.scalars(select(Department).order_by(Department.id)))
    return Campus(session, site.clock(), school, departments, site.resources.vault)
