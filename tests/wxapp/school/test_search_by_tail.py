"""Who types the last four digits of a phone above a page finds whose it is, and leaves no digit."""

import pytest
from sqlalchemy import select

from registry.accounts.tables import AuditEntry, Role
from registry.record import phone_tails
from registry.record.tables import Graduate
from tests.pages import Browser
from tests.wxapp.school.conftest import Console
from tests.wxapp.school.records import Campus
from tests.wxapp.school.test_counsellors import charge

TAIL = "7788"


def with_phone(campus: Campus, name: str, department: int = 0, **about: object) -> Graduate:
    return campus.graduate(name, department, phone=f"1380000{TAIL}", **about)


def search(browser: Browser, words: str = TAIL) -> Browser:
    return browser.get("/school/").submit(".top-search", words=words)


def named(browser: Browser, section: str = "by-phone") -> list[str]:
    lines = browser.find_all(
        f"section[aria-labelledby={section}] li .text-secondary:not([aria-hidden])"
    )
    return [each.get_text(strip=True).partition(" ")[0] for each in lines]


def searches(console: Console) -> list[AuditEntry]:
    with console.resources.readers() as session:
        asked = select(AuditEntry).where(AuditEntry.action == "searched_phone_tail")
        return list(session.scalars(asked.order_by(AuditEntry.id)))


def test_a_single_hit_is_opened(console: Console, other: Campus) -> None:
    hers = with_phone(console.campus, "周敏")
    console.campus.graduate("李娟")
    console.campus.save()
    with_phone(other, "张远")
    other.save()
    for typed in (TAIL, "７７８８", " 7788 "):
        browser = search(console.browser(), typed)
        assert browser.path == f"/school/graduates/{hers.key}"


def test_several_are_named_under_the_digits_newest_cohort_first(console: Console) -> None:
    for name, year in (("何静", 2025), ("周敏", 2026), ("杨帆", -2024)):
        with_phone(console.campus, name, year=year)
    console.campus.save()
    browser = search(console.browser())
    assert TAIL not in browser.path
    assert browser.find("#by-phone").get_text() == f"手机尾号 {TAIL}"
    assert named(browser) == ["周敏", "何静", "杨帆"]
    assert browser.follow("何静").find("h1").get_text() == "何静"


def test_whom_the_digits_name_otherwise_stands_beside(console: Console) -> None:
    with_phone(console.campus, "周敏")
    console.campus.graduate("杨帆", student_number=f"{TAIL}01")
    console.campus.report(console.campus.graduate("何静"), unit_name=f"青岛{TAIL}餐饮有限公司")
    console.campus.save()
    browser = search(console.browser())
    assert browser.path.partition("?")[0] == "/school/search"
    assert named(browser) == ["周敏"]
    assert named(browser, "by-words") == ["杨帆", "何静"]


def test_the_beginning_of_student_numbers_leads_to_the_list_of_all(console: Console) -> None:
    for place in range(60):
        console.campus.graduate("杨帆", student_number=f"{TAIL}{place:02}")
    console.campus.save()
    browser = search(console.browser())
    assert len(named(browser, "by-words")) == 50
    assert browser.follow("在毕业生列表中查看").find("h1 + span").get_text().startswith("60 人")


def test_nobody_is_said_without_an_address_that_has_the_digits(console: Console) -> None:
    browser = search(console.browser())
    assert browser.path.partition("?")[0] == "/school/search"
    assert "没有找到手机尾号" in browser.text


def test_a_department_and_a_counsellor_find_their_own_alone(console: Console) -> None:
    campus = console.campus
    with_phone(campus, "周敏", class_name="软件2299")
    with_phone(campus, "何静")
    with_phone(campus, "赵敏", department=1)
    counsellor = console.staff["counsellor"] = campus.staff(Role.COUNSELLOR)
    charge(campus, counsellor.id, class_name="软件2299")
    assert named(search(console.browser())) == ["周敏", "何静", "赵敏"]
    assert named(search(console.browser("department"))) == ["周敏", "何静"]
    assert search(console.browser("counsellor")).find("h1").get_text(strip=True) == "周敏"


def test_the_log_says_that_and_whom_and_no_digit(console: Console) -> None:
    those = [with_phone(console.campus, name) for name in ("周敏", "何静")]
    console.campus.save()
    search(console.browser())
    search(console.browser(), "0000")
    found, nobody = searches(console)
    assert (found.people, found.details) == ([each.id for each in those], {"rows": 2})
    assert (nobody.people, nobody.details) == ([], {"rows": 0})
    assert TAIL not in f"{found.subject}{found.details}"


def test_a_search_that_ends_early_says_so_and_opens_nobody(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(phone_tails, "MOST_OPENED", 1)
    with_phone(console.campus, "周敏")
    with_phone(console.campus, "何静", year=2025)
    console.campus.save()
    browser = search(console.browser())
    assert named(browser) == ["周敏"]
    assert "只在届别最近的 1 人中查找" in browser.text


def test_more_than_are_shown_is_said(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(phone_tails, "MOST_FOUND", 2)
    for name in ("周敏", "何静", "杨帆"):
        with_phone(console.campus, name)
    console.campus.save()
    assert "只列出前 2 条" in search(console.browser()).text


def test_searches_by_an_end_have_a_limit_and_others_go_on(console: Console) -> None:
    with_phone(console.campus, "周敏")
    console.campus.save()
    browser = console.browser()
    for _ in range(20):
        assert search(browser).status == 200
    assert search(browser).status == 429
    assert len(searches(console)) == 20
    assert search(browser, "周敏").status == 200
    assert search(console.browser("department")).status == 200


def test_the_filters_of_a_list_say_where_the_end_of_a_phone_is_searched_for(
    console: Console,
) -> None:
    with_phone(console.campus, "周敏")
    console.campus.save()
    browser = console.browser().get(f"/school/graduates?q={TAIL}")
    assert "手机尾号请在页面上方的搜索框查找" in browser.text
    assert "周敏" not in browser.text
    assert "手机尾号" in str(browser.find("#f-q")["title"])
