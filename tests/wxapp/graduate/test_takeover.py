"""A school account cannot become a graduate: she hears of it at once, and can stop it.

Before, one account did all of the first test's steps in a minute and authorized a report.
"""

from datetime import timedelta

import pytest
from sqlalchemy import select

from notifier.ledger.tables import Binding, Message
from registry.accounts.audit import AuditRecord, note
from registry.accounts.tables import AuditEntry, Role, Staff
from registry.numbers.verification import authentication
from registry.record.contact_changes import WAIT
from registry.record.contact_tables import ContactChange
from registry.record.tables import Graduate
from tests.pages import Browser
from tests.wxapp.graduate.takeover import (
    THEIR_PHONE,
    Takeover,
    authorize,
    last_message,
    with_real_number,
)
from tests.wxapp.graduate.verifying import choose, prove
from tests.wxapp.school.records import PHONE, Campus
from tests.wxapp.site import Site

LONG_AGO = timedelta(days=400)


@pytest.fixture
def takeover(site: Site) -> Takeover:
    graduate = site.graduate(with_real_number)
    return Takeover(site, graduate, site.bind(graduate), last_message(site))


@pytest.fixture
def accused(takeover: Takeover) -> Staff:
    return takeover.staff()


@pytest.fixture
def theirs(takeover: Takeover, accused: Staff) -> Browser:
    """Give the browser of the account that tries it."""
    return takeover.signed_in(accused)


@pytest.fixture
def second(takeover: Takeover) -> Browser:
    """Give the browser of another member of staff."""
    return takeover.signed_in(colleague(takeover))


def colleague(takeover: Takeover) -> Staff:
    """Add a member of staff who has been there for long."""
    member = takeover.staff()
    with takeover.site.resources.sessions.begin() as session:
        session.get_one(Staff, member.id).created_at -= LONG_AGO
    return member


def another_wechat(takeover: Takeover) -> str:
    return takeover.site.sandbox.control.add_phone("新微信")


def is_bound(takeover: Takeover) -> bool:
    wanted = select(Binding.id).where(
        Binding.graduate_id == takeover.graduate.id, Binding.ended_at.is_(None)
    )
    return takeover.site.read(lambda session: session.scalar(wanted)) is not None


def logged(takeover: Takeover) -> list[tuple[str, str]]:
    wanted = select(AuditEntry.action, AuditEntry.actor).where(
        AuditEntry.subject == f"graduate:{takeover.graduate.key}"
    )
    rows = takeover.site.read(lambda session: session.execute(wanted).all())
    return [(action, actor) for action, actor in rows]


def test_one_account_alone_cannot_take_a_graduate_over(
    takeover: Takeover, accused: Staff, theirs: Browser
) -> None:
    site = takeover.site
    site.enter(takeover.openid).get("/g/confirmation").submit("#right")
    takeover.import_phone(theirs)
    takeover.unbind(theirs)
    stolen = takeover.claim(another_wechat(takeover))
    assert "之后才能绑定" in stolen.text
    assert not is_bound(takeover)
    site.clock.move(WAIT)
    stolen = takeover.claim(another_wechat(takeover))
    assert "绑定成功" in stolen.text
    theirs = takeover.signed_in(accused)
    assert takeover.record_in_person(theirs).status == 400
    assert "请由另一位老师办理" in theirs.text
    with site.resources.readers() as session:
        ident = takeover.graduate.id
        assert authentication.in_person_today(session, ident, site.clock()) is None


def test_old_wechat_and_old_phone_are_told_at_once_and_her_log_says_who(
    takeover: Takeover, accused: Staff, theirs: Browser
) -> None:
    takeover.import_phone(theirs)
    takeover.unbind(theirs)
    wanted = select(Message.openid, Message.kind, Message.facts).order_by(Message.id)
    told = takeover.site.read(lambda session: session.execute(wanted).all())[-2:]
    assert [(each.openid, each.kind) for each in told] == [(takeover.openid, "contact_changed")] * 2
    assert "手机号码更改" in told[0].facts
    assert "微信绑定解除" in told[1].facts
    before = len(takeover.messages_on(PHONE))
    takeover.tell()
    texts = [each["text"] for each in takeover.messages_on(PHONE)[before:]]
    assert ["手机号码更改" in texts[0], "微信绑定解除" in texts[1]] == [True, True]
    assert [each for each in takeover.messages_on(THEIR_PHONE) if "/o/" in each["text"]] == []
    assert {("phone_changed", accused.actor), ("unbound_by_school", accused.actor)} <= set(
        logged(takeover)
    )


