"""Staff find their graduates: filters in the address, counts on chips, pages, search, export."""

from io import BytesIO

import pytest
import python_calamine
from sqlalchemy import select

from registry.accounts.tables import AuditEntry
from registry.base import paging
from registry.base.clock import SHANGHAI
from registry.codes.identity import masked
from registry.record.confirmation.confirm import Reply, answer
from registry.record.tables import Answer
from tests.wxapp.school.conftest import Console
from tests.wxapp.school.records import IDENTITY, Campus


@pytest.fixture
def people(console: Console) -> list[str]:
    """Add three graduates: one has reported, one is of the other department; return their keys."""
    campus = console.campus
    found = [
        campus.report(campus.graduate("李娟")),
        campus.graduate("王建国", class_name="化工2201"),
        campus.graduate("赵敏", department=1),
    ]
    campus.save()
    return [each.key for each in found]


def test_the_first_page_leads_to_exactly_the_rows_that_wait(
    console: Console, people: list[str]
) -> None:
    browser = console.browser().get("/school/")
    assert "2 人尚未上报去向" in browser.text
    browser.follow("人尚未上报去向")
    assert [link.get_text() for link in browser.find_all("td a")] == ["王建国", "赵敏"]


def test_a_school_without_graduates_is_told_what_to_do_first(console: Console) -> None:
    assert "导入名单" in console.browser().get("/school/").text
    assert "学校导入后" in console.browser("department").get("/school/").text


def test_chips_show_counts_and_narrow_the_list(console: Console, people: list[str]) -> None:
    browser = console.browser().get("/school/graduates")
    chips = [chip.get_text(" ", strip=True) for chip in browser.find_all(".chip")]
    assert chips == ["全部 3", "未上报 2", "未确认 1", "确认无误 0", "确认有误 0"]
    browser.get(str(browser.find_all(".chip")[2]["href"]))
    assert browser.find("h1 + span").get_text() == "1 人"
    assert "李娟" in browser.text


def test_filters_stay_in_the_address_and_in_the_form(console: Console, people: list[str]) -> None:
    browser = console.browser().get("/school/graduates?state=not_reported")
    browser.submit("main form[method=get]", **{"class": "化工2201", "q": "王"})
    assert "state=not_reported" in browser.path
    assert [link.get_text() for link in browser.find_all("td a")] == ["王建国"]
    again = browser.fill("main form[method=get]")
    assert (again["class"], again["q"]) == ("化工2201", "王")


def test_a_list_nobody_fits_says_so(console: Console, people: list[str]) -> None:
    browser = console.browser().get("/school/graduates?q=不存在")
    assert "没有符合条件的毕业生" in browser.text


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("reported_from=2026-13-01", "请写成日期"),
        ("state=done", "没有这种登记确认状态"),
        (f"q={IDENTITY}", "不要放进网址里"),
    ],
)
def test_what_cannot_be_filtered_by_is_said(console: Console, query: str, sentence: str) -> None:
    browser = console.browser().get(f"/school/graduates?{query}")
    assert browser.status == 400
    assert sentence in browser.text


def test_pages_are_turned_by_key_with_the_query_kept(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paging, "PAGE", 2)
    for name in "甲乙丙":
        console.campus.graduate(name)
    console.campus.save()
    browser = console.browser().get("/school/graduates?level=31").follow("下一页")
    assert "level=31" in browser.path
    assert [link.get_text() for link in browser.find_all("td a")] == ["丙"]
    browser.follow("上一页")
    assert [link.get_text() for link in browser.find_all("td a")] == ["甲", "乙"]


def test_the_way_back_from_a_person_is_the_page_of_the_list_she_was_found_on(
    console: Console, people: list[str]
) -> None:
    browser = console.browser().get("/school/graduates?state=not_reported&q=2022")
    browser.follow("王建国").follow("操作日志").follow("返回列表")
    assert browser.path == "/school/graduates?state=not_reported&q=2022"
    browser.get(f"/school/graduates/{people[0]}").follow("返回列表")
    assert browser.path == "/school/graduates"


