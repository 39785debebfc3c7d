"""Signing on paper through the pages: she asks, the school issues, she hands in, it is reviewed."""

from dataclasses import replace
from datetime import date
from io import BytesIO

import pytest
from sqlalchemy import select

from registry.accounts.tables import AuditEntry, Role
from registry.record.tables import Graduate, Registration
from registry.review.seasons import season, set_season
from tests import pdf_reading
from tests.pages import Browser
from tests.registry.review.casework import PNG
from tests.wxapp.employer.conftest import TERMS, Signing
from tests.wxapp.graduate.outliving import comes_back
from tests.wxapp.school.records import Campus

NEW = "form[action='/g/offline/new']"
HAND_IN = "form[enctype='multipart/form-data']"
UNIT = {
    "unit_name": "青岛望海酒店有限公司",
    "unit_code": "91370200MA3C0TUX7C",
    "unit_nature": "31",
    "unit_industry": "34",
    "unit_contact": "赵主管",
    "unit_phone": "053288886666",
}
TODAY = "2026-06-10"


def picture(more: bytes = b"") -> tuple[BytesIO, str]:
    return BytesIO(PNG + more), "协议书.png"


def write(signing: Signing, **changed: str) -> Browser:
    """Fill in the form and look at it before it is sent."""
    page = signing.phone.get("/g/signing").follow("申请线下签约")
    given = {**UNIT, **TERMS, "unit_location_code-province": "370000", **changed}
    typed = page.fill(NEW, "go=preview", **given)
    for name in ("unit_location_code", "work_location_code"):
        typed.setlist(f"{name}-prefecture", ["370200"])
        typed.setlist(f"{name}-county", ["370202"])
    return page.post("/g/offline/new", typed)


def ask(signing: Signing) -> Browser:
    return write(signing).submit(NEW, "go=send")


def issue(signing: Signing) -> Browser:
    desk = signing.staff(Role.SCHOOL).get("/school/offline").follow("李娟")
    return desk.submit("form:has(button[value=issue])", "decision=issue")


def issued(signing: Signing) -> Browser:
    """Go as far as her page of a paper that both have yet to sign."""
    ask(signing)
    issue(signing)
    return signing.phone.get("/g/signing").follow("青岛望海酒店有限公司")


def destination(signing: Signing) -> Registration | None:
    wanted = select(Registration).join(Graduate, Graduate.registration_id == Registration.id)
    return signing.site.read(lambda session: session.scalar(wanted))


def test_the_whole_story_on_paper(signing: Signing) -> None:
    page = ask(signing)
    assert "待学校核发" in page.text
    assert "1 份线下签约申请待核发" in signing.staff(Role.SCHOOL).get("/school/").text
    assert "已核发" in issue(signing).text
    page = signing.phone.get("/g/").follow("去办理")
    assert "待签字盖章" in page.text
    pdf = page.follow("下载协议书").response.get_data()
    assert "经办人签字" in pdf_reading.words_of(pdf)
    page = signing.phone.get("/g/signing").follow("青岛望海酒店有限公司")
    page.submit(HAND_IN, file=picture(), signed_on=TODAY)
    assert "您已交回签字盖章的协议书" in page.text
    for role in (Role.DEPARTMENT, Role.SCHOOL):
        desk = signing.staff(role).get("/school/reviews?purpose=agreement").follow("李娟")
        assert "交回的协议书" in desk.text
        desk.submit("form:has(button[value=pass])", "decision=pass")
    page = signing.phone.get("/g/signing").follow("青岛望海酒店有限公司")
    assert "审核通过，协议生效" in page.text
    assert "与单位签订书面补充协议" in page.text
    found = destination(signing)
    assert found is not None
    assert (found.unit_name, str(found.signed_on)) == (UNIT["unit_name"], TODAY)
    listed = signing.staff(Role.SCHOOL).get("/school/agreements?kind=paper").follow("李娟")
    assert "本人交回签字盖章的协议书" in listed.text
    assert "补充协议由双方书面签订" in listed.text
    page = signing.phone.get("/g/void")
    assert "单位出具解约函、学校审核通过后原去向作废" in page.text
    assert page.follow("申请解约").find("input[value=letter]")


def test_what_is_wrong_stands_under_its_field_and_nothing_is_lost(signing: Signing) -> None:
    page = write(signing, unit_code="91370200MA3C0TUX7D", pay="")
    assert page.status == 400
    assert page.find("#unit_code").get("aria-invalid") == "true"
    assert page.find("#pay").get("aria-invalid") == "true"
    assert page.find("#post").get("value") == TERMS["post"]
    assert page.find("#unit_name").get("value") == UNIT["unit_name"]


def test_what_is_looked_at_may_be_mended_before_it_is_sent(signing: Signing) -> None:
    page = write(signing).submit(NEW, "go=edit")
    assert page.find("#unit_name").get("value") == UNIT["unit_name"]
    chosen = page.find_all("input[name=exits]:checked")
    assert len(chosen) == 4


