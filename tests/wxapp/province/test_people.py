"""A province finds graduates of its schools, and each look is kept."""

import pytest
from sqlalchemy import select

from registry.accounts.school_tables import School
from registry.accounts.tables import AuditEntry
from registry.record.confirmation.confirm import Reply, answer
from registry.record.tables import Answer, Graduate
from tests.wxapp.province.test_province import report
from tests.wxapp.school.conftest import Console
from tests.wxapp.school.records import IDENTITY, Campus


@pytest.fixture
def found(console: Console, other: Campus) -> Console:
    """Have a school report 李娟, know 王建国, and one of another province be called alike."""
    other.session.merge(other.school).province = "110000"
    other.graduate("李娟娟")
    report(console.campus, "李娟")
    console.campus.graduate("王建国")
    console.campus.save()
    return console


def names(page: str) -> set[str]:
    return {each for each in ("李娟娟", "李娟", "王建国") if each in page.replace("李娟娟", "")}


def test_nobody_is_listed_before_anything_is_asked(found: Console) -> None:
    page = found.browser("province").get("/province/people")
    assert "请输入查找内容" in page.text
    assert not names(page.text)


@pytest.mark.parametrize(
    ("query", "who"),
    [
        ("q=李", {"李娟"}),
        ("q=海纳", {"李娟"}),
        ("state=not_reported", {"王建国"}),
        ("filing=waiting", {"李娟"}),
        ("filing=not_sent", {"王建国"}),
        ("category=10", {"李娟"}),
        ("q=李&year=2024", set()),
    ],
)
def test_people_are_found_within_the_province_by_what_is_asked(
    found: Console, query: str, who: set[str]
) -> None:
    page = found.browser("province").get(f"/province/people?{query}")
    assert names(page.text) == who
    assert "李娟娟" not in page.text


def test_an_identity_number_is_searched_without_standing_in_an_address(found: Console) -> None:
    browser = found.browser("province").get("/province/people")
    browser.submit("main form[method=post]", words=IDENTITY)
    assert "3 条毕业记录" not in browser.text
    assert names(browser.text) == {"李娟", "王建国"}
    assert IDENTITY not in browser.path
    assert browser.get(f"/province/people?q={IDENTITY}").status == 400


def test_one_graduate_is_shown_without_identity_or_phone_and_that_is_kept(found: Console) -> None:
    browser = found.browser("province").get("/province/people?q=李")
    browser.follow("李娟")
    assert "青岛海纳软件有限公司" in browser.text or "签就业协议形式就业" in browser.text
    assert "待备案" in browser.text
    assert "1990000" not in browser.text
    assert IDENTITY[:6] not in browser.text
    with found.resources.readers() as session:
        seen = session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()[-2:]
        her = session.scalars(select(Graduate).where(Graduate.name == "李娟")).one()
    assert [each.action for each in seen] == ["seen_list", "seen_graduate"]
    assert seen[1].subject == f"graduate:{her.key}"
    assert seen[1].school_id == her.school_id


def test_another_provinces_graduate_does_not_exist(found: Console, other: Campus) -> None:
    browser = found.browser("province")
    with found.resources.readers() as session:
        hers = session.scalars(select(Graduate).where(Graduate.name == "李娟娟")).one()
    ours, theirs = found.campus.school.key, other.school.key
    for school in (ours, theirs):
        assert browser.get(f"/province/schools/{school}/people/{hers.key}").status == 404


def test_a_dispute_about_the_provinces_own_system_waits_for_its_office(found: Console) -> None:
    campus = found.campus
    with found.resources.sessions.begin() as session:
        session.get_one(School, campus.school.id).correction_system = "省级就业系统"
        her = session.scalars(select(Graduate).where(Graduate.name == "李娟")).one()
        assert her.registration_id
        wrong = Reply(Answer.WRONG, her.registration_id, ["destination"], "单位名称不对")
        answer(session, her.id, wrong, channel="wechat", at=campus.at)
    home = found.browser("province").get("/province/")
    home.follow("人反映登记有误")
    home.follow("李娟")
    assert "单位名称不对" in home.text