def test_a_class_is_found_by_a_part_of_its_name_however_many_there_are(console: Console) -> None:
    for number in range(501):
        console.campus.graduate(class_name=f"{number:03}班")
    console.campus.save()
    browser = console.browser().get("/school/graduates")
    assert len(browser.body) < 100_000
    offered = browser.get("/school/choices/class?words=50").response.get_json()
    assert offered[-2:] == ["450班", "500班"]
    browser.get("/school/graduates?class=500").follow("500班")
    assert browser.find("h1 + span").get_text() == "1 人"


def test_a_page_that_is_no_more_leads_back_to_the_first(
    console: Console, people: list[str]
) -> None:
    browser = console.browser().get("/school/graduates?after=gone&q=李")
    assert browser.status == 200
    assert "没有符合条件" not in browser.text
    browser.follow("回到第一页")
    assert "李" in browser.find("tbody").get_text()


def test_an_earlier_year_stays_chosen(console: Console, people: list[str]) -> None:
    console.campus.graduate("老生", year=2025)
    console.campus.save()
    browser = console.browser().get("/school/").follow("2025 届").follow("毕业生")
    assert "year=2025" in browser.path
    assert [link.get_text() for link in browser.find_all("td a")] == ["老生"]
    browser.submit("main form[method=get]", q="老")
    assert [link.get_text() for link in browser.find_all("td a")] == ["老生"]


def test_an_answer_that_holds_no_more_shows_no_day(console: Console) -> None:
    campus = console.campus
    graduate = campus.report(campus.graduate("李娟"))
    reply = Reply(Answer.CORRECT, graduate.registration_id or 0)
    answer(campus.session, graduate.id, reply, channel="wechat", at=campus.at)
    campus.save()
    day = f"{campus.at.astimezone(SHANGHAI).date()}"
    listed = f"/school/graduates?answered_from={day}&answered_to={day}"
    browser = console.browser().get("/school/graduates")
    browser.submit("form[action*=columns]", column=["state", "answered"])
    assert "李娟" in browser.get(listed).text
    assert browser.find(".p-answered").get_text(strip=True) != "—"
    campus.report(graduate, unit_name="乙公司")
    campus.save()
    assert "李娟" not in browser.get(listed).text
    assert browser.get("/school/graduates").find(".p-answered").get_text(strip=True) == "—"
    browser.get(f"/school/graduates/{graduate.key}")
    confirmed = browser.find_all(".strip li")[1].get_text(" ", strip=True)
    assert confirmed == "确认 未确认"


def test_search_finds_by_name_and_by_identity_without_telling_the_address(
    console: Console, people: list[str], other: Campus
) -> None:
    other.graduate("张远")
    other.save()
    browser = console.browser().get("/school/")
    browser.submit(".top-search", words="赵")
    assert browser.find("h1").get_text(strip=True) == "赵敏"  # the only one is opened
    browser.submit(".top-search", words=IDENTITY.lower())
    assert IDENTITY not in browser.path
    found = {str(each["href"]).rpartition("/")[2] for each in browser.find_all("main .waits a")}
    assert found == set(people)
    browser.submit(".top-search", words="110101200303071999")
    assert "没有找到这个身份证号" in browser.text
    console.campus.graduate("赵敏")
    console.campus.save()
    browser.submit(".top-search", words="赵")
    assert [link.get_text() for link in browser.find_all("td a")] == ["赵敏", "赵敏"]


