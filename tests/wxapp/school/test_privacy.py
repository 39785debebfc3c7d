"""A school publishes its own text on personal data, over the default, and sees when cohorts go."""

from sqlalchemy import select

from registry.accounts.tables import AuditEntry
from registry.record.privacy_tables import PrivacyNotice
from tests.pages import Browser
from tests.wxapp.school.conftest import Console

PAGE, FORM = "/school/settings/privacy", "form[action='/school/settings/privacy']"


def test_a_school_publishes_its_text_and_takes_it_back(console: Console) -> None:
    browser: Browser = console.browser("school")
    browser.get("/school/settings").follow("个人信息处理说明和保存期限")
    assert "一、谁处理您的信息" in browser.text
    browser.submit(FORM, text="本校的说明")
    assert "已发布" in browser.text
    assert "一、谁处理您的信息" not in browser.text
    assert "10425-1" in browser.text
    assert "保存多久" in browser.text, "the terms are always shown"
    browser.submit(FORM, text="本校的说明")
    assert (browser.status, "没有变化" in browser.text) == (400, True)
    browser.submit(FORM, text="")
    assert "一、谁处理您的信息" in browser.text
    with console.resources.readers() as session:
        kept = session.scalars(select(PrivacyNotice.text).order_by(PrivacyNotice.version)).all()
        assert kept == ["本校的说明", ""]
        actions = session.scalars(select(AuditEntry.action)).all()
        assert list(actions).count("notice_publish") == 2


def test_the_day_on_which_a_cohort_goes_is_said(console: Console) -> None:
    console.campus.graduate(year=2026)
    console.campus.save()
    page = console.browser("school").get(PAGE)
    assert "2026 届：2030年4月1日起删除" in page.text


def test_a_department_does_not_set_it(console: Console) -> None:
    assert console.browser("department").get(PAGE).status in {403, 404}
