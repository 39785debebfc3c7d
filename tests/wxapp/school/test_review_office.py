"""What the school does around a review: report to the province, correct, set the year's rules."""

from io import BytesIO

import pytest
import python_calamine
from sqlalchemy import select, update

from registry.accounts import audit
from registry.accounts.tables import AuditEntry
from registry.province import batch_decisions
from registry.province.batches import Signature
from registry.record import graduates
from registry.record.province_tables import ProvinceBatch
from registry.record.tables import Graduate, Registration
from registry.review.seasons import season
from registry.review.states import ApplicationState
from registry.tasks import name_lists
from tests.registry.review.casework import Casework
from tests.wxapp.school.conftest import Console
from tests.wxapp.school.review_records import Submissions, submissions

__all__ = ["submissions"]


@pytest.fixture
def reported(console: Console) -> Graduate:
    """Add a graduate whose registration is complete, and one who has none."""
    campus = console.campus
    registered = campus.graduate("李娟")
    Casework(campus, campus.at).register(registered)
    campus.graduate("王建国")
    campus.save()
    return registered


def file_all(console: Console) -> None:
    with console.resources.sessions.begin() as session:
        batch = session.scalars(select(ProvinceBatch)).one()
        signed = Signature("staff:province", "省厅")
        batch_decisions.file_batch(session, "370000", batch.key, signed, console.resources.clock())


def test_a_batch_says_who_goes_and_why_others_do_not(console: Console, reported: Graduate) -> None:
    browser = console.browser().get("/school/reporting")
    assert "尚未登记去向 1" in browser.text
    browser.submit("form:has(input[name=latest])")
    assert "2026 届上报 1 人" in browser.text
    assert "王老师 签署" in browser.text


def test_reporting_twice_by_one_press_is_one_batch(console: Console, reported: Graduate) -> None:
    browser = console.browser().get("/school/reporting")
    form = browser.fill("form:has(input[name=latest])")
    for _ in range(2):
        browser.post("/school/reporting", form)
        assert "2026 届上报 1 人" in browser.text
    with console.resources.readers() as session:
        assert len(session.scalars(select(ProvinceBatch)).all()) == 1


def test_the_list_of_those_left_out_can_be_taken_along(
    console: Console, reported: Graduate
) -> None:
    browser = console.browser().get("/school/reporting")
    browser.submit("form[action$=left-out]").submit("#live form")
    rows = python_calamine.CalamineWorkbook.from_filelike(BytesIO(browser.body))
    assert rows.get_sheet_by_index(0).to_python()[1][1:] == [
        *("王建国", "计算机学院", "尚未登记去向", ""),
    ]


def test_who_lacks_what_is_named_before_anything_is_signed(
    console: Console, reported: Graduate
) -> None:
    with console.resources.sessions.begin() as session:
        hers = update(Registration).where(Registration.id == reported.registration_id)
        session.execute(hers.values(unit_location="", unit_code=""))
    browser = console.browser().get("/school/reporting").follow("必填项不全")
    row = " ".join(browser.find("main tbody tr").get_text().split())
    assert (
        row == f"李娟 {reported.student_number} 计算机学院 必填项不全 统一社会信用代码、单位所在地"
    )
    browser.get("/school/reporting").follow("尚未登记去向")
    assert "王建国" in browser.text
    assert "李娟" not in browser.text
    assert "共 1 人" in browser.text
    browser.get("/school/reporting/left-out?reason=other")
    assert "共 2 人" in browser.text
    assert all(name in browser.text for name in ("李娟", "王建国"))


def test_nobody_to_report_is_said(console: Console) -> None:
    browser = console.browser().get("/school/reporting")
    assert "现在没有可以上报的毕业生" in browser.text
    token = browser.find_all("input[name=csrf_token]")[0]["value"]
    browser.post("/school/reporting", {"csrf_token": str(token), "latest": ""})
    assert browser.status == 400
    assert "没有可以上报的毕业生，请先处理未列入的原因" in browser.text


def test_what_the_province_filed_says_so_and_offers_no_correction(
    console: Console, reported: Graduate
) -> None:
    browser = console.browser().get("/school/reporting")
    browser.submit("form:has(input[name=latest])")
    file_all(console)
    page = console.browser().get(f"/school/graduates/{reported.key}")
    assert "已由省级就业工作部门备案" in page.text
    assert "更正登记" not in page.text
    page.get(f"/school/graduates/{reported.key}/correction")
    assert "已由省级就业工作部门备案" in page.text


