"""统计: every figure leads to exactly those people, for each who sees part of a school."""

import re
from dataclasses import replace
from io import BytesIO

import pytest
from python_calamine import CalamineWorkbook
from sqlalchemy.orm import Session

from registry.accounts.tables import Role, Staff, StaffCharge
from registry.record.confirmation.confirm import Reply, answer
from registry.record.tables import Answer
from registry.tasks import run
from registry.tasks.states import TaskKind
from tests.background import leave_to_workers
from tests.clock import StandingClock
from tests.pages import Browser
from tests.pdf_reading import words_of
from tests.stamps import stamp_of
from tests.wxapp.school.conftest import Console

PAGES = ("", "/destinations", "/days", "/coverage")
UNIT = {"unit_nature": "31", "unit_industry": "34", "unit_location_code": "370202"}


@pytest.fixture
def busy(console: Console, records: Session) -> Console:
    """Give a school of ten, most of them placed, in two departments."""
    campus = console.campus
    for name in ("李娟", "王建国", "赵敏", "孙丽", "周强", "吴芳"):
        campus.report(campus.graduate(name), **UNIT, job_class="13")  # type: ignore[arg-type]  # values by column
    campus.report(campus.graduate("郑洁", 1), category="801", unit_name="山东大学")
    campus.report(campus.graduate("冯军", 1, sex="1"), category="70", unit_name="")
    campus.graduate("陈静", 1)
    confirmed = campus.report(campus.graduate("褚伟", 1), category="76", unit_name="")
    said = Reply(Answer.CORRECT, confirmed.registration_id or 0)
    answer(records, confirmed.id, said, channel="wechat", at=campus.at)
    campus.save()
    return console


def linked(browser: Browser, page: str) -> list[tuple[int, str]]:
    """Return each number of a page that is a link to the list of graduates, and its address."""
    browser.get(f"/school/statistics{page}")
    found = browser.find_all("main td a, main .headline a, main p a")
    lists = [each for each in found if str(each["href"]).startswith("/school/graduates")]
    return [(int(each.get_text(strip=True).replace(",", "")), str(each["href"])) for each in lists]


def listed(browser: Browser, address: str) -> int:
    browser.get(address)
    said = re.search(r"([\d,]+) 人", browser.find(".heading").get_text())
    assert said, address
    return int(said[1].replace(",", ""))


@pytest.mark.parametrize("by", ["department", "major", "level", "class", "sex", "counsellor"])
def test_every_figure_of_a_rate_table_is_the_length_of_its_list(busy: Console, by: str) -> None:
    browser = busy.browser()
    figures = linked(browser, f"?by={by}")
    assert len(figures) > 8
    for number, address in dict.fromkeys(figures):
        assert listed(browser, address) == number, address


def test_every_figure_of_the_structure_is_the_length_of_its_list(busy: Console) -> None:
    browser = busy.browser()
    figures = linked(browser, "/destinations")
    assert {number for number, _ in figures} >= {1, 6}
    for number, address in dict.fromkeys(figures):
        assert listed(browser, address) == number, address


def test_every_figure_of_the_bindings_is_the_length_of_its_list(reachable: Console) -> None:
    browser = reachable.browser()
    figures = linked(browser, "/coverage")
    assert sorted(number for number, _ in figures) == [1, 1, 1]
    for number, address in figures:
        assert listed(browser, address) == number, address


def test_every_figure_of_a_day_is_the_length_of_its_list(
    busy: Console, records: Session, clock: StandingClock
) -> None:
    campus = busy.campus
    last_year = campus.report(campus.graduate("去年", year=2025, graduation_month="202506"))
    campus.save()
    browser = busy.browser()
    figures = linked(browser, "/days")
    assert tuple(number for number, _ in figures[:2]) == (8, 1), last_year.name
    for number, address in dict.fromkeys(figures):
        assert listed(browser, address) == number, address
    browser.get("/school/graduates?placed_by=yesterday")
    assert "“落实截至日”请写成日期" in browser.text


def test_the_rate_counts_who_is_placed_among_all(busy: Console) -> None:
    browser = busy.browser()
    browser.get("/school/statistics")
    assert browser.find_all(".headline .big")[0].get_text(strip=True) == "80.00%"
    browser.get("/school/statistics/destinations")
    assert "占已就业 7 人的" in browser.text
    assert "85.71%" in browser.text


def test_a_department_and_a_counsellor_are_told_of_their_own_people(
    busy: Console, records: Session
) -> None:
    counsellor = busy.staff["counsellor"] = busy.campus.staff(Role.COUNSELLOR)
    department = busy.campus.departments[1].id
    records.add(
        StaffCharge(staff_id=counsellor.id, department_id=department, class_name="软件2201")
    )
    busy.campus.save()
    for role, people in (("department", 6), ("counsellor", 4)):
        browser = busy.browser(role)
        figures = linked(browser, "")
        assert figures[0][0] == people, role
        for number, address in dict.fromkeys(figures):
            assert listed(browser, address) == number, (role, address)


