"""A province and its schools see whether the provincial system's records come."""

from datetime import timedelta

import pytest

from notifier.binding import colleagues
from registry.accounts.school_tables import School
from registry.interface import sync_days
from tests.clock import StandingClock
from tests.wxapp.school.conftest import Console

SYSTEM = "山东省高校毕业生就业信息网"


@pytest.fixture
def synced(console: Console) -> Console:
    """Have the school register in its province's own system, which pushed 19 good rows of 20."""
    with console.resources.sessions.begin() as session:
        school = session.get_one(School, console.campus.school.id)
        school.correction_system = SYSTEM
        rows = [(school.id, "created")] * 19 + [(school.id, "rejected")]
        sync_days.count(session, rows, console.resources.clock())
    return console


def words(page: str) -> str:
    return " ".join(page.split())


def test_a_sync_of_today_with_few_refusals_needs_a_look_at_five_in_a_hundred(
    synced: Console,
) -> None:
    assert "1 所学校接口同步异常" in words(synced.browser("province").get("/province/").text)
    with synced.resources.sessions.begin() as session:
        more = [(synced.campus.school.id, "updated")]
        sync_days.count(session, more, synced.resources.clock())
    page = synced.browser("province").get("/province/")
    assert "1 所学校同步正常" in words(page.text)


def test_a_day_without_a_record_is_told_to_the_province_and_the_school(
    synced: Console, clock: StandingClock
) -> None:
    clock.move(timedelta(hours=25))
    page = synced.browser("province").get("/province/syncs")
    assert "超过 24 小时未同步" in page.text
    page.follow("测试大学10425")
    assert "2026年6月10日 20 19 0 0 0 1" in words(page.text)
    home = synced.browser("school").get("/school/")
    home.follow("接口同步异常")
    assert f"请联系{SYSTEM}核实" in home.text
    assert "最近同步 6月10日 10:00" in words(home.text)


def test_a_school_whose_graduates_register_here_has_no_sync(console: Console) -> None:
    assert console.browser("school").get("/school/sync").status == 404
    key = console.campus.school.key
    assert console.browser("province").get(f"/province/schools/{key}/sync").status == 404
    assert "没有接口同步" in console.browser("province").get("/province/syncs").text


def test_a_faulty_sync_is_a_metric_of_its_province(synced: Console) -> None:
    lines = synced.app.test_client().get("/metrics").get_data(as_text=True).splitlines()
    assert 'quxiang_sync_troubled_schools{province="370000"} 1.0' in lines


def test_a_department_does_not_see_the_sync(synced: Console) -> None:
    assert synced.browser("department").get("/school/sync").status == 403


def test_the_office_says_who_of_it_is_told_by_wechat(synced: Console) -> None:
    page = synced.browser("province").get("/province/syncs")
    assert "尚无同事绑定微信，异常只在首页提示" in words(page.text)
    with synced.resources.sessions.begin() as session:
        colleagues.link(session, synced.staff["province"], "o-office", synced.resources.clock())
    page.get("/province/syncs")
    assert page.find("[name=person]").has_attr("checked")
    page.submit("form[action$=told]", person=False)
    assert not page.find("[name=person]").has_attr("checked")
    with synced.resources.readers() as session:
        assert colleagues.told_of_syncs(session, "370000") == []
