"""Codes of a second factor guessed over HTTP by who has the password: how many are weighed."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from threading import Barrier

import pytest

from registry.accounts.staff import NewStaff, create_staff
from registry.accounts.tables import Role, Staff
from registry.second_factor.factor import ANYWHERE, HERE
from tests.pages import Browser
from tests.registry.second_factor.phone import Phone, turn_on
from tests.wxapp.site import Site
from wxapp.core.limits import limiter

PASSWORD = "correct horse battery"
AT_ONCE = 40
WEIGHED, STOPPED = "动态码不对", "连续输错多次"
HOME = "203.0.113.7"
CODES = {"of the phone": "000000", "kept": "aaaa-bbbb-cccc"}


@dataclass
class Guesser:
    """Who has somebody's password, in one browser that has as many addresses as it likes."""

    site: Site
    staff: Staff
    phone: Phone
    session: str
    token: str

    def guess(self, code: str, address: str) -> str:
        """Send a code; return what is said of it."""
        client = self.site.app.test_client()
        client.set_cookie("quxiang", self.session)
        answer = client.post(
            "/login/code",
            data={"csrf_token": self.token, "code": code},
            environ_base={"REMOTE_ADDR": address},
        )
        return next((each for each in (WEIGHED, STOPPED) if each in answer.text), answer.status)


@pytest.fixture
def guesser(site: Site, monkeypatch: pytest.MonkeyPatch) -> Guesser:
    """Give one whom the first filter, thirty a minute and address, does not stop before."""
    monkeypatch.setattr(limiter, "enabled", False)
    with site.resources.sessions.begin() as session:
        new = NewStaff("teacher", "王老师", Role.OPERATOR)
        staff = create_staff(session, new, PASSWORD, site.clock())
        phone, _ = turn_on(session, site.resources.vault, staff, site.clock())
    browser = Browser(site.app.test_client()).get("/login")
    browser.submit(login="teacher", password=PASSWORD)
    cookie = browser.client.get_cookie("quxiang")
    assert cookie is not None
    token = str(browser.find("form[action='/login/code']:has(#code) [name=csrf_token]")["value"])
    return Guesser(site, staff, phone, cookie.value, token)


@pytest.mark.in_ci  # by the rules alone: tests/registry/second_factor/test_bursts.py
@pytest.mark.parametrize("code", CODES.values(), ids=CODES)
@pytest.mark.parametrize(
    ("address", "free"),
    [(lambda _: HOME, HERE.free), (lambda place: f"198.51.{place}.1", ANYWHERE.free)],
    ids=["one address", "forty addresses"],
)
def test_of_forty_guesses_at_once_as_many_are_weighed_as_are_free(
    guesser: Guesser, code: str, address: Callable[[int], str], free: int
) -> None:
    together = Barrier(AT_ONCE)

    def one(place: int) -> str:
        together.wait()
        return guesser.guess(code, address(place))

    with ThreadPoolExecutor(AT_ONCE) as many:
        said = Counter(many.map(one, range(AT_ONCE)))
    assert said == {WEIGHED: free, STOPPED: AT_ONCE - free}


def test_in_an_hour_from_many_addresses_some_thirty_are_weighed(
    guesser: Guesser, site: Site
) -> None:
    ends, places, weighed = site.clock() + timedelta(hours=1), count(), 0
    while site.clock() < ends:
        if guesser.guess("000000", f"198.51.{next(places)}.1") == WEIGHED:
            weighed += 1
        else:
            site.clock.move(timedelta(seconds=30))
    assert ANYWHERE.free < weighed <= 30
    own = guesser.guess(guesser.phone.code(site.clock()), HOME)
    assert own.startswith(("303", STOPPED))
