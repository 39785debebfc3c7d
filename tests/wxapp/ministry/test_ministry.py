"""The Ministry reads figures of all provinces, names nobody, and changes nothing."""

import pytest

from registry.accounts.tables import Role
from registry.interface import sync_days
from registry.statistics.suppression import SMALLEST
from tests.wxapp.school.conftest import Console
from tests.wxapp.school.records import Campus, open_campus

PAGES = ("/ministry/", "/ministry/rates", "/ministry/provinces/370000", "/ministry/syncs")


@pytest.fixture
def country(console: Console, other: Campus) -> Console:
    """Have three provinces, one with fewer than are shown, one that would give it away."""
    other.session.merge(other.school).province = "110000"
    third = open_campus(other.session, other.at, "10003", console.resources.vault)
    third.school.province = "120000"
    for number, campus in ((8, console.campus), (SMALLEST - 1, other), (SMALLEST, third)):
        for _ in range(number):
            campus.report(campus.graduate("李娟"))
        campus.save()
    console.staff["ministry"] = console.campus.staff(Role.MINISTRY)
    console.campus.save()
    return console


def words(page: str) -> str:
    return " ".join(page.split())


def test_provinces_are_told_and_few_people_are_not(country: Console) -> None:
    page = country.browser("ministry").get("/staff")
    assert page.path == "/ministry/"
    assert "山东省 1 8 100.00% 0 0 0" in words(page.text)
    assert "北京市 1 * * * *" in words(page.text)
    assert "天津市 1 * * * *" in words(page.text)
    assert "全国 17 100.00%" in words(page.get("/ministry/rates").text)
    page.get("/ministry/").follow("山东省")
    assert "测试大学10425 8 100.00%" in words(page.text)


def test_nobody_is_named_and_nothing_can_be_sent(country: Console) -> None:
    browser = country.browser("ministry")
    for path in PAGES:
        page = browser.get(path)
        assert page.status == 200
        assert "李娟" not in page.text
        assert not page.find_all("main form")
    assert browser.get("/ministry/provinces/990000").status == 404
    for path in ("/school/", "/province/", "/ops/"):
        assert browser.get(path).status == 403


@pytest.mark.parametrize("role", ["school", "department", "province", "operator"])
def test_other_roles_are_not_let_in(console: Console, role: str) -> None:
    for path in PAGES:
        assert console.browser(role).get(path).status == 403


def test_a_late_sync_is_told_with_its_school(country: Console) -> None:
    with country.resources.sessions.begin() as session:
        school = session.merge(country.campus.school)
        school.correction_system = "省级就业系统"
        sync_days.count(session, [(school.id, "rejected")] * 20, country.resources.clock())
    page = country.browser("ministry").get("/ministry/syncs")
    assert "山东省 1 所学校，1 所异常" in words(page.text)
    assert "测试大学10425 未接收的记录偏多 今天 10:00 100.0%" in words(page.text)
