"""Staff sign in by campuses that others wrote: django-cas-server, oidc-provider-mock."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from werkzeug.serving import make_server

from commands.ports import LOOPBACK, any_port
from registry.accounts.tables import Staff
from tests.pages import Browser
from tests.wxapp.core.campus_peers import PeerBrowser, run_cas, run_oidc
from tests.wxapp.core.campuses import NUMBER, PASSWORD, add_staff, app_with_campus, bind
from tests.wxapp.site import Site

PERSON = "zhang3"
CAS_ATTRIBUTES = {"employeeNumber": NUMBER, "type": ["teacher", "member"], "xm": "张三"}
CLAIMS = {"sub": PERSON, "code": NUMBER, "type": "teacher", "name": "张三"}
CAS_SETTINGS = {"number": "employeeNumber", "kind": "type", "staff_kinds": frozenset({"teacher"})}
OIDC_SETTINGS = {
    "protocol": "oidc",
    "client_id": "quxiang",
    "client_secret": "made up for the campus",
    "number": "code",
    "kind": "type",
    "staff_kinds": frozenset({"teacher"}),
}

pytestmark = [pytest.mark.slow, pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)]


@pytest.fixture
def address() -> str:
    return f"http://{LOOPBACK}:{any_port()}"


@pytest.fixture
def cas(tmp_path: Path, address: str) -> Iterator[str]:
    with run_cas(tmp_path, f"{address}/login/campus/", PERSON, PASSWORD, CAS_ATTRIBUTES) as server:
        yield server


@pytest.fixture
def oidc(tmp_path: Path) -> Iterator[str]:
    with run_oidc(tmp_path, CLAIMS, {"sub": "li4", "code": "S1", "type": "student"}) as server:
        yield server


@contextmanager
def served(site: Site, server: str, address: str, **settings: object) -> Iterator[Flask]:
    """Serve the pages where the campus finds them, for what it posts by itself."""
    object.__setattr__(site.resources.settings, "public_url", address)
    app = app_with_campus(site, server=server, **settings)
    place = urlsplit(address)
    door = make_server(str(place.hostname), place.port or 0, app, threaded=True)
    thread = Thread(target=door.serve_forever)
    thread.start()
    try:
        yield app
    finally:
        door.shutdown()
        thread.join()
        door.server_close()


def bound(site: Site, issuer: str) -> Staff:
    staff = add_staff(site)
    bind(site, staff, issuer, PERSON)
    return staff


def came_back(browser: Browser, address: str) -> Browser:
    """Come back from the campus, where it led the browser to."""
    assert address.startswith(f"{browser.host}/login/campus/qinghe/back?"), address
    return browser.get(address.removeprefix(browser.host))


def out(browser: Browser) -> str:
    browser.get("/login/campus/qinghe")
    assert browser.leads_to is not None, browser.path
    return browser.leads_to


def test_a_cas_server_signs_in_once_for_each_ticket_and_out_at_once(
    site: Site, cas: str, address: str
) -> None:
    with served(site, cas, address, **CAS_SETTINGS) as app:
        add_staff(site)
        there, browser = PeerBrowser(), Browser(app.test_client(), address)
        back = there.sign_in(out(browser), username=PERSON, password=PASSWORD)
        came_back(browser, back)
        assert browser.path == "/login/campus-first"
        assert NUMBER in browser.text
        assert browser.submit(login="teacher", password=PASSWORD).path == "/school/"
        other = Browser(app.test_client(), address)
        out(other)
        assert "已失效" in came_back(other, back).text  # another browser's state
        state = parse_qs(urlsplit(parse_qs(urlsplit(out(other)).query)["service"][0]).query)
        spent = f"{address}/login/campus/qinghe/back?state={state['state'][0]}"
        ticket = parse_qs(urlsplit(back).query)["ticket"][0]
        assert "没有确认您的身份" in came_back(other, f"{spent}&ticket={ticket}").text
        there.go(f"{cas}/logout?all=1")
        assert browser.get("/school/").path == "/login"


def test_a_provider_of_openid_connect_signs_in_whom_it_names_and_nobody_for_another(
    site: Site, oidc: str, address: str
) -> None:
    with served(site, oidc, address, **OIDC_SETTINGS) as app:
        bound(site, oidc)
        there, browser = PeerBrowser(), Browser(app.test_client(), address)
        back = there.sign_in(out(browser), sub=PERSON)
        assert came_back(browser, back).path == "/school/"
        other = Browser(app.test_client(), address)
        out(other)
        assert "已失效" in came_back(other, back).text
        assert "不是教职工" in came_back(other, there.sign_in(out(other), sub="li4")).text
        refused = there.sign_in(out(other), action="deny")
        assert "已失效" in came_back(other, refused).text  # this peer gives no state back then