def test_the_page_of_one_person_is_no_way_around(takeover: Takeover, theirs: Browser) -> None:
    takeover.correct_phone(theirs)
    takeover.unbind(theirs)
    assert "之后才能绑定" in takeover.claim(another_wechat(takeover)).text


def test_she_sees_it_and_her_objection_stops_authorizations(
    takeover: Takeover, theirs: Browser, second: Browser
) -> None:
    site = takeover.site
    hers = site.enter(takeover.openid)
    hers.get("/g/confirmation").submit("#right")
    takeover.correct_phone(theirs)
    hers.get("/g/").follow("不是您要求的")
    assert "王老师" in hers.text
    hers.submit("form[action='/g/contact']", words="我没有换号")
    assert "异议待核实" in hers.text
    page = prove(choose(hers))
    assert "提出了异议" in page.text
    assert "我没有换号" in takeover.page(second).text
    assert "变更有异议" in second.get("/school/").text


def test_who_was_unbound_objects_in_the_old_wechat(takeover: Takeover, theirs: Browser) -> None:
    takeover.unbind(theirs)
    hers = takeover.site.enter(takeover.openid)
    hers.get("/g/contact?message=1").submit("form[action='/g/contact']")
    assert "异议待核实" in hers.text
    takeover.site.clock.move(WAIT)
    assert "异议" in takeover.claim(another_wechat(takeover), PHONE).text
    assert not is_bound(takeover)


def test_the_link_on_the_old_phone_objects_in_any_browser(
    takeover: Takeover, theirs: Browser, second: Browser
) -> None:
    takeover.import_phone(theirs)
    takeover.unbind(theirs)
    takeover.tell()
    anywhere = takeover.site.browser().get(takeover.link_on(PHONE))
    assert "李*" in anywhere.text
    assert "李娟" not in anywhere.text
    anywhere.submit()
    assert "已提出异议" in anywhere.text
    assert takeover.site.browser().get("/o/abcdefghjkmn").status == 404


def test_an_objection_lapses_what_was_authorized_since(
    takeover: Takeover, theirs: Browser, second: Browser
) -> None:
    site = takeover.site
    site.enter(takeover.openid).get("/g/confirmation").submit("#right")
    takeover.correct_phone(theirs)
    takeover.unbind(theirs)
    site.clock.move(WAIT)
    stolen = takeover.claim(another_wechat(takeover))
    takeover.record_in_person(takeover.signed_in(takeover.staff()))
    stolen.get("/g/confirmation")
    authorize(stolen)
    assert "生效中" in stolen.text
    object_in(site.enter(takeover.openid))
    assert "生效中" not in stolen.get("/g/authorization").text


def object_in(browser: Browser, which: int = 1) -> Browser:
    browser.get("/g/contact")
    return browser.submit(f"section:nth-of-type({which}) form")


def test_upheld_she_has_her_phone_again_and_whoever_was_bound_since_is_out(
    takeover: Takeover, accused: Staff, theirs: Browser
) -> None:
    before = takeover.reload().phone_index
    takeover.correct_phone(theirs)
    takeover.unbind(theirs)
    takeover.site.clock.move(WAIT)
    stolen = takeover.claim(another_wechat(takeover))
    object_in(takeover.site.enter(takeover.openid), which=2)
    theirs, second = takeover.signed_in(accused), takeover.signed_in(colleague(takeover))
    assert "须由另一位老师" in takeover.page(theirs).text
    takeover.page(second)
    second.submit("form[action$=objection]", judgement="uphold", reason="电话核实")
    assert takeover.reload().phone_index == before
    assert not is_bound(takeover)
    assert stolen.get("/g/").path != "/g/"
    assert "绑定成功" in takeover.claim(another_wechat(takeover), PHONE).text