def test_who_is_in_a_batch_is_seen_to_be_and_to_fall_out_of_it_by_a_correction(
    console: Console, reported: Graduate
) -> None:
    browser = console.browser().get(f"/school/graduates/{reported.key}")
    assert "省级备案 未报备案" in browser.text
    browser.get("/school/reporting").submit("form:has(input[name=latest])")
    browser.get(f"/school/graduates/{reported.key}")
    assert "省级备案 已报，待备案 今天 10:00 批次" in browser.text
    browser.get(f"/school/graduates/{reported.key}/correction")
    assert "更正后该批次不再为其备案，需重新报备案" in browser.text
    browser.submit("form:has([name=reason])", unit_name="青岛新海科技有限公司", reason="单位更名")
    assert "省级备案 报后有更正，需重新报备案" in browser.text


def test_the_school_corrects_with_a_reason(console: Console, reported: Graduate) -> None:
    browser = console.browser().get(f"/school/graduates/{reported.key}/correction")
    browser.submit("form:has([name=reason])", unit_name="青岛新海科技有限公司", reason="单位更名")
    assert browser.path.endswith("tab=confirmation")
    with console.resources.readers() as session:
        names = session.scalars(select(Registration.unit_name).order_by(Registration.version)).all()
        assert names[-1] == "青岛新海科技有限公司"
        wanted = select(AuditEntry).where(AuditEntry.action == "registration_corrected")
        said = audit.said_in(session, session.scalars(wanted).one())
        assert said["reason"] == "单位更名"
    shown = browser.get(f"/school/graduates/{reported.key}").text
    assert "信息来源 学校更正：王老师" in shown


def test_what_the_school_corrected_is_listed_counted_and_exported_as_its_own(
    console: Console, reported: Graduate
) -> None:
    browser = console.browser().get(f"/school/graduates/{reported.key}/correction")
    browser.submit("form:has([name=reason])", unit_name="青岛新海科技有限公司", reason="单位更名")
    counted = browser.get("/school/confirmations")
    assert "学校更正 1" in counted.text
    listed = counted.get(str(counted.find_all("a[href*='source=school']")[0]["href"]))
    assert [link.get_text() for link in listed.find_all("td a")] == [reported.name]
    listed.submit("form[action*=columns]", column=["source"])
    assert "学校更正" in listed.find("tbody").get_text()
    assert not listed.get("/school/graduates?source=national").find_all("td a")
    with console.resources.readers() as session:
        rows = graduates.every(session, Graduate.id == reported.id)
        heading, line = name_lists.graduate_lines(rows, console.resources.vault)
    assert dict(zip(heading, line, strict=True))["信息来源"] == "学校更正"


def test_the_school_chooses_a_place_step_by_step_without_scripts(
    console: Console, reported: Graduate
) -> None:
    browser = console.browser().get(f"/school/graduates/{reported.key}/correction")
    field, form = "household_location_code", "form:has([name=reason])"
    go = f"go={field}"
    browser.submit(form, go, household_type="投亲靠友", **{f"{field}-province": "370000"})
    browser.submit(form, go, **{f"{field}-prefecture": "370200"})
    assert "尚未保存" not in browser.text
    browser.submit(form, reason="本人来函", **{f"{field}-county": "370202"})
    assert browser.path.endswith("tab=confirmation")
    with console.resources.readers() as session:
        newest = session.scalars(select(Registration).order_by(Registration.id.desc())).first()
        assert newest is not None
        assert newest.household_location_code == "370202"
        assert newest.household_location == "山东省青岛市市南区"
        assert newest.file_location == "", "nobody chose one"


def test_a_wrong_correction_says_why_beside_the_field_and_keeps_what_was_typed(
    console: Console, reported: Graduate
) -> None:
    browser = console.browser().get(f"/school/graduates/{reported.key}/correction")
    browser.submit(
        "form:has([name=reason])", unit_phone="abc", unit_name="新名称", reason="单位更名"
    )
    assert browser.status == 400
    assert "请填写手机号，或带区号的固定电话" in browser.text
    assert browser.find("[name=unit_phone]")["value"] == "abc"
    assert browser.find("[name=unit_name]")["value"] == "新名称"


def test_an_abolished_place_is_shown_and_stays_until_another_is_chosen(
    console: Console, reported: Graduate
) -> None:
    console.campus.report(reported, unit_location_code="370181", unit_location="山东省济南市章丘市")
    console.campus.save()
    browser = console.browser().get(f"/school/graduates/{reported.key}/correction")
    assert "现在登记的是“山东省济南市章丘市”（已撤销）" in browser.text
    browser.submit("form:has([name=reason])", unit_name="济南海纳软件有限公司", reason="单位更名")
    assert "已保存，立即生效" in browser.text
    browser.get(f"/school/graduates/{reported.key}/correction")
    assert browser.find("[name=unit_name]")["value"] == "济南海纳软件有限公司"
    assert "现在登记的是“山东省济南市章丘市”（已撤销）" in browser.text
    province = {"unit_location_code-province": "370000"}
    browser.submit("form:has([name=reason])", "go=unit_location_code", **province)
    assert "已撤销" not in browser.text


