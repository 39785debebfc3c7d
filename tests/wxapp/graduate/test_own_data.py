"""She is told before she types, agrees to a text, sees who saw her, and withdraws."""

import hashlib
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from notifier.binding import own_copy
from notifier.binding.own_copy import Section
from notifier.binding.own_copy_titles import TITLES
from notifier.ledger.tables import Binding
from registry.accounts import audit
from registry.accounts.audit import AuditRecord
from registry.accounts.staff import NewStaff, create_staff
from registry.accounts.tables import Role
from registry.base import retention
from registry.numbers.lookup import looking_up
from registry.numbers.lookup.looking_up import Finding, Receiver
from registry.numbers.shape import Kind
from registry.numbers.tables import IssuedNumber, Result
from registry.record import consents, privacy_notice
from registry.record.consents import ConsentPurpose
from registry.record.privacy_notice import DEFAULT_VERSION
from registry.record.privacy_tables import Consent
from registry.record.tables import Graduate
from tests.pages import Browser
from tests.wxapp.graduate.test_binding import (
    CLAIM,
    PROOF,
    code_on_the_phone,
    report,
    sms_count,
)
from tests.wxapp.graduate.test_binding import IDENTITY as PROVEN
from tests.wxapp.graduate.verifying import authorized, reported
from tests.wxapp.site import Site, find_campus

OWN = "/g/privacy"
OF_NOBODY_OR_STAFF = retention.NOBODYS | retention.OF_STAFF
SCHOOLS_TEXT = "本校说明：处理者为青禾大学。\n您可以联系就业指导中心。"


@pytest.fixture
def graduate(site: Site) -> Graduate:
    return site.graduate(report)


@pytest.fixture
def her(site: Site, graduate: Graduate) -> Browser:
    return site.enter(site.bind(graduate))


def kept(site: Site) -> list[tuple[str, str, bool]]:
    def look(session: Session) -> list[tuple[str, str, bool]]:
        rows = session.scalars(select(Consent).order_by(Consent.id)).all()
        return [(each.purpose, each.notice, each.withdrawn_at is None) for each in rows]

    return site.read(look)


def publish(site: Site, text: str) -> None:
    with site.resources.sessions.begin() as session:
        school = find_campus(session, site).school
        privacy_notice.publish(session, school, text, "staff:x", site.clock())


def test_the_notice_stands_before_the_first_field_and_her_consent_is_kept(
    site: Site, graduate: Graduate
) -> None:
    browser = site.enter(site.sandbox.control.add_phone("新来的"))
    page = browser.body.decode()
    assert 0 < page.index("个人信息处理说明") < page.index("保存多久") < page.index('id="name"')
    browser.submit(button=CLAIM, name="李娟", identity_number=PROVEN)
    assert kept(site) == []
    browser.submit(button=PROOF, code=code_on_the_phone(site))
    assert "绑定成功" in browser.text
    assert kept(site) == [("binding", DEFAULT_VERSION, True)]


def test_whoever_saw_another_text_is_asked_to_read_again(site: Site, graduate: Graduate) -> None:
    browser = site.enter(site.sandbox.control.add_phone("新来的"))
    publish(site, SCHOOLS_TEXT)
    typed = {"name": "李娟", "identity_number": PROVEN}
    before = sms_count(site)
    browser.submit(button=CLAIM, **typed)
    assert (browser.status, "说明已更新" in browser.text) == (400, True)
    assert sms_count(site) == before
    browser.submit(button=CLAIM, **typed)
    browser.submit(button=PROOF, code=code_on_the_phone(site))
    assert kept(site) == [("binding", "10425-1", True)]


def test_the_face_check_has_a_consent_of_its_own(site: Site) -> None:
    authorized(site, reported(site))
    assert [(purpose, holds) for purpose, _, holds in kept(site)] == [("face", True)]


def test_a_new_text_is_shown_and_agreed_to_on_her_page(site: Site, her: Browser) -> None:
    publish(site, SCHOOLS_TEXT)
    her.get("/g/me").follow("个人信息与隐私")
    assert "本校说明" in her.text
    her.submit(f"form[action='{OWN}/read']")
    assert "说明已更新" not in her.text
    assert "10425-1" in her.text
    assert kept(site) == [("binding", "10425-1", True)]


def test_a_text_that_was_not_shown_is_not_agreed_to(site: Site, her: Browser) -> None:
    publish(site, SCHOOLS_TEXT)
    her.get(OWN)
    publish(site, f"{SCHOOLS_TEXT}另有补充。")
    her.submit(f"form[action='{OWN}/read']")
    assert "说明已更新" in her.text
    assert kept(site) == []


