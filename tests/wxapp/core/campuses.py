"""A school's own sign-in for tests: the sandbox's campus, and the ways to it and back."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
from flask import Flask

from registry.accounts import campus_accounts
from registry.accounts.staff import NewStaff, create_staff
from registry.accounts.tables import Role, Staff
from runtime.campus_logins import CampusLogin
from tests.pages import Browser
from tests.waiting import PATIENCE
from tests.wxapp.site import HOST, Site, find_campus

PASSWORD = "correct horse battery"
NUMBER = "T2019007"


def campus_login(site: Site, **changes: Any) -> CampusLogin:  # noqa: ANN401 - any setting's value
    """Return the settings of the sandbox's campus for the one school."""
    with site.resources.sessions.begin() as session:
        code = find_campus(session, site).school.code
    fields = {
        "name": "qinghe",
        "school": code,
        "protocol": "cas",
        "server": f"{site.sandbox.url}/campus/cas",
    }
    return CampusLogin(**(fields | changes))


def app_with_campus(site: Site, **changes: Any) -> Flask:  # noqa: ANN401 - as above
    """Make the application again, with the campus."""
    settings = {name: changes.pop(name) for name in ("second_factor",) if name in changes}
    return site.app_with(campus_logins=(campus_login(site, **changes),), **settings)


def add_staff(site: Site, login: str = "teacher", number: str | None = NUMBER) -> Staff:
    """Add somebody of the school with a 工号."""
    with site.resources.sessions.begin() as session:
        school = find_campus(session, site).school
        new = NewStaff(login, "李老师", Role.SCHOOL, school.id)
        staff = create_staff(session, new, PASSWORD, site.clock())
        if number:
            staff.work_number = number
        return staff


def bind(site: Site, staff: Staff, issuer: str, subject: str = NUMBER) -> None:
    """Bind a campus account as the first sign-in does."""
    with site.resources.sessions.begin() as session:
        person = campus_accounts.CampusPerson(staff.school_id or 0, issuer, subject, NUMBER)
        assert campus_accounts.bind(session, staff, person, site.clock())


def at_the_campus(address: str, number: str = NUMBER, host: str = HOST) -> str:
    """Sign in at the campus; return the path that it leads the browser back to."""
    answer = requests.post(
        address, data={"username": number}, allow_redirects=False, timeout=PATIENCE
    )
    return here(answer.headers["Location"], host)


def here(address: str, host: str = HOST) -> str:
    """Return the path and query of an address of ours."""
    back = urlsplit(address)
    assert f"{back.scheme}://{back.netloc}" == host
    return f"{back.path}?{back.query}"


def service_of(address: str) -> str:
    """Return the service that the way to a campus names."""
    return parse_qs(urlsplit(address).query)["service"][0]


def way_out(browser: Browser) -> str:
    """Go to the campus; return the address there."""
    browser.get("/login/campus/qinghe")
    assert browser.leads_to is not None, browser.path
    return browser.leads_to


def come_by_campus(browser: Browser, number: str = NUMBER) -> Browser:
    """Go to the campus, sign in there and come back."""
    return browser.get(at_the_campus(way_out(browser), number, browser.host))
