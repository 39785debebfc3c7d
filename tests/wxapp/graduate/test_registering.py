"""A graduate registers where she goes, step by step, and nothing she typed is lost."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from registry.record.requirements import OFFERED
from registry.record.tables import Graduate, Registration
from registry.review.application_moves import current
from registry.review.seasons import SeasonRules, set_season
from registry.review.states import ApplicationState, Level
from tests.pages import Browser
from tests.wxapp.graduate.registering import (
    CREDIT_CODE,
    FORM,
    TRANSFER,
    WORK,
    application,
    choose,
    choose_place,
    decide,
    fill_in,
    problems_of,
    upload,
)
from tests.wxapp.school.records import Campus
from tests.wxapp.site import Site


@pytest.fixture
def graduate(site: Site) -> Graduate:
    return site.graduate()


@pytest.fixture
def browser(site: Site, graduate: Graduate) -> Browser:
    return site.enter(site.bind(graduate), "register")


def test_from_the_form_through_the_reviews_into_the_record(
    site: Site, browser: Browser, graduate: Graduate
) -> None:
    page = fill_in(browser)
    assert "单位所在地 山东省青岛市市南区" in page.text
    assert "签约日期 2026年5月20日" in page.text
    page.submit(button="提交审核")
    assert "等待院系审核" in page.text
    decide(site, graduate, Level.DEPARTMENT)
    stages = [each.get_text(" ", strip=True) for each in browser.get(page.path).find_all(".stage")]
    assert stages == [
        "提交 已提交 今天 10:00",
        "院系审核 通过 今天 10:00",
        "学校审核 审核中",
    ]
    decide(site, graduate, Level.SCHOOL)
    assert site.state_of(graduate) == "unconfirmed"
    shown = browser.get("/g/confirmation").text
    assert "青岛海纳软件有限公司" in shown
    assert "以上毕业去向信息由本人登记，2026年06月10日审核通过，请根据实际情况" in shown


def test_the_strip_and_the_button_say_how_it_stands(
    site: Site, browser: Browser, graduate: Graduate
) -> None:
    def strip() -> tuple[str, str]:
        page = browser.get("/g/")
        return (
            page.find(".strip li:first-child").get_text(" ", strip=True),
            page.find(".phone-thumb a").get_text(strip=True),
        )

    assert strip() == ("上报 未上报", "去登记（还剩 82 天）")
    choose(browser, "70")
    assert strip() == ("上报 草稿", "继续填写登记")
    browser.get(f"{FORM}/review").submit()
    assert strip() == ("上报 审核中", "查看审核进度")
    decide(site, graduate, Level.DEPARTMENT, "请补充档案去向")
    assert strip() == ("上报 已退回", "去修改")
    assert "请补充档案去向" in browser.text


def test_what_was_returned_opens_with_the_reason_on_top_and_is_sent_again(
    site: Site, browser: Browser, graduate: Graduate
) -> None:
    fill_in(browser).submit(button="提交审核")
    decide(site, graduate, Level.DEPARTMENT, "单位电话打不通，请核对")
    page = browser.get(FORM)
    assert page.find(".phone-banner").get_text(" ", strip=True) == (
        "院系退回了这份登记 单位电话打不通，请核对"
    )
    browser.get(f"{FORM}/destination").submit(unit_phone="0532-80001111")
    assert "单位电话打不通" in browser.text
    page = browser.get(FORM)
    (changed,) = page.find_all(".sheet-line_changed")
    assert changed.get_text(" ", strip=True).startswith("联系电话 原来是 0532-86981234")
    page.submit(button="提交审核")
    assert application(site, graduate).state == ApplicationState.SUBMITTED


def test_what_is_missing_is_said_beside_its_field_and_the_rest_is_kept(
    site: Site, browser: Browser, graduate: Graduate
) -> None:
    choose(browser, "11")
    browser.submit(
        button="go=next", unit_name="海尔集团公司", unit_code="91350100M000100Y44", unit_phone="12"
    )
    assert browser.status == 400
    told = problems_of(browser)
    assert "校验" in told["unit_code"]
    assert told["unit_phone"] == "请填写手机号，或带区号的固定电话，如 0532-86981234。"
    assert told["unit_nature"] == "请选择单位性质"
    assert "unit_name" not in told
    assert browser.find("#unit_code")["value"] == "91350100M000100Y44"
    kept = application(site, graduate).values
    assert (kept["unit_name"], kept["unit_phone"]) == ("海尔集团公司", "12")


def test_only_what_the_category_asks_for_is_asked(browser: Browser) -> None:
    choose(browser, "46")
    names = [each["name"] for each in browser.find_all(".field input")]
    assert names == ["signed_on"]
    assert "入伍日期" in browser.text
    choose(browser, "72")
    assert browser.path == f"{FORM}/transfer"
    choose(browser, "85")
    for title in ("留学国家或地区", "院校外文名称", "专业外文名称"):
        assert title in browser.text
    assert "单位名称" not in browser.text


def test_changing_the_category_keeps_what_fits_both(
    site: Site, browser: Browser, graduate: Graduate
) -> None:
    choose(browser, "10").submit(button="go=later", unit_name="海尔集团公司")
    assert browser.path == "/g/"
    choose(browser, "11")
    assert browser.find("#unit_name")["value"] == "海尔集团公司"


def test_something_odd_is_pointed_out_and_may_stay(
    site: Site, browser: Browser, graduate: Graduate
) -> None:
    """The example of the guide: 求职中, and yet a unit that receives the file."""
    site.change(
        graduate,
        lambda campus, her: campus.report(
            her, category="70", file_type="签约单位接收", file_unit="北京市海淀区人才中心"
        ),
    )
    choose(browser, "70")
    offered = [each["value"] for each in browser.find_all("input[name=file_type]")]
    assert "签约单位接收" in offered, "what stands there now can be kept"
    there = {"file_address": "上地路 1 号", "file_phone": "010-62981234"}
    browser.submit(button="go=next", household_type="户口不在学校", **there)
    assert browser.status == 200
    assert "一般不选“签约单位接收”" in browser.text
    assert application(site, graduate).values["file_address"] == "上地路 1 号"
    browser.submit(button="确认无误，继续")
    assert browser.path == f"{FORM}/review"
    assert "确认无误，提交审核" in browser.text


def test_the_impossible_is_refused(site: Site, browser: Browser, graduate: Graduate) -> None:
    choose(browser, "70")
    sent = browser.fill("form")
    sent.setlist("file_type", ["升学外校接收"])
    browser.post(f"{FORM}/transfer", sent)
    assert browser.status == 400
    assert "只适用于升学" in browser.text
    assert "确认无误，继续" not in browser.text


def test_nothing_is_sent_of_where_to_when_the_file_stays(
    site: Site, browser: Browser, graduate: Graduate
) -> None:
    choose(browser, "70")
    browser.submit(button="go=later", **{**TRANSFER, "file_type": "转回生源地"})
    browser.get(f"{FORM}/transfer").submit(button="go=next", file_type="暂存学校")
    kept = application(site, graduate).values
    assert (kept["file_type"], kept["file_unit"], kept["file_phone"]) == ("暂存学校", "", "")


def test_the_receiver_is_not_herself(browser: Browser) -> None:
    choose(browser, "10")
    browser.get(f"{FORM}/transfer").submit(**{**TRANSFER, "file_unit": "李娟"})
    assert "档案不能寄给本人" in problems_of(browser)["file_unit"]


def test_a_directed_graduate_is_held_to_her_agreement(site: Site) -> None:
    def direct(_campus: Campus, her: Graduate) -> None:
        her.training_mode, her.training_unit = "2", "西藏自治区教育厅"

    browser = site.enter(site.bind(site.graduate(direct)), "register")
    assert "按协议到“西藏自治区教育厅”就业" in browser.text
    choose(browser, "76")
    assert browser.status == 400
    assert "应按协议到“西藏自治区教育厅”就业" in browser.text
    choose(browser, "10")
    assert browser.find("#unit_name")["value"] == "西藏自治区教育厅"
    browser.submit(unit_name="青岛海纳软件有限公司")
    assert "单位与定向或委培协议不一致" in problems_of(browser)["unit_name"]


def test_an_employer_known_to_others_is_found_and_taken_over(
    site: Site, browser: Browser, graduate: Graduate
) -> None:
    site.graduate(
        lambda campus, her: campus.report(her, unit_code=CREDIT_CODE, unit_contact="他人")
    )
    choose(browser, "10").submit(button="go=find", unit_name="青岛海纳")
    browser.submit(browser.find("form.employer"))
    assert browser.path == f"{FORM}/destination"
    kept = application(site, graduate).values
    assert kept["unit_name"] == "青岛海纳软件有限公司"
    assert kept["unit_code"] == CREDIT_CODE
    assert not kept.get("unit_contact"), "a contact is a person"


COUNTY = {"province": "370000", "prefecture": "370200", "county": "370202"}
FRAGMENT = {"HX-Request": "true"}
"""Says that a part of a page is looked at, not a page."""


def test_known_employers_are_suggested_and_one_press_keeps_what_was_typed(
    site: Site, browser: Browser, graduate: Graduate
) -> None:
    site.graduate(lambda campus, her: campus.report(her, unit_code=CREDIT_CODE))
    typed = choose(browser, "10").fill("form", "go=next", unit_contact="周经理", unit_name="青岛")
    page = browser.get(f"{FORM}/employers/known?text=青岛", FRAGMENT)
    button = page.find("button[formaction]")
    assert button.get_text(" ", strip=True).startswith(f"青岛海纳软件有限公司 {CREDIT_CODE}")
    page.post(str(button["formaction"]), {**typed.to_dict(), "employer": str(button["value"])})
    kept = application(site, graduate).values
    assert (kept["unit_name"], kept["unit_code"]) == ("青岛海纳软件有限公司", CREDIT_CODE)
    assert kept["unit_contact"] == "周经理"


def test_nothing_is_suggested_for_one_character(site: Site, browser: Browser) -> None:
    site.graduate(lambda campus, her: campus.report(her, unit_code=CREDIT_CODE))
    assert browser.get(f"{FORM}/employers/known?text=青", FRAGMENT).body.strip() == b""


def test_suggestions_have_an_end(browser: Browser) -> None:
    asked = [browser.client.get(f"{FORM}/employers/known?text=青岛") for _ in range(91)]
    assert {each.status_code for each in asked[:90]} == {200}
    assert asked[90].status_code == 429


def test_an_employer_nobody_named_can_be_typed(browser: Browser) -> None:
    choose(browser, "10").submit(button="go=find", unit_name="无此单位")
    assert "没有找到“无此单位”" in browser.text
    browser.follow("返回直接填写")
    assert browser.find("#unit_name")["value"] == "无此单位"


def test_a_municipality_asks_for_no_prefecture(browser: Browser) -> None:
    choose(browser, "10")
    browser.submit(button="go=unit_location_code", **{"unit_location_code-province": "110000"})
    browser.submit(button="go=unit_location_code", **{"unit_location_code-county": "110108"})
    assert browser.find("option[value='110108']").has_attr("selected")
    answer = browser.client.get(f"{FORM}/regions?below=110100")
    assert ["110108", "海淀区"] in json.loads(answer.data)


def test_the_places_of_a_file_and_a_household_are_chosen_too(
    site: Site, browser: Browser, graduate: Graduate
) -> None:
    fill_in(browser).get(f"{FORM}/transfer")
    choose_place(browser, "file_location_code", file_type="托管单位接收")
    browser.get(f"{FORM}/transfer")
    choose_place(browser, "household_location_code", household_type="投亲靠友")
    page = browser.get(f"{FORM}/review")
    assert "档案转递单位所在地 山东省青岛市市南区" in page.text
    assert "户口迁移所在地 山东省青岛市市南区" in page.text
    assert application(site, graduate).values["household_location_code"] == "370202"


def test_who_reviews_first_is_said_only_where_another_does_after(
    site: Site, browser: Browser, graduate: Graduate
) -> None:
    assert "提交后由院系先审核，" in fill_in(browser).get(f"{FORM}/review").text
    alone = SeasonRules(graduate.cohort, (Level.SCHOOL,), None, date(graduate.cohort, 8, 31))
    with site.resources.sessions.begin() as session:
        set_season(session, graduate.school_id, alone, "staff:x", site.clock())
    assert "提交后由学校审核，" in browser.get(f"{FORM}/review").text


def test_a_place_that_came_without_a_code_stays_until_another_is_chosen(
    site: Site, browser: Browser, graduate: Graduate
) -> None:
    site.change(graduate, lambda campus, her: campus.report(her, file_location="青岛市"))
    choose(browser, "10")
    page = browser.get(f"{FORM}/transfer")
    assert "现在登记的是“青岛市”，不重新选择就保持不变" in page.text
    page.submit(button="go=later", file_type="托管单位接收")
    assert application(site, graduate).values["file_location"] == "青岛市"


def test_two_windows_do_not_overwrite_each_other(
    site: Site, browser: Browser, graduate: Graduate
) -> None:
    choose(browser, "10")
    older = browser.fill("form", "go=next", unit_name="旧窗口的单位", unit_contact="旧")
    browser.submit(button="go=later", unit_name="新窗口的单位")
    page = browser.post(f"{FORM}/destination", older)
    assert page.status == 400
    assert "登记内容已在其他页面更新" in page.find("[role=alert]").get_text()
    assert page.find("#unit_name")["value"] == "旧窗口的单位", "what was typed stays on the screen"
    assert application(site, graduate).values["unit_name"] == "新窗口的单位"


def test_a_press_too_many_sends_once(site: Site, browser: Browser, graduate: Graduate) -> None:
    choose(browser, "70")
    twice = browser.fill("form", "go=next", file_type="暂存学校", household_type="户口不在学校")
    browser.post(f"{FORM}/transfer", twice)
    assert browser.post(f"{FORM}/transfer", twice).path == f"{FORM}/review"
    sent = browser.fill("form")
    browser.post(f"{FORM}/review", sent)
    assert browser.post(f"{FORM}/review", sent).path == f"{FORM}/progress"
    assert application(site, graduate).state == ApplicationState.SUBMITTED


def test_what_was_sent_can_be_taken_back(site: Site, browser: Browser, graduate: Graduate) -> None:
    fill_in(browser).submit(button="提交审核")
    browser.submit(button="撤回修改")
    assert application(site, graduate).state == ApplicationState.WITHDRAWN
    assert browser.path == f"{FORM}/review"


def test_while_it_is_reviewed_there_is_no_form(browser: Browser) -> None:
    fill_in(browser).submit(button="提交审核")
    for path in ("", "/category", "/transfer", "/review"):
        assert browser.get(FORM + path).path == f"{FORM}/progress"


def test_a_draft_is_given_up(site: Site, browser: Browser, graduate: Graduate) -> None:
    fill_in(browser).follow("放弃这份登记").submit(button="放弃")
    assert site.read(lambda session: current(session, graduate.id)) is None
    assert "去登记" in browser.text


def test_a_change_shows_before_and_after_and_does_not_touch_what_is_in_force(
    site: Site, browser: Browser, graduate: Graduate
) -> None:
    site.change(graduate, Campus.report)
    page = browser.get("/g/").follow("更改去向").follow("开始更改")
    page.submit(button="category=10")
    page.submit(button="go=later", **{**WORK, "unit_name": "海尔集团公司"})
    page.get(f"{FORM}/review")
    changed = [each.get_text(" ", strip=True) for each in page.find_all(".sheet-line_changed")]
    assert "单位名称 原来是 青岛海纳软件有限公司 现在是 海尔集团公司" in changed
    in_force = site.read(lambda session: session.scalars(select(Registration.unit_name)).all())
    assert in_force == ["青岛海纳软件有限公司"]
    assert browser.get(FORM).path.startswith(f"{FORM}/")  # she is not asked again if she wants to


def test_sending_what_changes_nothing_is_refused(
    site: Site, browser: Browser, graduate: Graduate
) -> None:
    fill_in(browser).submit(button="提交审核")
    decide(site, graduate, Level.DEPARTMENT)
    decide(site, graduate, Level.SCHOOL)
    choose(browser, "10")
    browser.get("/g/evidence")
    upload(browser, "agreement").submit("#evidence", "go=next")
    browser.submit(button="提交审核")
    assert browser.status == 400
    assert "与现在生效的完全一样" in browser.find("[role=alert]").get_text()


def test_where_the_province_has_its_own_system_she_is_led_there(site: Site) -> None:
    def province(campus: Campus, _her: Graduate) -> None:
        campus.school.correction_system = "山东省高校毕业生就业信息网"
        campus.school.correction_url = "https://example.com/sd"

    browser = site.enter(site.bind(site.graduate(province)), "register")
    assert "请在省级系统登记" in browser.text
    assert browser.find("a[href='https://example.com/sd']")
    assert not browser.find_all("form")
    assert browser.get(f"{FORM}/category").path == FORM


def test_after_the_last_day_of_august_the_school_does_it(site: Site, graduate: Graduate) -> None:
    site.clock.set(datetime(2026, 8, 31, 15, 59, tzinfo=UTC))  # midnight comes in Shanghai
    browser = site.enter(site.bind(graduate), "register")
    older = choose(browser, "10").fill("form", "go=next", unit_name="赶不上的单位")
    site.clock.move(timedelta(minutes=1))
    page = browser.post(f"{FORM}/destination", older)
    assert page.status == 400
    assert "2026年8月31日 截止" in page.find("[role=alert]").get_text()
    assert page.find("#unit_name")["value"] == "赶不上的单位"
    assert "登记已经截止" in browser.get(FORM).text
    assert "草稿还在" in browser.text


def test_nobody_reaches_anothers_draft(site: Site, browser: Browser, graduate: Graduate) -> None:
    choose(browser, "10").submit(button="go=later", unit_name="海尔集团公司")
    other = site.enter(site.bind(site.graduate(), "王芳"), "register")
    choose(other, "10")
    assert not other.find("#unit_name").get("value")


def test_what_is_known_of_the_employer_is_taken_over_and_said(
    site: Site, browser: Browser, graduate: Graduate
) -> None:
    choose(browser, "10")
    place = {f"unit_location_code-{level}": code for level, code in COUNTY.items()}
    browser.submit(button="go=unit_location_code", **{**WORK, "unit_address": "香港中路 1 号"})
    for level in ("prefecture", "county"):
        name = f"unit_location_code-{level}"
        browser.submit(button="go=unit_location_code", **{name: place[name]})
    browser.submit(button="go=next")
    assert "寄往：青岛海纳软件有限公司，山东省青岛市市南区，香港中路 1 号" in browser.text
    browser.submit(button="go=next", file_type="签约单位接收", household_type="签约单位接收")
    kept = application(site, graduate).values
    assert (kept["file_unit"], kept["file_address"], kept["household_location_code"]) == (
        "青岛海纳软件有限公司",
        "香港中路 1 号",
        "370202",
    )
    review = browser.get(f"{FORM}/review").text
    assert "档案转递单位名称 青岛海纳软件有限公司" in review
    assert "户口迁移所在地 山东省青岛市市南区" in review


def test_the_file_does_not_go_to_an_employer_she_left(
    site: Site, browser: Browser, graduate: Graduate
) -> None:
    site.change(
        graduate,
        lambda campus, her: campus.report(
            her, category="10", unit_name="旧公司", file_type="签约单位接收", file_unit="旧公司"
        ),
    )
    browser.post(f"{FORM}/category", browser.get(f"{FORM}/category").fill("form", "category=10"))
    browser.get(f"{FORM}/destination").submit(button="go=later", unit_name="海尔集团公司")
    assert application(site, graduate).values["file_unit"] == "海尔集团公司"
    site.graduate(lambda campus, her: campus.report(her, unit_code=CREDIT_CODE))
    page = browser.get(f"{FORM}/employers?text=青岛海纳")
    page.submit(page.find("form.employer"))
    assert application(site, graduate).values["file_unit"] == "青岛海纳软件有限公司"


def test_who_finds_work_is_asked_anew_what_waited_at_the_school(
    site: Site, browser: Browser, graduate: Graduate
) -> None:
    site.change(
        graduate,
        lambda campus, her: campus.report(
            her, category="70", file_type="暂存学校", household_type="户口不在学校"
        ),
    )
    choose(browser, "10")
    assert application(site, graduate).values["file_type"] == ""
    browser.get(f"{FORM}/transfer")
    assert not browser.find_all("input[name=file_type][checked]")
    checked = browser.find("input[name=household_type][checked]")
    assert checked["value"] == "户口不在学校", "which is so wherever she goes"
    choose(browser, "70").submit(button="go=later", file_type="暂存学校")
    choose(browser, "72")
    assert application(site, graduate).values["file_type"] == "暂存学校"


def test_what_is_mended_leads_back_to_the_review_screen(browser: Browser) -> None:
    fill_in(browser)
    back = f"{FORM}/review"
    browser.get(f"{FORM}/destination?check=1").submit(unit_phone="12")
    assert browser.status == 400
    assert "还有 1 处需要补充或修改" in browser.text
    assert browser.submit(unit_phone="0532-80001111").path == back
    assert browser.get(f"{FORM}/category?check=1").submit(button="category=10").path == back
    assert browser.get("/g/evidence?check=1").submit("#evidence", "返回核对").path == back
    browser.get(f"{FORM}/category?check=1").submit(button="category=11")
    assert browser.path == f"{FORM}/destination", "another category asks for other things"


def test_few_categories_stand_first_and_the_rest_behind(browser: Browser) -> None:
    browser.get(f"{FORM}/category")
    behind = [str(each["value"]) for each in browser.find_all("details button")]
    first = [str(each["value"]) for each in browser.find_all("button[name=category]")]
    assert first[:5] == ["10", "11", "12", "801", "70"]
    assert sorted(first[:5] + behind) == sorted(OFFERED)
    assert not browser.find("details").has_attr("open")
    choose(browser, "75")
    assert browser.get(f"{FORM}/category").find("details").has_attr("open")