def test_she_sees_which_office_saw_her_and_who_looked_her_up(
    site: Site, graduate: Graduate
) -> None:
    browser = authorized(site, reported(site))
    with site.resources.sessions.begin() as session:
        campus = find_campus(session, site)
        clerk = campus.staff(Role.DEPARTMENT, 0)
        office = campus.staff(Role.RECEIVER)
        session.flush()
        number = session.scalars(select(IssuedNumber)).first()
        assert number is not None
        whose = session.get_one(Graduate, number.graduate_id)
        entry = AuditRecord(
            clerk.actor, "reveal_phone", f"graduate:{whose.key}", campus.school.id, {}
        )
        audit.note(session, entry, site.clock())
        finding = Finding(Result.SHOWN, number, number.id, Kind.FILE)
        for account in ("", office.actor):
            receiver = Receiver("index", account=account)
            looking_up.note(session, Kind.FILE, finding, receiver, site.clock())
        names = (clerk.name, office.name)
    page = browser.get(f"{OWN}/seen").text
    assert "计算机学院：查看了完整手机号" in page
    assert page.count(names[0]) == 1, "the receiver's name, and not the clerk's"
    assert "公众核验页面：档案核验编号" in page


def test_an_employer_that_looked_is_named_by_its_unit(
    site: Site, graduate: Graduate, her: Browser
) -> None:
    with site.resources.sessions.begin() as session:
        employer = find_campus(session, site).employer()
        new = NewStaff("hr", "孙经理", Role.EMPLOYER, employer_id=employer.id)
        clerk = create_staff(session, new, "correct horse battery", site.clock())
        looked = audit.by_staff(clerk, "seen_list", "page:employer.home", people=[graduate.id])
        audit.note(session, looked, site.clock())
        unit = employer.unit_name
    page = her.get(f"{OWN}/seen").text
    assert f"{unit}：查看了名单" in page
    assert "孙经理" not in page


def test_what_is_older_than_a_page_of_sights_is_found_behind_it(
    site: Site, graduate: Graduate, her: Browser
) -> None:
    assert "更早" not in her.get(f"{OWN}/seen").text
    with site.resources.sessions.begin() as session:
        clerk = find_campus(session, site).staff(Role.SCHOOL)
        session.flush()
        for action in ("reveal_phone", *["seen_graduate"] * 50):
            record = audit.by_staff(clerk, action, f"graduate:{graduate.key}")
            audit.note(session, record, site.clock())
    first = her.get(f"{OWN}/seen")
    assert first.text.count("查看了毕业生页面") == 50
    assert "查看了完整手机号" not in first.text
    older = first.follow("更早的查看和办理记录")
    assert "查看了完整手机号" in older.text
    assert "查看了毕业生页面" not in older.text
    assert "更早的查看" not in older.text
    assert older.follow("回到最近的记录").path == f"{OWN}/seen"


def withdraw(site: Site, browser: Browser) -> None:
    browser.get(OWN).follow("撤回同意")
    assert "撤销" in browser.text
    openid = site.read(lambda session: session.scalars(select(Binding.openid)).one())
    site.prove(openid, browser, "withdraw")
    browser.submit(f"form[action='{OWN}/withdraw']")


def test_a_withdrawal_ends_binding_authorization_and_session(site: Site) -> None:
    browser = authorized(site, reported(site))
    withdraw(site, browser)
    assert "已撤回同意" in browser.text

    def look(session: Session) -> tuple[object, ...]:
        return (
            session.scalars(select(IssuedNumber.standing)).one(),
            session.scalars(select(Binding.end_reason)).one(),
        )

    assert site.read(look) == ("revoked", "consent_withdrawn")
    assert [holds for *_, holds in kept(site)] == [False]
    assert browser.get("/g/me").path != "/g/me"


def test_every_table_about_a_graduate_is_in_the_copy() -> None:
    """Whatever points to her, to what points to her and so on, or names a WeChat."""
    about, wanted = {"graduate"}, set[str]()
    while about != wanted:
        wanted = set(about)
        for table in Graduate.metadata.tables.values():
            points_to = {key.column.table.name for key in table.foreign_keys}
            if points_to & wanted or {"openid", "unionid"} & set(table.columns.keys()):
                about.add(table.name)
    copied = {each.table.__tablename__ for each in own_copy.SECTIONS}
    assert about - OF_NOBODY_OR_STAFF <= copied | {"graduate"}


def test_every_column_of_the_copy_has_a_title() -> None:
    columns = {name for each in own_copy.SECTIONS for name in own_copy.columns_of(each.table)}
    assert columns | set(own_copy.columns_of(Graduate)) <= TITLES.keys()


@pytest.mark.parametrize("section", own_copy.SECTIONS, ids=lambda each: each.title)
def test_no_column_of_the_copy_takes_the_place_of_another(section: Section) -> None:
    titles = [TITLES[name] for name in own_copy.columns_of(section.table)]
    assert len(titles) == len(set(titles))


def test_one_consent_of_a_purpose_holds(site: Site, graduate: Graduate) -> None:
    with site.resources.sessions.begin() as session:
        for version in ("a", "b"):
            consents.give(session, [graduate.id], ConsentPurpose.BINDING, version, site.clock())
        holding = select(func.count()).where(Consent.withdrawn_at.is_(None))
        assert session.scalars(holding).one() == 1


def test_the_default_text_is_that_of_its_version(repository: Path) -> None:
    """Whoever changes the text gives it another version, and its digest here."""
    text = (repository / "templates" / "privacy" / "default.html").read_bytes()
    assert {DEFAULT_VERSION: hashlib.sha256(text).hexdigest()} == {
        "2026-11-29": "a7e0ceea4c42886a7be3feed0cd6e8d6b85dd4066ac5853e4db63f2d73839aa9",
    }
