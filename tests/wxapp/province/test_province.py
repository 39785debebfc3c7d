"""A province files or returns what its schools reported, and sees counts, nobody's own data."""

import pytest
from sqlalchemy import select

from registry.accounts.school_tables import School
from registry.province import batches
from registry.province.batches import Signature
from registry.record.province_tables import ProvinceBatch, ProvinceEntry
from registry.record.tables import Graduate
from tests.registry.review.casework import AGREEMENT, Casework
from tests.wxapp.school.conftest import Console
from tests.wxapp.school.records import Campus

OFFICES = ("/province/", "/province/batches", "/province/schools", "/province/rates")


def report(campus: Campus, *names: str) -> str:
    """Have graduates registered and reported; return the batch's key."""
    for name in names:
        Casework(campus, campus.at).register(campus.graduate(name), AGREEMENT)
    signed = Signature("staff:school", "王老师")
    key = batches.send_batch(campus.session, campus.scope, 2026, signed, campus.at).key
    campus.save()
    return key


@pytest.fixture
def batch(console: Console) -> str:
    """Have a school report two graduates."""
    return report(console.campus, "李娟", "王建国")


@pytest.fixture
def elsewhere(other: Campus) -> str:
    """Have a school of another province report."""
    other.session.merge(other.school).province = "110000"
    return report(other, "金丝雀")


def locked(console: Console) -> list[bool]:
    with console.resources.readers() as session:
        return list(session.scalars(select(ProvinceEntry.locked)))


def test_a_province_lands_on_what_waits_for_it(console: Console, batch: str) -> None:
    browser = console.browser("province").get("/staff")
    assert browser.path == "/province/"
    browser.follow("测试大学10425")
    assert "李娟" in browser.text
    assert "签就业协议形式就业 2" in browser.text


def test_what_is_filed_is_locked_and_the_second_press_says_so_too(
    console: Console, batch: str
) -> None:
    browser = console.browser("province").get(f"/province/batches/{batch}")
    form = browser.fill("form[action$=file]")
    browser.post(f"/province/batches/{batch}/file", form)
    assert "已备案 2 人" in browser.text
    browser.post(f"/province/batches/{batch}/file", form)
    assert browser.status == 200
    assert locked(console) == [True, True]


def test_a_return_needs_a_reason_and_keeps_what_was_there(console: Console, batch: str) -> None:
    browser = console.browser("province").get(f"/province/batches/{batch}")
    browser.submit("form[action$=return]", reason=" ")
    assert browser.status == 400
    assert "请写明退回的原因" in browser.text
    browser.submit("form[action$=return]", reason="单位行业填写不全")
    assert "单位行业填写不全" in browser.text
    with console.resources.readers() as session:
        assert session.scalars(select(ProvinceBatch.state)).one() == "returned"


def test_one_filed_graduate_can_be_given_back(console: Console, batch: str) -> None:
    browser = console.browser("province").get(f"/province/batches/{batch}")
    browser.submit("form[action$=file]")
    forms = browser.find_all("form[action$=release]")
    browser.submit(forms[0], reason="学校来函更正")
    assert sorted(locked(console)) == [False, True]


def test_nobody_of_another_batch_is_given_back(console: Console, batch: str) -> None:
    second = report(console.campus, "赵敏")
    browser = console.browser("province")
    for key in (batch, second):
        browser.get(f"/province/batches/{key}").submit("form[action$=file]")
    form = browser.fill("form[action$=release]", reason="x")
    browser.post(f"/province/batches/{batch}/release", form)
    assert browser.status == 404
    assert locked(console) == [True, True, True]