def test_a_returned_request_is_mended(signing: Signing) -> None:
    ask(signing)
    desk = signing.staff(Role.SCHOOL).get("/school/offline").follow("李娟")
    desk.submit("form:has(button[value=issue])", "decision=return")
    assert "请写明退回的原因" in desk.text
    desk.submit("form:has(button[value=issue])", "decision=return", reason="单位名称不全")
    page = signing.phone.get("/g/signing").follow("青岛望海酒店有限公司")
    assert "单位名称不全" in page.text
    page.follow("去修改")
    assert page.find("#unit_name").get("value") == UNIT["unit_name"]


def test_a_request_is_withdrawn(signing: Signing) -> None:
    page = ask(signing)
    page.submit("form[action$='/withdraw']")
    assert "您已撤回申请" in page.text
    assert "没有等待核发的申请" in signing.staff(Role.SCHOOL).get("/school/offline").text


def test_nothing_is_handed_in_without_a_picture_or_a_day(signing: Signing) -> None:
    page = issued(signing)
    page.submit(HAND_IN, signed_on=TODAY)
    assert "请选择签字盖章后的协议书照片" in page.text
    page.submit(HAND_IN, file=picture(), signed_on="2026-06-11")
    assert "签字日期应在核发日" in page.text
    page.submit(HAND_IN, file=(BytesIO(b"GIF89a"), "x.gif"), signed_on=TODAY)
    assert "只能上传 PDF、JPG、PNG 文件" in page.text


def test_a_paper_is_taken_back_and_given_up(signing: Signing) -> None:
    page = issued(signing)
    page.submit(HAND_IN, file=picture(), signed_on=TODAY)
    page.submit("form[action$='/take-back']")
    assert "待签字盖章" in page.text
    page.follow("放弃这份协议").submit("form[action$='/give-up']", reason="改为网上签约")
    assert "协议未签成：本人放弃：改为网上签约" in page.text


def test_why_a_paper_is_given_up_outlives_her_session(signing: Signing) -> None:
    page = issued(signing).follow("放弃这份协议")
    comes_back(signing.site, signing.openid, page, "form[action$='/give-up']", reason="改为网上")
    assert page.find("#reason").get_text() == "改为网上"


def test_after_her_year_has_closed_it_is_said_that_nothing_is_handed_in_anew(
    signing: Signing,
) -> None:
    page = issued(signing)
    page.submit(HAND_IN, file=picture(), signed_on=TODAY)
    assert "重新上传或放弃" in page.text

    def close(campus: Campus, her: Graduate) -> None:
        rules = season(campus.session, campus.school.id, her.year)
        closed = replace(rules, closes_on=date(2026, 6, 9))
        set_season(campus.session, campus.school.id, closed, "staff:x", signing.site.clock())

    signing.site.change(signing.graduate, close)
    assert "本届登记已截止，撤回后不能重新上传" in page.get(page.path).text


def test_a_school_that_offers_none_does_not_offer_it(signing: Signing) -> None:
    desk = signing.staff(Role.SCHOOL).get("/school/settings")
    desk.find("input[name=offers_papers]").attrs.pop("checked")
    desk.submit("form[action='/school/settings']")
    assert "申请线下签约" not in signing.phone.get("/g/signing").text
    assert "学校本届不办理线下签约" in signing.phone.get("/g/offline/new").text


def test_who_looked_at_a_request_is_kept(signing: Signing) -> None:
    ask(signing)
    signing.staff(Role.SCHOOL).get("/school/offline").follow("李娟")
    actions = select(AuditEntry.action)
    assert "seen_offline_request" in signing.site.read(lambda s: list(s.scalars(actions)))


@pytest.mark.parametrize("role", [Role.DEPARTMENT, Role.EMPLOYER])
def test_others_of_a_school_and_employers_see_no_requests(signing: Signing, role: Role) -> None:
    ask(signing)
    assert signing.staff(role).get("/school/offline").status in {403, 404}


def test_a_school_prints_a_paper_that_is_out(signing: Signing) -> None:
    issued(signing)
    desk = signing.staff(Role.SCHOOL).get("/school/agreements").follow("李娟")
    assert "等待毕业生交回" in desk.text
    desk.submit("form[action$='/paper']")
    assert "经办人签字" in pdf_reading.words_of(desk.response.get_data())


def test_a_paper_with_a_fee_stands_among_the_patterns_without_a_page_of_its_employer(
    signing: Signing,
) -> None:
    write(signing, remarks="入职前缴纳培训费").submit(NEW, "go=send")
    issue(signing)
    page = signing.staff(Role.SCHOOL).get("/school/patterns/money")
    said = page.find("tbody th").get_text(" ", strip=True)
    assert said == "青岛望海酒店有限公司 线下签约"
    assert not page.find_all("tbody a")
