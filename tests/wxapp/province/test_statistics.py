"""A province reads rates by school and level, and the structure; few people are told of nowhere."""

from io import BytesIO

from python_calamine import CalamineWorkbook

from registry.statistics.suppression import SMALLEST
from tests.pages import Browser
from tests.wxapp.school.conftest import Console
from tests.wxapp.school.records import Campus


def fill(console: Console, other: Campus) -> None:
    """Give two schools of the province graduates who work, and one elsewhere who is not told."""
    other.session.merge(other.school).province = "370000"
    for campus, level in ((console.campus, "31"), (other, "11")):
        for _ in range(SMALLEST):
            campus.report(campus.graduate(level=level), unit_nature="39")
        campus.save()
    console.campus.report(console.campus.graduate(level="31"), category="76")
    console.campus.save()


def words(page: str) -> str:
    return " ".join(page.split())


def test_rates_are_told_by_school_and_by_level(console: Console, other: Campus) -> None:
    fill(console, other)
    page = console.browser("province").get("/province/rates")
    assert "测试大学10001 5 100.00%" in words(page.text)
    page.follow("按学历")
    assert "本科（31） 6 100.00%" in words(page.text)
    assert "硕士（11） 5 100.00%" in words(page.text)
    assert page.get("/province/rates?by=class").status == 200


def test_the_structure_hides_few_people_on_the_page_and_in_the_workbook(
    console: Console, other: Campus
) -> None:
    fill(console, other)
    browser = console.browser("province").get("/province/rates").follow("去向结构")
    merged = ["其他（不足 5 人的合并） 11 100.00%"]
    assert parts(browser, "category") == merged
    assert parts(browser, "nature") == merged
    browser.submit("form[action$=workbook]").submit("#live form")
    book = CalamineWorkbook.from_filelike(BytesIO(browser.body))
    assert book.sheet_names == ["按学校", "按学历", "去向结构", "说明", "导出信息"]
    assert book.get_sheet_by_name("按学校").to_python()[-1][:3] == ["全省", 11, "100.00%"]


def parts(browser: Browser, name: str) -> list[str]:
    return [each.get_text(" ", strip=True) for each in browser.find_all(f"#{name} tbody tr")]
