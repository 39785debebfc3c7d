"""One tap: the phone that WeChat knows signs a graduate in, from the mini program."""

from sqlalchemy import select

from registry.codes import identity
from registry.record.consents import ConsentPurpose
from registry.record.privacy_notice import DEFAULT_VERSION
from registry.record.privacy_tables import Consent
from registry.record.tables import Graduate
from sandbox.mini_codes import mini_openid
from tests.wxapp.graduate.takeover import last_message
from tests.wxapp.school.records import Campus
from tests.wxapp.site import Site
from tests.wxapp.wechat.mini.mini_phone import DOOR, NUMBER, MiniPhone, bound_openids, own_number

OTHERS = "13900002222"
IDENTITY = "110101200303071230"


def test_the_notice_is_said_as_text_before_the_button(site: Site) -> None:
    said = site.browser().client.get(f"{DOOR}/privacy").get_json()
    assert said["version"] == DEFAULT_VERSION
    assert said["paragraphs"][0] == "一、谁处理您的信息"
    assert not any("<" in each for each in said["paragraphs"])


def test_a_number_of_one_person_signs_her_in_and_binds(site: Site, phone: MiniPhone) -> None:
    graduate = site.graduate(own_number(NUMBER))
    assert phone.login().get_json()["outcome"] == "identify"
    said = phone.login(NUMBER).get_json()
    assert (said["outcome"], said["follow"]) == ("signed_in", True)
    browser = phone.enter(said["open"])
    assert graduate.name in browser.text
    assert "尚未关注学校使用的服务号" in browser.text
    assert bound_openids(site) == [f"mini:{mini_openid(phone.openid)}"]
    consent = site.read(lambda session: session.scalars(select(Consent)).one())
    assert (consent.purpose, consent.notice) == (ConsentPurpose.BINDING, DEFAULT_VERSION)


def test_all_records_of_the_person_are_bound(site: Site, phone: MiniPhone) -> None:
    def second(campus: Campus, graduate: Graduate) -> None:
        own_number(NUMBER)(campus, graduate)
        own_number(NUMBER)(campus, campus.graduate(year=2025, graduation_month="202506"))

    site.graduate(second)
    phone.login(NUMBER)
    assert len(bound_openids(site)) == 2


def test_who_is_bound_signs_in_silently_and_without_a_fee(site: Site, phone: MiniPhone) -> None:
    site.graduate(own_number(NUMBER))
    phone.login(NUMBER)
    billed = site.sandbox.control.counts()["totals"]["numbers_billed"]
    assert phone.login().get_json()["outcome"] == "signed_in"
    assert phone.login(OTHERS).get_json()["outcome"] == "signed_in"
    assert site.sandbox.control.counts()["totals"]["numbers_billed"] == billed


def test_the_country_may_come_as_a_number(site: Site, phone: MiniPhone) -> None:
    site.sandbox.control.configure(mini_country_as_number=True)
    site.graduate(own_number(NUMBER))
    assert phone.login(NUMBER).get_json()["outcome"] == "signed_in"


def two_people(campus: Campus, graduate: Graduate) -> None:
    """Let a sister have the same number, as a parent's is."""
    own_number(NUMBER)(campus, graduate)
    graduate.identity_sealed = campus.vault.seal(identity.IDENTITY, graduate.id, IDENTITY)
    graduate.identity_index = identity.identity_index(campus.vault, IDENTITY)
    own_number(NUMBER)(campus, campus.graduate(name="李婷"))


def test_a_number_of_two_people_asks_who_she_is_and_proves_it_without_a_code(
    site: Site, phone: MiniPhone
) -> None:
    graduate, earlier = site.graduate(two_people), last_message(site)
    said = phone.login(NUMBER).get_json()
    assert said["outcome"] == "identify"
    browser = phone.enter(said["open"])
    browser.submit(button="获取验证码", name=graduate.name, identity_number=IDENTITY)
    assert "绑定成功" in browser.text
    assert len(bound_openids(site)) == 1
    assert site.sandbox.control.sms(NUMBER, earlier) == []


def test_a_number_of_nobody_goes_on_as_ever(site: Site, phone: MiniPhone) -> None:
    def known(campus: Campus, graduate: Graduate) -> None:
        two_people(campus, graduate)

    graduate = site.graduate(known)
    browser = phone.enter(phone.login(OTHERS).get_json()["open"])
    browser.submit(button="获取验证码", name=graduate.name, identity_number=IDENTITY)
    assert "短信验证码已发送至您登记的手机号" in browser.text
    assert bound_openids(site) == []


def test_who_refuses_her_number_goes_on_as_ever(site: Site, phone: MiniPhone) -> None:
    said = phone.login().get_json()
    assert said["outcome"] == "identify"
    assert "绑定本人" in phone.enter(said["open"]).text


def test_an_old_cohorts_number_signs_nobody_in(site: Site, phone: MiniPhone) -> None:
    def old(campus: Campus, graduate: Graduate) -> None:
        own_number(NUMBER)(campus, graduate)
        graduate.year = 2024

    site.graduate(old)
    assert phone.login(NUMBER).get_json()["outcome"] == "identify"


def test_consent_comes_before_the_number(site: Site, phone: MiniPhone) -> None:
    billed = site.sandbox.control.counts()["totals"]["numbers_billed"]
    site.graduate(own_number(NUMBER))
    absent = phone.login(NUMBER, consent_version=None)
    other = phone.login(NUMBER, consent_version="2020-01-01")
    assert [each.get_json()["code"] for each in (absent, other)] == [
        "consent_missing",
        "notice_changed",
    ]
    assert bound_openids(site) == []
    assert site.sandbox.control.counts()["totals"]["numbers_billed"] == billed


def test_without_a_setting_no_one_time_notices_are_offered(site: Site) -> None:
    assert site.browser().client.get(f"{DOOR}/notices").get_json() == {"templates": []}


def test_a_card_opens_its_own_page_after_the_login(site: Site, phone: MiniPhone) -> None:
    graduate = site.graduate(own_number(NUMBER))
    site.change(graduate, Campus.report)
    said = phone.login("", to="confirmation", message="abc").get_json()
    assert phone.enter(said["open"]).path == "/g/confirmation"
    elsewhere = phone.login(to="https").get_json()
    assert phone.enter(elsewhere["open"]).path == "/g/"