def test_an_objection_that_is_upheld_opens_nothing_to_the_new_phone(
    takeover: Takeover, theirs: Browser, second: Browser
) -> None:
    takeover.correct_phone(theirs)
    takeover.unbind(theirs)
    object_in(takeover.site.enter(takeover.openid))
    takeover.page(second)
    second.submit("form[action$=objection]", judgement="uphold", reason="电话核实")
    assert "之后才能绑定" in takeover.claim(another_wechat(takeover)).text


def test_dismissed_all_goes_on(takeover: Takeover, theirs: Browser, second: Browser) -> None:
    takeover.unbind(theirs)
    takeover.site.enter(takeover.openid).get("/g/contact").submit("form[action='/g/contact']")
    takeover.page(second)
    second.submit("form[action$=objection]", judgement="dismiss", reason="本人到场")
    assert "绑定成功" in takeover.claim(another_wechat(takeover), PHONE).text


def test_on_the_last_day_a_second_member_of_staff_makes_it_work_in_a_minute(
    takeover: Takeover, theirs: Browser, second: Browser
) -> None:
    takeover.correct_phone(theirs)
    takeover.unbind(theirs)
    takeover.page(second).submit("form[action$=release]", reason="本人持身份证到场")
    hers = takeover.claim(another_wechat(takeover))
    assert "绑定成功" in hers.text
    assert [action for action, _ in logged(takeover)].count("binding_released") == 1


def test_the_one_who_changed_it_releases_nothing(takeover: Takeover, theirs: Browser) -> None:
    takeover.unbind(theirs)
    assert not takeover.page(theirs).find_all("form[action$=release]")
    assert send_release(takeover, theirs) == 400


def send_release(takeover: Takeover, browser: Browser) -> int:
    wanted = select(ContactChange.key).order_by(ContactChange.id.desc()).limit(1)
    key = takeover.site.read(lambda session: session.scalars(wanted).one())
    token = takeover.page(browser).find_all("input[name=csrf_token]")[0]["value"]
    sent = {"csrf_token": token, "change": key, "reason": "核实"}
    return browser.post(f"/school/graduates/{takeover.graduate.key}/release", sent).status


@pytest.mark.parametrize("how", ["made for it", "its password was set"])
def test_an_account_in_the_same_hands_is_no_second_person(
    takeover: Takeover, accused: Staff, theirs: Browser, how: str
) -> None:
    puppet = takeover.staff()
    with takeover.site.resources.sessions.begin() as session:
        at = takeover.site.clock()
        if how == "its password was set":
            session.get_one(Staff, puppet.id).created_at -= LONG_AGO
            subject = (puppet.actor, puppet.school_id)
            note(session, AuditRecord(accused.actor, "staff_password", *subject), at)
    takeover.unbind(theirs)
    assert send_release(takeover, takeover.signed_in(puppet)) == 400


def test_a_department_may_be_the_second_and_another_school_is_nobody(
    takeover: Takeover, theirs: Browser
) -> None:
    takeover.unbind(theirs)
    stranger = takeover.signed_in(takeover.staff(Role.PROVINCE))
    assert stranger.get(f"/school/graduates/{takeover.graduate.key}").status in {403, 404}


def without_phone(campus: Campus, graduate: Graduate) -> None:
    with_real_number(campus, graduate)
    graduate.identity_index = "another person's"
    graduate.phone_sealed = graduate.phone_index = None


def test_a_first_phone_is_no_change(takeover: Takeover, theirs: Browser) -> None:
    site = takeover.site
    new = site.graduate(without_phone)
    other = Takeover(site, new, "")
    other.correct_phone(theirs)
    wanted = select(ContactChange.id).where(ContactChange.graduate_id == new.id)
    assert site.read(lambda session: session.scalars(wanted).all()) == []


def test_a_phone_put_back_is_told_to_nobody(takeover: Takeover, theirs: Browser) -> None:
    takeover.correct_phone(theirs)
    takeover.correct_phone(theirs, PHONE)
    before = len(takeover.messages_on(PHONE))
    takeover.tell()
    assert len(takeover.messages_on(PHONE)) == before