def test_search_finds_by_phone_and_by_numbers_as_people_copy_them(
    console: Console, people: list[str]
) -> None:
    campus, phone = console.campus, "13812345678"
    index = campus.vault.index("phone", phone)
    hers = campus.graduate("周敏", phone=phone, phone_index=index)
    campus.graduate("何静", year=2025, phone=phone, phone_index=index)
    numbered = campus.graduate("杨帆", student_number="18201010101")
    campus.save()
    browser = console.browser().get("/school/")
    for typed in ("138 1234 5678", "+86 138-1234-5678", "１３８１２３４５６７８"):
        browser.get("/school/").submit(".top-search", words=typed)
        assert browser.path.partition("?")[0] == "/school/search"
        assert "5678" not in browser.path
        assert "2 条毕业记录" in browser.text
        assert {"周敏", "何静"} <= set(browser.text.replace("·", " ").split())
    browser.submit(".top-search", words="13900000001")
    assert browser.path.startswith("/school/search/nobody")
    assert "139" not in browser.path
    browser.submit(".top-search", words="18201010101")
    assert numbered.key in browser.path  # a student number of that shape
    browser.submit(".top-search", words=f"{IDENTITY[:6]} {IDENTITY[6:14]} {IDENTITY[14:]}")
    assert browser.path.startswith("/school/search")
    assert IDENTITY[14:] not in browser.path
    department = console.browser("department").get("/school/")
    department.submit(".top-search", words=phone)
    assert hers.name in department.text


def test_an_export_holds_what_is_shown_with_masked_numbers_and_is_noted(
    console: Console, people: list[str]
) -> None:
    console.campus.graduate("=1+1")
    console.campus.save()
    browser = console.browser().get("/school/graduates?state=not_reported")
    browser.submit("main form[action*=export]")
    assert "已完成" in browser.text  # a short list is made before its page is shown
    browser.submit("#live form")
    book = python_calamine.CalamineWorkbook.from_filelike(BytesIO(browser.body))
    rows = book.get_sheet_by_index(0).to_python()
    assert [row[1] for row in rows] == ["姓名", "王建国", "赵敏", "=1+1"]
    assert {row[2] for row in rows[1:]} == {masked(IDENTITY)}
    said = {str(row[0]): row[1] for row in book.get_sheet_by_name("导出信息").to_python()}
    assert (said["导出人"], said["行数"]) == ("王老师", "3")
    assert said["导出时间"] == "2026-06-10 10:00:00"
    with console.resources.readers() as session:
        asked = select(AuditEntry).where(AuditEntry.action == "export_graduates")
        entry = session.scalars(asked).one()
    assert entry.details == {"rows": 3, "state": "not_reported"}


def test_statistics_count_by_source_and_department_and_lead_to_the_rows(
    console: Console, people: list[str]
) -> None:
    browser = console.browser().get("/school/confirmations")
    assert "学校导入 1 0 1" in browser.text
    browser.get(str(browser.find_all("a[href*='source=import']")[0]["href"]))
    assert [link.get_text() for link in browser.find_all("td a")] == ["李娟"]
    assert "化工学院" not in console.browser("department").get("/school/confirmations").text


def test_a_person_with_several_records_is_shown_with_all_of_them(
    console: Console, other: Campus
) -> None:
    campus = console.campus
    master = campus.graduate("李娟", year=2026, major="软件工程")
    bachelor = campus.graduate("李娟", 1, year=2023, major="化学工程")
    ended = campus.graduate("李娟", year=-2025, major="网络工程")
    other.graduate("李娟", year=2024)
    campus.save()
    other.save()
    browser = console.browser().get("/school/")
    browser.submit(".top-search", words=IDENTITY)
    assert "在本校有 3 条毕业记录" in browser.text
    found = [str(each["href"]).rpartition("/")[2] for each in browser.find_all("main .waits a")]
    assert [each.partition("?")[0] for each in found] == [master.key, bachelor.key, ended.key]
    browser.follow("化学工程")
    assert browser.find("h1").get_text() == "李娟"
    others = [
        each.get_text(" ", strip=True) for each in browser.find_all("[aria-labelledby=others] a")
    ]
    assert [each[:6] for each in others] == ["2026 届", "2025 届"]
    assert "已停用" in others[1]
    department = console.browser("department").get("/school/")
    department.submit(".top-search", words=IDENTITY)
    assert "在本校有 2 条毕业记录" in department.text  # those of the department alone
