"""What tests of 核验授权 do: confirm, prove, authorize, and be looked up by a receiver."""

import re
from urllib.parse import urlsplit

import requests
from sqlalchemy import select

from notifier.ledger.tables import Binding
from registry.numbers.lookup import looking_up
from registry.numbers.lookup.looking_up import Receiver
from registry.numbers.shape import Kind
from registry.record.tables import Graduate, Source
from tests.pages import Browser
from tests.wxapp.site import Site

PAGE = "/g/authorization"
FILE = f"{PAGE}/file"
PROOF = f"{PAGE}/proof"
BACK = f"{PAGE}/face/back/{'x' * 43}"
NUMBER = re.compile(r"2610425 [0-9A-Z]{4} [0-9A-Z]{4}")


def reported(site: Site, **registered: str) -> Graduate:
    """Add a graduate whose destination was reported."""
    return site.graduate(lambda campus, her: campus.report(her, Source.IMPORT, **registered))


def confirmed(site: Site, graduate: Graduate) -> Browser:
    """Let a graduate in and confirm what is registered of her."""
    browser = site.enter(site.bind(graduate))
    browser.get("/g/confirmation").submit("#right")
    return browser.get(PAGE)


def again(site: Site, graduate: Graduate) -> Browser:
    """Let a bound graduate in with another browser."""
    wanted = select(Binding.openid).where(Binding.graduate_id == graduate.id)
    openid = site.read(lambda session: session.scalars(wanted).one())
    return site.enter(openid, "authorization")


def choose(browser: Browser, *kinds: str, validity: str = "week") -> Browser:
    """Choose what to authorize; return the page that asks for the proof, or the number."""
    return browser.get(PAGE).submit("#authorize", kinds=list(kinds or ["file"]), validity=validity)


def begin_face(browser: Browser) -> str:
    """Begin a face check for what was chosen; return the address of the provider's page."""
    browser.get(PROOF).submit()
    return str(browser.find("a.weui-btn_primary")["href"])


def end_face(url: str, ending: str) -> str:
    """Press a button on the provider's page; return the path it leads back to."""
    answer = requests.post(url, data={"act": ending}, timeout=5, allow_redirects=False)
    back = urlsplit(answer.headers["Location"])
    return f"{back.path}?{back.query}"


def without_the_way(back: str) -> str:
    """Return a way back as somebody writes it who began the check and was not led there."""
    path, _, query = back.partition("?")
    return f"{path.rpartition('/')[0]}/{'x' * 43}?{query}"


def prove(browser: Browser, ending: str = "pass") -> Browser:
    """Go through the provider's page and come back."""
    return browser.get(end_face(begin_face(browser), ending))


def authorized(site: Site, graduate: Graduate, validity: str = "week") -> Browser:
    """Let a graduate in who has authorized her file report."""
    return prove(choose(confirmed(site, graduate), validity=validity))


def number_on(browser: Browser) -> str:
    """Return the one verification number on the page."""
    [found] = set(NUMBER.findall(browser.text))
    return str(found)


def look_up(site: Site, number: str, kind: Kind = Kind.FILE, *, by_link: bool = False) -> bool:
    """Look a number up as a receiver does, and keep it; say whether a report was shown."""
    vault = site.resources.vault
    with site.resources.sessions.begin() as session:
        found = looking_up.by_number(session, vault, kind, "李娟", number, site.clock())
        receiver = Receiver("receiver", by_link=by_link)
        looking_up.note(session, kind, found, receiver, site.clock())
        return found.number is not None
