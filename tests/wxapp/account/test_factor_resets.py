"""The page where a colleague's second factor is reset: asked for by one, approved by another."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import select

from registry.accounts.tables import AuditEntry, Role, Staff
from tests.pages import Browser
from tests.registry.second_factor.phone import turn_on
from tests.wxapp.school.conftest import Console


@pytest.fixture
def owner(console: Console) -> Staff:
    """Give a second and a third administrator; the second lost her phone."""
    lost, third = console.campus.staff(Role.SCHOOL), console.campus.staff(Role.SCHOOL)
    console.campus.save()
    console.staff |= {"lost": lost, "third": third}
    with console.resources.sessions.begin() as session:
        for each in console.staff.values():
            session.get_one(Staff, each.id).created_at -= timedelta(days=2)
        mine = session.get_one(Staff, lost.id)
        turn_on(session, console.resources.vault, mine, console.resources.clock())
    console.staff["lost"] = mine
    return mine


def deeds(console: Console) -> Sequence[AuditEntry]:
    with console.resources.readers() as session:
        return session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()


def press(browser: Browser, words: str) -> Browser:
    buttons = [each for each in browser.find_all("main form") if words in each.get_text()]
    assert len(buttons) == 1, words
    return browser.submit(buttons[0])


def test_from_the_page_of_the_account_to_a_new_sign_in(console: Console, owner: Staff) -> None:
    theirs = console.browser("lost")
    asking = console.browser("school").get(f"/account/members/{owner.key}").follow("申请重置")
    asking.submit("form[action='/account/factor-resets']", reason="本人来电，手机遗失")
    assert "申请已提交" in asking.find("[role=status]").text
    press(asking, "撤回申请")
    asking.submit("form[action='/account/factor-resets']", login=owner.login, reason="手机遗失")
    press(console.browser("third").get("/account/factor-resets"), "批准重置")
    assert theirs.get("/school/").path == "/login"
    with console.resources.readers() as session:
        console.staff["lost"] = session.get_one(Staff, owner.id)
    told = console.browser("lost").get("/school/").find("form.notice").text
    assert "您的二次验证已重置" in told
    assert [each.action for each in deeds(console)] == [
        *("factor_reset_ask", "factor_reset_withdraw", "factor_reset_ask", "factor_reset_approve"),
    ]
    assert {each.subject for each in deeds(console)} == {owner.actor}


def test_a_refusal_stands_at_its_field_and_keeps_what_was_typed(
    console: Console, owner: Staff
) -> None:
    browser = console.browser("school").get("/account/factor-resets")
    browser.submit("form[action='/account/factor-resets']", login="nobody", reason="手机遗失")
    assert browser.status == 400
    assert browser.find("#reason")["value"] == "手机遗失"
    assert "没有这个账号" in browser.find("#wrong-login").text


def test_who_looks_after_nobody_is_not_let_in(console: Console) -> None:
    assert console.browser("department").get("/account/factor-resets").status == 403
