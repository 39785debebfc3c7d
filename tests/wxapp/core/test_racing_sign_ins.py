"""Between the check of a password and the session, the account may change: then there is none."""

from collections.abc import Callable

import pytest
from flask import Response, request
from sqlalchemy.orm import Session

from registry.accounts import members, passwords, sessions
from registry.accounts.sessions import Identity
from registry.accounts.staff import NewStaff, create_staff
from registry.accounts.tables import Role, Staff
from tests.pages import Browser
from tests.registry.second_factor.phone import turn_on
from tests.wxapp.site import Site

OLD, NEW, GIVEN = "correct horse battery", "another long password", "a password that was given"

Meanwhile = Callable[[Session, Staff, Site], object]


def give_password(session: Session, staff: Staff, site: Site) -> None:
    passwords.give_first(session, staff, GIVEN, site.clock())


def disable(session: Session, staff: Staff, site: Site) -> None:
    members.disable(session, staff)


def set_a_phone_up(session: Session, staff: Staff, site: Site) -> None:
    turn_on(session, site.resources.vault, staff, site.clock())


@pytest.fixture
def staff(site: Site) -> Staff:
    with site.resources.sessions.begin() as session:
        new = NewStaff("teacher", "王老师", Role.OPERATOR)
        return create_staff(session, new, OLD, site.clock())


def before_the_session_of(site: Site, path: str, staff: Staff, deed: Meanwhile) -> None:
    """Do something else once the view of a form is through and its session not yet written."""

    @site.app.after_request
    def meanwhile(response: Response) -> Response:
        if (request.method, request.path) == ("POST", path):
            with site.resources.sessions.begin() as session:
                deed(session, session.get_one(Staff, staff.id), site)
        return response


def sign_in(site: Site, password: str = OLD) -> Browser:
    return site.browser().get("/login").submit(login="teacher", password=password)


def open_sessions(site: Site, staff: Staff) -> int:
    return site.read(
        lambda session: len(sessions.of_owner(session, Identity(staff.id), site.clock()))
    )


@pytest.mark.parametrize("deed", [give_password, disable, set_a_phone_up])
def test_a_sign_in_that_was_overtaken_opens_nothing(
    site: Site, staff: Staff, deed: Meanwhile
) -> None:
    before_the_session_of(site, "/login", staff, deed)
    browser = sign_in(site)
    assert browser.path == "/login"
    assert open_sessions(site, staff) == 0


@pytest.mark.parametrize("deed", [give_password, disable, set_a_phone_up])
def test_a_change_of_ones_own_password_that_was_overtaken_opens_nothing(
    site: Site, staff: Staff, deed: Meanwhile
) -> None:
    before_the_session_of(site, "/account/password", staff, deed)
    browser = sign_in(site).get("/account")
    browser.submit("form[action='/account/password']", old=OLD, password=NEW, again=NEW)
    assert browser.path == "/login"
    assert open_sessions(site, staff) == 0