@pytest.mark.parametrize("page", PAGES)
def test_a_cohort_of_nobody_is_said_to_be_empty(console: Console, page: str) -> None:
    browser = console.browser()
    browser.get(f"/school/statistics{page}")
    assert browser.status == 200
    assert "没有符合条件的毕业生" in browser.text or "暂无登记的去向" in browser.text


def test_the_days_say_how_far_the_season_is_and_that_none_was_before(busy: Console) -> None:
    browser = busy.browser()
    browser.get("/school/statistics/days")
    assert "2025 届在本系统没有登记数据" in browser.text
    first = browser.find("#placed tbody tr").get_text(" ", strip=True)
    assert first.startswith("2026年6月10日 8 80.00%")
    assert browser.find("#confirmed tbody tr").get_text(" ", strip=True).split()[1] == "1"


def test_the_cohort_before_stands_beside_on_the_same_day(busy: Console) -> None:
    campus = replace(busy.campus, at=busy.campus.at.replace(year=2025))
    campus.report(campus.graduate("蒋涛", year=2025, graduation_month="202506"))
    campus.graduate("沈雪", year=2025, graduation_month="202506")
    campus.save()
    browser = busy.browser()
    browser.get("/school/statistics/days")
    first = browser.find("#placed tbody tr").get_text(" ", strip=True)
    assert first == "2026年6月10日 8 80.00% 1 50.00%"


def test_the_printed_page_has_the_rate_and_hides_small_groups(busy: Console) -> None:
    browser = busy.browser()
    browser.get("/school/statistics/report.pdf")
    said = words_of(browser.body)
    assert "80.00%" in said
    assert "2025届没有同期数据" in said
    assert "制表人：王老师" in said
    assert "化工学院**" in said


def test_the_workbook_has_a_sheet_for_each_table(busy: Console) -> None:
    browser = busy.browser()
    browser.get("/school/statistics").submit("form[action*=workbook]").submit("#live form")
    book = CalamineWorkbook.from_filelike(BytesIO(browser.body))
    assert book.sheet_names == [
        "按院系",
        "按专业",
        "按学历",
        "按班级",
        "按性别",
        "按辅导员",
        "去向结构",
        "说明",
        "导出信息",
    ]
    said = stamp_of(browser.body)
    assert (said["导出人"], said["使用要求"]) == (
        "王老师",
        "仅限工作使用，对外提供或发布前须按规定审批。",
    )
    rows = book.get_sheet_by_name("按院系").to_python()
    assert rows[-1][:3] == ["合计", 10, "80.00%"]
    assert rows[1][1:3] == ["*", "*"]


def test_the_workbook_of_a_part_counts_that_part_and_is_seen_by_those_of_it(
    busy: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave_to_workers(monkeypatch, {TaskKind.STATISTICS})
    browser = busy.browser("department").get("/school/statistics?level=31")
    browser.submit("form[action*=workbook]")
    assert "0 / 6 人。排队中" in browser.text
    run.run_next(busy.resources, busy.resources.settings.public_url)
    browser.get(browser.path).submit("#live form")
    book = CalamineWorkbook.from_filelike(BytesIO(browser.body))
    assert book.get_sheet_by_name("按院系").to_python()[-1][:2] == ["合计", 6]
    title = str(book.get_sheet_by_name("说明").to_python()[0][0])
    assert title.startswith(f"{busy.campus.school.name}计算机学院本科"), title
    assert "毕业去向统计" in busy.browser("department").get("/school/tasks").text
    busy.staff["elsewhere"] = busy.campus.staff(Role.DEPARTMENT, 1)
    busy.campus.save()
    assert "毕业去向统计" not in busy.browser("elsewhere").get("/school/tasks").text


@pytest.mark.parametrize("less", ["may_export", "read_only"])
def test_figures_of_nobody_are_given_to_who_may_take_no_lists_along(
    busy: Console, less: str
) -> None:
    with busy.resources.sessions.begin() as session:
        setattr(session.get_one(Staff, busy.staff["school"].id), less, less == "read_only")
    browser = busy.browser().get("/school/statistics").submit("form[action*=workbook]")
    browser.submit("#live form")
    assert browser.body.startswith(b"PK")


def test_a_page_that_is_not_there_says_so(busy: Console) -> None:
    browser = busy.browser()
    browser.get("/school/statistics?by=class&page=9")
    assert "没有第 9 页" in browser.text
