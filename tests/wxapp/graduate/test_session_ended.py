"""What she typed while her session ended comes back after signing in, and to nobody else."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from registry.accounts import sessions, unsent_forms
from registry.accounts.tables import UnsentForm
from registry.record.tables import Graduate
from tests.pages import Browser
from tests.wxapp.graduate.outliving import BACK, comes_back
from tests.wxapp.graduate.registering import FORM, WORK, choose, fill_in
from tests.wxapp.school.records import Campus
from tests.wxapp.site import Site

WORDS = "六月三日让我签空白协议"
OVER = sessions.GRADUATE_IDLE + timedelta(minutes=1)


def report(campus: Campus, graduate: Graduate) -> None:
    campus.report(graduate)


@pytest.fixture
def openid(site: Site) -> str:
    return site.bind(site.graduate())


def sign_in_again(site: Site, browser: Browser, openid: str) -> Browser:
    """Go on where the refused form led: to WeChat, and back."""
    assert browser.leads_to is not None, browser.text
    return browser.get(site.way_back(browser.leads_to, openid))


def kept(site: Site) -> int:
    return site.read(lambda session: session.scalar(select(func.count(UnsentForm.id)))) or 0


def time_passes(site: Site, browser: Browser) -> None:
    site.clock.move(OVER)


def cookie_is_lost(site: Site, browser: Browser) -> None:
    browser.client.delete_cookie("quxiang")


def row_is_swept(site: Site, browser: Browser) -> None:
    with site.resources.sessions.begin() as session:
        sessions.end_everybodys(session)


ENDINGS = (time_passes, cookie_is_lost, row_is_swept)
Ending = Callable[[Site, Browser], None]


@pytest.mark.parametrize("ends", ENDINGS)
def test_a_registration_comes_back(site: Site, openid: str, ends: Ending) -> None:
    browser = choose(site.enter(openid, "register"), "10")
    sent = browser.fill("form.register-form", "go=next", **WORK)
    ends(site, browser)
    browser.post(browser.path, sent)
    sign_in_again(site, browser, openid)
    assert browser.path == f"{FORM}/destination"
    assert BACK in browser.text
    assert browser.find("#unit_name")["value"] == WORK["unit_name"]
    assert browser.find("#signed_on")["value"] == WORK["signed_on"]
    chosen = browser.find("select[name=unit_location_code-province] option[selected]")
    assert chosen["value"] == WORK["unit_location_code-province"]


def test_a_dispute_comes_back(site: Site) -> None:
    openid = site.bind(site.graduate(report))
    browser = site.enter(openid, "confirmation")
    sent = browser.fill("#wrong", items="file", note="单位换了地址")
    time_passes(site, browser)
    sign_in_again(site, browser.post("/g/confirmation", sent), openid)
    assert browser.path == "/g/confirmation"
    assert browser.find("#note").get_text() == "单位换了地址"
    assert browser.find("#item-file").has_attr("checked")
    assert browser.find("details.when-wrong").has_attr("open")


def test_a_report_of_a_breach_comes_back_as_the_same_form(site: Site, openid: str) -> None:
    browser = site.enter(openid).get("/g/breaches/new")
    key = browser.find("[name=key]")["value"]
    sent = browser.fill("form.register-form", kind="forced", accused="school", words=WORDS)
    time_passes(site, browser)
    sign_in_again(site, browser.post("/g/breaches/new", sent), openid)
    assert browser.find("#words").get_text() == WORDS
    assert browser.find("[name=key]")["value"] == key


def test_why_a_destination_is_to_be_voided_comes_back(site: Site) -> None:
    openid = site.bind(site.graduate(report))
    page = site.enter(openid).get("/g/void")
    comes_back(site, openid, page, "form.register-form", note="与单位解约")
    assert page.find("#note").get_text() == "与单位解约"


def test_an_agreement_on_paper_comes_back(site: Site, openid: str) -> None:
    browser = site.enter(openid).get("/g/offline/new")
    sent = browser.fill("form.register-form", "go=preview", unit_name="青岛海纳软件有限公司")
    time_passes(site, browser)
    sign_in_again(site, browser.post("/g/offline/new", sent), openid)
    assert browser.find("#unit_name")["value"] == "青岛海纳软件有限公司"


def test_a_page_of_an_earlier_session_comes_back_at_once(site: Site, openid: str) -> None:
    browser = choose(site.enter(openid, "register"), "10")
    sent = browser.fill("form.register-form", "go=next", **WORK)
    cookie_is_lost(site, browser)
    site.enter(openid, "home", browser)  # in another window
    browser.post(f"{FORM}/destination", sent)
    assert browser.path == f"{FORM}/destination"
    assert browser.find("#unit_name")["value"] == WORK["unit_name"]


def test_nobody_else_on_that_phone_sees_it(site: Site, openid: str) -> None:
    browser = site.enter(openid).get("/g/breaches/new")
    sent = browser.fill("form.register-form", kind="forced", accused="school", words=WORDS)
    time_passes(site, browser)
    browser.post("/g/breaches/new", sent)
    other = site.bind(site.graduate(), "王芳")
    sign_in_again(site, browser, other)
    assert browser.path == "/g/breaches"
    browser.get("/g/breaches/new")
    assert (browser.find("#words").get_text(), BACK in browser.text) == ("", False)


def test_it_is_forgotten_once_it_was_sent(site: Site, openid: str) -> None:
    browser = choose(site.enter(openid, "register"), "10")
    sent = browser.fill("form.register-form", "go=next", **WORK)
    time_passes(site, browser)
    sign_in_again(site, browser.post(browser.path, sent), openid)
    browser.get(f"{FORM}/destination")  # loaded once more
    assert (kept(site), browser.find("#unit_name")["value"]) == (1, WORK["unit_name"])
    browser.submit("form.register-form", "go=later")
    assert kept(site) == 0


def test_it_is_kept_for_an_hour_at_most(site: Site, openid: str) -> None:
    browser = site.enter(openid).get("/g/breaches/new")
    sent = browser.fill("form.register-form", words=WORDS)
    time_passes(site, browser)
    browser.post("/g/breaches/new", sent)
    site.clock.move(timedelta(minutes=59))
    browser = site.enter(openid).get("/g/breaches/new")
    assert browser.find("#words").get_text() == ""
    with site.resources.sessions.begin() as session:
        unsent_forms.sweep(session, site.clock())
    assert kept(site) == 0


def test_it_lies_sealed(site: Site, openid: str) -> None:
    browser = site.enter(openid).get("/g/breaches/new")
    sent = browser.fill("form.register-form", words=WORDS)
    time_passes(site, browser)
    browser.post("/g/breaches/new", sent)
    row = site.read(lambda session: session.scalars(select(UnsentForm)).one())
    assert row.typed_sealed.startswith("v2:")
    assert WORDS not in row.typed_sealed


def test_without_its_owner_a_form_keeps_nothing(site: Site, openid: str) -> None:
    browser = site.enter(openid).get("/g/breaches/new")
    for owner in ("", "v2:a:b", str(browser.get("/g/offline/new").find("[name=owner]")["value"])):
        time_passes(site, browser)
        browser.post("/g/breaches/new", {"owner": owner, "words": WORDS})
        assert (browser.status, kept(site)) == (400, 0)


def test_a_form_that_is_sent_in_time_keeps_nothing(site: Site, openid: str) -> None:
    fill_in(site.enter(openid, "register"))
    assert kept(site) == 0
