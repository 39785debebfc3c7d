"""Who is not her gets in by no token, code, number or account of the mini program."""

import hashlib
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select

from notifier.binding import bind_by_phone
from registry.accounts import handovers
from registry.accounts.tables import MiniHandover, WebSession
from registry.record.contact_tables import ContactChange
from registry.record.tables import Graduate
from sandbox.mini_codes import mini_openid
from tests.pages import Browser
from tests.wxapp.school.records import Campus
from tests.wxapp.site import Site
from tests.wxapp.wechat.mini.mini_phone import DOOR, NUMBER, MiniPhone, bound_openids, own_number


def code_of(answer: object) -> str:
    return str(answer.get_json()["code"])  # type: ignore[attr-defined]  # a test's answer


def stranger(site: Site) -> MiniPhone:
    """Give somebody else a phone."""
    return MiniPhone(site, site.sandbox.control.add_phone("张三", number="13900009999"))


def is_signed_in(browser: Browser, graduate: Graduate) -> bool:
    return graduate.name in browser.get("/g/").text


def test_a_code_counts_once(site: Site, phone: MiniPhone) -> None:
    control = site.sandbox.control
    used = control.login_code(phone.openid)
    assert phone.login(login_code=used).status_code == 200
    again = phone.login(login_code=used)
    assert (again.status_code, code_of(again)) == (409, "login_code_used")
    assert code_of(phone.login(login_code="nobodys")) == "login_code_invalid"
    number = control.phone_code(phone.openid)
    assert phone.login("", phone_code=number).status_code == 200
    assert code_of(phone.login("", phone_code=number)) == "phone_code_used"


def test_anothers_button_is_no_number_of_hers(site: Site, phone: MiniPhone) -> None:
    site.graduate(own_number(NUMBER))
    stolen = site.sandbox.control.phone_code(phone.openid)
    assert code_of(stranger(site).login("", phone_code=stolen)) == "phone_code_invalid"
    assert bound_openids(site) == []


def test_a_number_of_another_mini_program_is_refused(site: Site, phone: MiniPhone) -> None:
    site.graduate(own_number(NUMBER))
    site.sandbox.control.configure(mini_watermark="wx0000000000000000")
    assert code_of(phone.login("")) == "phone_foreign"
    assert bound_openids(site) == []


def test_a_token_opens_one_session(site: Site, phone: MiniPhone) -> None:
    graduate = site.graduate(own_number(NUMBER))
    opened = phone.login("").get_json()["open"]
    assert is_signed_in(phone.enter(opened), graduate)
    again = phone.enter(opened)
    assert (again.status, is_signed_in(again, graduate)) == (400, False)


def test_a_token_is_good_for_a_minute(site: Site, phone: MiniPhone) -> None:
    graduate = site.graduate(own_number(NUMBER))
    opened = phone.login("").get_json()["open"]
    site.clock.move(handovers.LIFETIME)
    late = phone.enter(opened)
    assert (late.status, is_signed_in(late, graduate)) == (400, False)


def test_a_token_opens_nothing_on_another_device(site: Site, phone: MiniPhone) -> None:
    graduate = site.graduate(own_number(NUMBER))
    opened = phone.login("").get_json()["open"]
    thief = stranger(site).enter(opened)
    assert (thief.status, is_signed_in(thief, graduate)) == (400, False)
    digest = MiniPhone(site, phone.openid, secret=phone.device)  # what the login has sent
    assert digest.enter(opened).status == 400
    assert is_signed_in(phone.enter(opened), graduate)


def test_a_new_login_ends_the_tokens_before_it(site: Site, phone: MiniPhone) -> None:
    site.graduate(own_number(NUMBER))
    first = phone.login("").get_json()["open"]
    phone.login()
    assert phone.enter(first).status == 400


def test_the_token_is_in_no_request_line_and_leaves_the_address(
    site: Site, phone: MiniPhone
) -> None:
    site.graduate(own_number(NUMBER))
    opened = urlsplit(phone.login("").get_json()["open"])
    assert (opened.query, bool(opened.fragment)) == ("", True)
    rows = site.read(lambda session: session.scalars(select(MiniHandover)).all())
    assert opened.fragment not in str([vars(each) for each in rows])


def test_another_site_cannot_have_her_signed_in(site: Site, phone: MiniPhone) -> None:
    opened = urlsplit(stranger(site).login().get_json()["open"])
    sent = {"token": opened.fragment, "device": phone.secret}
    answer = site.browser().client.post(opened.path, data=sent)
    assert answer.status_code == 400


def test_outside_a_mini_program_no_token_is_taken(site: Site, phone: MiniPhone) -> None:
    site.graduate(own_number(NUMBER))
    opened = phone.login("").get_json()["open"]
    real = site.app_with(wechat_open_url="https://open.weixin.qq.com")
    elsewhere = {"User-Agent": "Mozilla/5.0 MicroMessenger/8.0.50"}
    within = {"User-Agent": "Mozilla/5.0 MicroMessenger/8.0.50 miniProgram/wx7c41d8e95a3b2f60"}
    sent = {"token": urlsplit(opened).fragment, "device": phone.secret}
    for headers, status in ((elsewhere, 400), (within, 200)):
        browser = Browser(real.test_client()).get(f"{DOOR}/enter")
        browser.post(f"{DOOR}/enter", browser.fill("#enter", **sent), headers)
        assert browser.status == status