def test_another_provinces_batch_does_not_exist(
    console: Console, batch: str, elsewhere: str
) -> None:
    browser = console.browser("province").get(f"/province/batches/{batch}")
    token = {"csrf_token": str(browser.find_all("[name=csrf_token]")[0]["value"]), "reason": "x"}
    assert browser.get(f"/province/batches/{elsewhere}").status == 404
    for act in ("file", "return", "release"):
        assert browser.post(f"/province/batches/{elsewhere}/{act}", token).status == 404
    for path in OFFICES:
        page = browser.get(f"{path}?before={elsewhere}").text
        assert "金丝雀" not in page
        assert "测试大学10001" not in page


@pytest.mark.parametrize("role", ["school", "department", "operator"])
def test_other_roles_are_not_let_in(console: Console, batch: str, role: str) -> None:
    for path in (*OFFICES, f"/province/batches/{batch}"):
        assert console.browser(role).get(path).status == 403


def test_rates_follow_the_formula_of_the_year(console: Console, batch: str) -> None:
    console.campus.graduate("赵敏")
    console.campus.save()
    page = console.browser("province").get("/province/rates")
    assert "教就业厅函〔2024〕11号" in page.text
    assert "单位就业率" in page.text
    assert "全省 3 66.67% 2" in page.text


def test_a_school_of_few_graduates_is_not_told_of(console: Console, batch: str) -> None:
    page = console.browser("province").get("/province/rates")
    assert "测试大学10425 * * *" in page.text
    assert "“*”表示人数少于 5 人" in page.text


def test_the_formula_of_an_earlier_year_is_the_earlier_one(console: Console) -> None:
    page = console.browser("province")
    earlier = page.get("/province/rates?year=2023")
    assert "教学厅函〔2021〕19号" in earlier.text


def test_each_school_is_seen_in_numbers_only(console: Console, batch: str) -> None:
    page = console.browser("province").get("/province/schools")
    assert "测试大学10425 2 2 100.00% 0 0.00% 0 2 2 0" in page.text
    assert "李娟" not in page.text


def test_an_empty_province_says_so(console: Console) -> None:
    with console.resources.sessions.begin() as session:
        session.scalars(select(School)).one().province = "110000"
    browser = console.browser("province")
    assert "没有待办事项" in browser.get("/province/").text
    assert "没有等待备案的批次" in browser.get("/province/batches").text
    assert "本省暂无学校" in browser.get("/province/schools").text
    assert "暂无毕业生" in browser.get("/province/rates").text


def test_a_page_shows_no_identity_or_phone(console: Console, batch: str) -> None:
    page = console.browser("province").get(f"/province/batches/{batch}").text
    with console.resources.readers() as session:
        for graduate in session.scalars(select(Graduate)):
            assert graduate.identity_index not in page
    assert "1990000" not in page
    assert "110101" not in page


def test_batches_are_narrowed_to_a_school_and_a_cohort(console: Console, batch: str) -> None:
    school = console.campus.school.key
    browser = console.browser("province")
    for query, is_there in ((f"school={school}&of=2026", True), ("of=2025", False)):
        page = browser.get(f"/province/batches?{query}")
        assert ("王老师，" in page.text) is is_there
    assert browser.get("/province/batches?state=lost").status == 400


def test_the_names_in_a_batch_are_narrowed_and_lead_to_the_graduate(
    console: Console, batch: str
) -> None:
    browser = console.browser("province").get(f"/province/batches/{batch}?q=李&category=10")
    assert "王建国" not in browser.text
    browser.follow("李娟")
    assert browser.status == 200
    assert "待备案" in browser.text


def test_a_school_takes_a_batch_back_before_it_is_filed(console: Console, batch: str) -> None:
    browser = console.browser("school").get(f"/school/batches/{batch}")
    browser.submit("form[action$=withdraw]", reason=" ")
    assert browser.status == 400
    browser.submit("form[action$=withdraw]", reason="名单有误")
    assert "已撤回" in browser.text
    browser.get("/school/reporting").follow("查看名单")
    assert "李娟" in browser.text
    page = console.browser("province").get(f"/province/batches/{batch}")
    assert "撤回原因 名单有误" in " ".join(page.text.split())
    assert not page.find_all("form[action$=file]")
