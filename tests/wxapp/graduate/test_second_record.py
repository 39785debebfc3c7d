"""A record made in her name opens none of hers: she hears of it at once, and can stop it.

Before, one account imported a row with another phone, bound it by the code on that phone, and had
her real record with it.
"""

import pytest
from sqlalchemy import select

from notifier.binding import bind
from notifier.ledger.tables import Binding, Message
from registry.accounts.tables import AuditEntry, Staff
from registry.record.contact_changes import WAIT
from registry.record.tables import Graduate
from tests.pages import Browser
from tests.wxapp.graduate.takeover import THEIR_PHONE, Takeover, last_message, with_real_number
from tests.wxapp.school.records import PHONE
from tests.wxapp.site import Site

ANOTHER = "20280001"
"""The student number of the second record."""
OTHER_IDENTITY = "110101200301040019"


@pytest.fixture
def takeover(site: Site) -> Takeover:
    """Give a graduate who has bound no WeChat."""
    return Takeover(site, site.graduate(with_real_number), "", last_message(site))


@pytest.fixture
def accused(takeover: Takeover) -> Staff:
    return takeover.staff()


@pytest.fixture
def theirs(takeover: Takeover, accused: Staff) -> Browser:
    """Give the browser of the account that tries it."""
    return takeover.signed_in(accused)


@pytest.fixture
def second(takeover: Takeover) -> Browser:
    """Give the browser of another member of staff, who has been there for long."""
    return takeover.signed_in(takeover.long_there())


def a_wechat(takeover: Takeover) -> str:
    return takeover.site.sandbox.control.add_phone("微信")


def bound(takeover: Takeover) -> set[str]:
    """Return the student numbers of the records that are bound to a WeChat."""
    wanted = select(Graduate.student_number).join(Binding, Binding.graduate_id == Graduate.id)
    rows = wanted.where(Binding.ended_at.is_(None))
    return takeover.site.read(lambda session: set(session.scalars(rows)))


def test_a_record_with_another_phone_opens_none_of_hers(
    takeover: Takeover, theirs: Browser
) -> None:
    takeover.import_record(theirs, ANOTHER)
    stolen = takeover.claim(a_wechat(takeover))
    assert "之后才能绑定" in stolen.text
    assert bound(takeover) == set()


def test_her_old_phone_is_told_at_once_and_her_log_says_who(
    takeover: Takeover, accused: Staff, theirs: Browser
) -> None:
    takeover.import_record(theirs, ANOTHER)
    takeover.tell()
    (text,) = [each["text"] for each in takeover.messages_on(PHONE) if "/o/" in each["text"]]
    assert "新增毕业记录" in text
    assert [each for each in takeover.messages_on(THEIR_PHONE) if "/o/" in each["text"]] == []
    wanted = select(AuditEntry.actor).where(
        AuditEntry.subject == f"graduate:{takeover.graduate.key}",
        AuditEntry.action == "second_record",
    )
    assert takeover.site.read(lambda session: session.scalars(wanted).all()) == [accused.actor]


def test_bound_she_is_told_in_her_wechat_and_has_the_record_at_once(
    takeover: Takeover, theirs: Browser
) -> None:
    openid = takeover.site.bind(takeover.graduate)
    takeover.import_record(theirs, ANOTHER)
    wanted = select(Message.openid, Message.facts).where(Message.kind == "contact_changed")
    ((told, facts),) = takeover.site.read(lambda session: session.execute(wanted).all())
    assert (told, "新增毕业记录" in facts) == (openid, True)
    assert ANOTHER in bound(takeover)
    hers = takeover.site.enter(openid).get("/g/contact")
    assert "新增毕业记录（2028 届）" in hers.text


def test_upheld_the_record_loses_the_phone_and_whoever_was_bound_by_it_is_out(
    takeover: Takeover, accused: Staff, theirs: Browser
) -> None:
    takeover.import_record(theirs, ANOTHER)
    takeover.tell()
    link = takeover.link_on(PHONE)
    takeover.site.clock.move(WAIT)
    stolen = takeover.claim(a_wechat(takeover))
    stolen.get("/g/confirmation").submit("#right")
    theirs = takeover.signed_in(accused)
    assert takeover.record_in_person(theirs).status == 400
    assert "请由另一位老师办理" in theirs.text
    takeover.site.browser().get(link).submit()
    second = takeover.page(takeover.signed_in(takeover.long_there()))
    assert "新增毕业记录（同一人的 2028 届记录，手机号不同）" in second.text
    second.submit("form[action*=objection]", judgement="uphold", reason="电话核实")
    assert bound(takeover) == set()
    assert "绑定成功" in takeover.claim(a_wechat(takeover), PHONE).text
    assert bound(takeover) == {takeover.graduate.student_number, ANOTHER}


def test_who_comes_back_with_the_same_phone_binds_at_once(
    takeover: Takeover, theirs: Browser
) -> None:
    takeover.import_record(theirs, ANOTHER, PHONE)
    assert "绑定成功" in takeover.claim(a_wechat(takeover), PHONE).text
    assert bound(takeover) == {takeover.graduate.student_number, ANOTHER}


def test_who_comes_back_with_a_new_phone_is_let_in_by_a_second_member_of_staff(
    takeover: Takeover, theirs: Browser, second: Browser
) -> None:
    takeover.import_record(theirs, ANOTHER)
    key = takeover.key_of(ANOTHER)
    assert "同一人的 2026 届记录，手机号不同" in second.get(f"/school/graduates/{key}").text
    second.submit("form[action*=release]", reason="本人持身份证到场")
    assert "绑定成功" in takeover.claim(a_wechat(takeover)).text
    assert bound(takeover) == {takeover.graduate.student_number, ANOTHER}


def test_another_identity_number_is_told_waited_for_and_put_back(
    takeover: Takeover, theirs: Browser, second: Browser
) -> None:
    takeover.correct_number(theirs, OTHER_IDENTITY)
    takeover.tell()
    assert "证件号码更改" in takeover.messages_on(PHONE)[-1]["text"]
    stolen = takeover.claim(a_wechat(takeover), PHONE, OTHER_IDENTITY)
    assert "之后才能绑定" in stolen.text
    takeover.site.browser().get(takeover.link_on(PHONE)).submit()
    takeover.page(second)
    second.submit("form[action*=objection]", judgement="uphold", reason="电话核实")
    takeover.site.clock.move(bind.RESEND)
    assert "绑定成功" in takeover.claim(a_wechat(takeover), PHONE).text


def test_an_import_that_is_undone_leaves_nothing_to_wait_for(
    takeover: Takeover, theirs: Browser
) -> None:
    takeover.import_record(theirs, ANOTHER)
    theirs.get(theirs.path.removesuffix("/approve")).follow("撤销这次导入")
    theirs.submit("form[action*=undo]", reason="文件有误")
    takeover.work()
    assert "绑定成功" in takeover.claim(a_wechat(takeover), PHONE).text