def test_a_correction_to_another_category_asks_for_its_fields(
    console: Console, reported: Graduate
) -> None:
    browser = console.browser().get(f"/school/graduates/{reported.key}/correction?category=85")
    assert browser.find("input[name=category]")["value"] == "85"
    assert browser.find_all("[name=study_country]")


def test_a_department_neither_corrects_nor_reports_nor_sets_rules(
    console: Console, reported: Graduate
) -> None:
    reporting = ("reporting", "reporting/people", "reporting/left-out")
    for path in (f"graduates/{reported.key}/correction", *reporting, "settings"):
        assert console.browser("department").get(f"/school/{path}").status == 403


def test_the_levels_of_a_year_can_be_set(console: Console, submissions: Submissions) -> None:
    browser = console.browser().get("/school/settings")
    browser.submit("form.card", levels="school", closes_on="2026-08-20")
    assert "已保存" in browser.text
    one = submissions.add("李娟")
    browser.get("/school/reviews").follow("李娟")
    browser.submit("form:has(textarea)", "decision=pass")
    assert submissions.again(one).state == ApplicationState.PASSED


def test_a_deadline_too_late_is_refused_and_stays_in_the_form(console: Console) -> None:
    browser = console.browser().get("/school/settings")
    browser.submit("form.card", closes_on="2026-09-30")
    assert browser.status == 400
    assert "截止日期不能晚于" in browser.text
    assert browser.find("[name=closes_on]")["value"] == "2026-09-30"


def test_reminding_can_be_switched_off_and_is_kept(console: Console) -> None:
    browser = console.browser().get("/school/settings")
    assert browser.find("[name=reminds]").has_attr("checked")
    form = browser.fill("form.card")
    del form["reminds"]
    browser.post("/school/settings", form)
    browser.get("/school/settings")
    assert not browser.find("[name=reminds]").has_attr("checked")
    browser.submit("form.card", closes_on="2026-09-30")
    assert not browser.find("[name=reminds]").has_attr("checked")
    with console.resources.readers() as session:
        said = session.scalars(select(AuditEntry).where(AuditEntry.action == "season_set")).one()
        rules = season(session, console.campus.school.id, 2026)
    assert (said.details["reminds"], rules.reminds) == (False, False)


def test_the_first_page_counts_what_waits_and_leads_there(
    console: Console, submissions: Submissions
) -> None:
    submissions.add("李娟")
    browser = console.browser("department").get("/school/")
    browser.follow("份登记待审核")
    assert "待院系审核 1 人" in browser.text


def test_a_request_to_void_has_its_own_list(
    console: Console, submissions: Submissions, reported: Graduate
) -> None:
    void = submissions.void(reported, "单位解约")
    for role in ("department", "school"):
        browser = console.browser(role).get("/school/reviews")
        assert "没有等您审核的登记。 作废申请有 1 份等您审核" in browser.text
        browser.follow("有 1 份等您审核")
        assert "单位解约" in browser.text
        browser.follow("李娟")
        browser.submit("form:has(textarea)", "decision=pass")
        assert "已同意作废 1 人" in browser.text
    assert submissions.again(void).state == ApplicationState.PASSED
    with console.resources.readers() as session:
        assert session.get_one(Graduate, reported.id).registration_id is None


def test_a_void_that_is_not_agreed_to_is_not_called_returned(
    console: Console, submissions: Submissions, reported: Graduate
) -> None:
    void = submissions.void(reported, "单位解约")
    browser = console.browser("department").get("/school/reviews?purpose=void")
    browser.follow("李娟")
    browser.submit("form:has(textarea)", "decision=return", reason="请先上传解约函")
    assert "审核结果" in browser.text
    assert "未同意作废 1 人" in browser.text
    assert "已未同意" not in browser.text
    told = browser.get(f"/school/reviews/{submissions.again(void).key}?purpose=void").text
    assert "未同意原因：请先上传解约函" in told
    assert "退回" not in told.partition("本页说明")[0]


def test_what_she_sent_stands_on_her_page(console: Console, submissions: Submissions) -> None:
    one = submissions.add()
    graduate = submissions.graduate(one)
    browser = console.browser().get(f"/school/graduates/{graduate.key}")
    browser.follow("毕业去向登记")
    assert "首次登记" in browser.text
