"""The province's review desk: one school at a time, and only the schools of the province."""

import pytest

from registry.accounts.tables import Role
from registry.record.cohort import last_day
from registry.review.seasons import SeasonRules, set_season
from registry.review.states import ApplicationState, Level
from registry.review.tables import Application
from tests.pages import Browser
from tests.registry.review.casework import Casework
from tests.wxapp.school.conftest import Console
from tests.wxapp.school.records import Campus

LEVELS = tuple(Level)


def waiting(campus: Campus, *names: str) -> list[Application]:
    """Have graduates submit what department and school pass; the province is next."""
    work = Casework(campus, campus.at)
    set_season(
        campus.session,
        campus.school.id,
        SeasonRules(2026, LEVELS, None, last_day(2026)),
        "",
        work.at,
    )
    given = [work.submit(campus.graduate(name)) for name in names]
    for role in (Role.DEPARTMENT, Role.SCHOOL):
        work.decide(role, *given)
    campus.save()
    return given


def states(console: Console) -> list[str]:
    with console.resources.readers() as session:
        return [each.state for each in session.query(Application).order_by(Application.id)]


@pytest.fixture
def two(console: Console) -> list[Application]:
    return waiting(console.campus, "李娟", "王建国")


@pytest.fixture
def desk(console: Console) -> str:
    """Return where the province reviews the school."""
    return f"/province/schools/{console.campus.school.key}"


@pytest.fixture
def elsewhere(other: Campus) -> Application:
    """Have a graduate of another province's school wait for that province."""
    other.session.merge(other.school).province = "110000"
    return waiting(other, "金丝雀")[0]


def test_a_province_is_led_to_what_waits_in_a_school(
    console: Console, two: list[Application]
) -> None:
    browser = console.browser("province").get("/province/reviews")
    assert "测试大学10425 2 0" in browser.text
    browser.follow("测试大学10425")
    assert "测试大学10425 · 待省级审核 2 人" in browser.text
    assert "待院系审核 0 待学校审核 0 待省级审核 2" in browser.text


def test_a_province_passes_one_and_goes_on_to_the_next(
    console: Console, two: list[Application], desk: str
) -> None:
    browser = console.browser("province").get(f"{desk}/reviews").follow("李娟")
    assert "省级审核" in browser.text
    assert "毕业生信息" not in browser.text
    browser.submit("form:has(textarea)", "decision=pass")
    assert browser.find("h1").get_text() == "王建国"
    assert "已通过：李娟" in browser.text
    assert states(console) == [ApplicationState.PASSED, ApplicationState.SCHOOL_PASSED]


def test_a_province_returns_many_with_a_reason_it_keeps(
    console: Console, two: list[Application], desk: str
) -> None:
    browser = console.browser("province").get(f"{desk}/review-reasons")
    assert "全省审核人员共用" in browser.text
    browser.submit("form.card-body", reason="行业与单位不符")
    browser.follow("返回审核")
    browser.submit(".review-form", "decision=return", whom="page", kept="行业与单位不符")
    assert "已退回 2 人" in browser.text
    assert states(console) == [ApplicationState.RETURNED, ApplicationState.RETURNED]
    school = console.browser().get("/school/reviews?stage=returned")
    assert "行业与单位不符" in school.text


def test_a_filter_narrows_the_list(console: Console, two: list[Application], desk: str) -> None:
    browser = console.browser("province").get(f"{desk}/reviews?q=李")
    assert "李娟" in browser.text
    assert "王建国" not in browser.text


def test_nobody_is_sent_to_a_search_that_is_not_there(
    console: Console, two: list[Application], desk: str
) -> None:
    for role, page in (("school", "/school/reviews"), ("province", f"{desk}/reviews")):
        browser = console.browser(role).get(page)
        searched = "搜索框" in str(browser.find("#f-q")["title"])
        assert searched == bool(browser.find_all(".top-search")), role


def test_a_province_opens_a_document(console: Console, two: list[Application], desk: str) -> None:
    browser = console.browser("province").get(f"{desk}/reviews/{two[0].key}")
    browser.get(str(browser.find(".proof img")["src"]))
    assert browser.headers["Content-Type"] == "image/png"


def test_what_waits_for_the_school_is_shown_and_not_decided(console: Console, desk: str) -> None:
    work = Casework(console.campus, console.campus.at)
    sent = work.submit(console.campus.graduate("李娟"))
    console.campus.save()
    browser = console.browser("province").get(f"{desk}/reviews")
    assert "李娟" not in browser.text
    browser.get(f"{desk}/reviews/{sent.key}")
    assert not browser.find_all("form:has(textarea)")


def token(browser: Browser) -> str:
    return str(browser.get("/province/").find_all("[name=csrf_token]")[0]["value"])


def test_another_provinces_school_does_not_exist(
    console: Console, two: list[Application], elsewhere: Application, other: Campus, desk: str
) -> None:
    browser = console.browser("province")
    assert "测试大学10001" not in browser.get("/province/reviews").text
    there = f"/province/schools/{other.school.key}"
    body = {"csrf_token": token(browser), "decision": "pass", "revision": "4", "reason": "x"}
    for start in (there, desk):  # by its own address, and by its key at a school of the province
        assert browser.get(f"{start}/reviews/{elsewhere.key}").status == 404
        assert browser.post(f"{start}/reviews/{elsewhere.key}", body).status == 404
    for path in ("reviews", "review-reasons", "reviews?after=" + elsewhere.key):
        assert browser.get(f"{there}/{path}").status == 404
    seen = {"seen": f"{elsewhere.key}:{elsewhere.revision}", "whom": "ticked"}
    assert browser.post(f"{there}/reviews", body | seen).status == 404
    browser.post(f"{desk}/reviews", body | seen)
    assert "未处理任何人" in browser.text
    assert states(console) == [ApplicationState.SCHOOL_PASSED] * 3


@pytest.mark.parametrize("role", ["school", "department", "operator"])
def test_other_roles_are_not_let_in(
    console: Console, two: list[Application], desk: str, role: str
) -> None:
    for path in ("/province/reviews", f"{desk}/reviews", f"{desk}/reviews/{two[0].key}"):
        assert console.browser(role).get(path).status == 403