def test_a_number_changed_by_staff_lately_signs_nobody_in(site: Site, phone: MiniPhone) -> None:
    def changed(campus: Campus, graduate: Graduate) -> None:
        own_number(NUMBER)(campus, graduate)
        campus.session.add(
            ContactChange(
                school_id=campus.school.id,
                graduate_id=graduate.id,
                kind="phone",
                made_by="staff:1",
                made_at=campus.at,
                state="standing",
                waits_until=campus.at + timedelta(hours=24),
                notice_state="none",
                notice_next_at=campus.at,
            )
        )

    site.graduate(changed)
    assert code_of(phone.login("")) == "binding_waits"
    assert bound_openids(site) == []
    site.clock.move(timedelta(hours=25))
    assert phone.login("").get_json()["outcome"] == "signed_in"


def test_who_is_bound_to_another_wechat_is_not_taken_over(site: Site, phone: MiniPhone) -> None:
    openid = site.bind(site.graduate(own_number(NUMBER)))
    assert code_of(phone.login("")) == "bound_elsewhere"
    assert bound_openids(site) == [openid]


def test_numbers_are_asked_for_ten_times_a_day(site: Site, phone: MiniPhone) -> None:
    for _ in range(bind_by_phone.A_DAY):
        assert phone.login("").status_code == 200
    spent = phone.login("")
    assert (spent.status_code, code_of(spent)) == (429, "phone_spent")
    site.clock.move(timedelta(hours=25))
    assert phone.login("").status_code == 200


@pytest.mark.parametrize(
    ("path", "errcode", "status", "code"),
    [
        ("/sns/jscode2session", 40226, 403, "high_risk"),
        ("/sns/jscode2session", 45011, 429, "too_many"),
        ("/sns/jscode2session", -1, 503, "wechat_away"),
        ("/sns/jscode2session", 40013, 503, "account_fault"),
        ("/wxa/business/getuserphonenumber", 45009, 503, "phone_unavailable"),
        ("/wxa/business/getuserphonenumber", 48001, 503, "phone_unavailable"),
    ],
)
def test_what_wechat_refuses_is_said(
    site: Site, phone: MiniPhone, path: str, errcode: int, status: int, code: str
) -> None:
    site.sandbox.control.fault("errcode", path=path, errcode=errcode)
    answer = phone.login("")
    assert (answer.status_code, code_of(answer)) == (status, code)
    assert answer.get_json()["sentence"]


def test_signing_out_of_one_ends_the_other(site: Site, phone: MiniPhone) -> None:
    graduate = site.graduate(own_number(NUMBER))
    browser = phone.enter(phone.login("").get_json()["open"])
    assert phone.call("session", {"secret": phone.secret}).get_json() == {"signed_in": True}
    assert phone.call("sign-out", {"secret": phone.secret}).status_code == 204
    assert not is_signed_in(browser, graduate)
    browser = phone.enter(phone.login().get_json()["open"])
    browser.get("/g/sessions")
    browser.submit("form[action$='/leave']")
    assert phone.call("session", {"secret": phone.secret}).get_json() == {"signed_in": False}


def test_a_device_ends_no_other_session(site: Site, phone: MiniPhone) -> None:
    graduate = site.graduate(own_number(NUMBER))
    browser = phone.enter(phone.login("").get_json()["open"])
    for secret in (stranger(site).secret, phone.device):
        phone.call("sign-out", {"secret": secret})
    assert is_signed_in(browser, graduate)


def test_entering_again_ends_the_session_before(site: Site, phone: MiniPhone) -> None:
    graduate = site.graduate(own_number(NUMBER))
    first = phone.enter(phone.login("").get_json()["open"])
    phone.enter(phone.login().get_json()["open"])
    assert not is_signed_in(first, graduate)
    rows = site.read(lambda session: session.scalars(select(WebSession.mini_device)).all())
    assert [each for each in rows if each] == [hashlib.sha256(phone.secret.encode()).hexdigest()]


@pytest.mark.parametrize(
    "body",
    [
        {"login_code": "a\0b"},
        {"device": "short"},
        {"login_code": ["a"]},
        {"openid": "oQx0000000000000000000000000"},
        {"message": "x" * 9000},
    ],
    ids=["nul", "no digest", "a list", "an openid of one's own", "too long"],
)
def test_what_is_no_request_is_refused(
    site: Site, phone: MiniPhone, body: dict[str, object]
) -> None:
    answer = phone.login(None, **body)
    assert (answer.status_code, code_of(answer)) in [
        (400, "request_unreadable"),
        (413, "content_too_large"),
    ]


def test_cookies_and_forms_are_nothing_here(site: Site, phone: MiniPhone) -> None:
    answer = site.browser().client.post(f"{DOOR}/login", data={"login_code": "x"})
    assert code_of(answer) == "request_unreadable"
    assert "Set-Cookie" not in phone.login().headers


def test_without_the_settings_there_is_no_door(site: Site, phone: MiniPhone) -> None:
    app = site.app_with(mini_app_id="")
    answer = app.test_client().get(f"{DOOR}/privacy")
    assert (answer.status_code, code_of(answer)) == (404, "mini_off")


def test_a_mini_openid_is_no_account_of_the_service(site: Site, phone: MiniPhone) -> None:
    """Who could choose his openid with the account would choose hers with the mini program."""
    site.graduate(own_number(NUMBER))
    phone.login("")
    (openid,) = bound_openids(site)
    assert openid != mini_openid(phone.openid)
