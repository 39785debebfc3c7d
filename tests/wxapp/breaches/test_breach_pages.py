"""Reports through the pages: filed in WeChat, handled by an office, answered, reopened once."""

import re
from datetime import timedelta
from io import BytesIO

from sqlalchemy import select

from notifier.ledger.tables import Message
from registry.accounts.tables import Role
from tests.wxapp.breaches.conftest import FORM, WORDS, Reporter
from tests.wxapp.employer.conftest import signed_in
from tests.wxapp.graduate.outliving import comes_back
from tests.wxapp.graduate.registering import PNG

ANSWER = "form[action$='/answer']"
UPLOAD = "form[action$='/files']"


def number_of(reporter: Reporter) -> str:
    found = re.search(r"JB\w{10}", reporter.phone.text)
    assert found is not None
    return found.group()


def test_she_reports_and_is_answered(reporter: Reporter) -> None:
    reporter.report()
    assert "省级就业工作部门" in reporter.phone.text
    assert "6月17日前" in reporter.phone.text
    desk = reporter.opened(reporter.province, "province")
    assert WORDS in desk.text
    desk.submit("form[action$='/begin']")
    assert "处理中" in reporter.phone.get(reporter.phone.path).text
    desk.submit(ANSWER, words="已约谈学院并限期改正。")
    assert "已答复" in desk.text
    card = reporter.site.read(lambda session: session.scalars(select(Message)).one())
    assert (card.kind, card.graduate_id) == ("breach_answered", reporter.graduate.id)
    page = reporter.phone.get(f"/g/breaches?message={card.client_msg_id}")
    assert "已约谈学院并限期改正。" in page.text
    page.submit("form[action$='/accept']")
    assert "已办结" in page.text


def test_the_form_says_what_is_missing_and_keeps_the_rest(reporter: Reporter) -> None:
    page = reporter.report(words=" ")
    assert page.status == 400
    assert "请写明时间、地点、涉及的人和经过" in page.find("[role=alert]").get_text()
    assert page.find("#kind-forced").has_attr("checked")


def test_what_is_about_an_employer_is_answered_by_the_school(reporter: Reporter) -> None:
    page = reporter.report(kind="fees", accused="employer", unit="青岛海纳软件有限公司")
    assert "学校就业指导中心" in page.text
    desk = reporter.school.get("/school/")
    assert "1 件举报待答复 今天新增，请在 5 个工作日内答复" in " ".join(desk.text.split())
    desk.get("/school/breaches").follow("收取押金、培训费或扣押证件")
    assert WORDS in desk.text
    desk.submit(ANSWER, words="已暂停该单位签约。")
    assert "已答复" in desk.text


def test_a_second_look_is_asked_for_once(reporter: Reporter) -> None:
    reporter.report()
    desk = reporter.opened(reporter.province, "province").submit(ANSWER, words="未发现问题。")
    page = reporter.phone.get(reporter.phone.path)
    page.submit("form[action$='/reopen']", words="没有找同学了解。")
    assert "复核中" in page.text
    desk.get(desk.path).submit(ANSWER, words="再次核实，已处理。")
    page.get(page.path)
    assert "已办结" in page.text
    assert not page.find_all("form[action$='/reopen']")


def test_why_a_second_look_is_asked_for_outlives_her_session(reporter: Reporter) -> None:
    reporter.report()
    reporter.opened(reporter.province, "province").submit(ANSWER, words="未发现问题。")
    page = reporter.phone.get(reporter.phone.path)
    hers = (reporter.site, reporter.openid, page)
    comes_back(*hers, "form[action$='/reopen']", words="没有找同学了解。")
    assert page.find("#words").get_text() == "没有找同学了解。"
    page.submit("form[action$='/reopen']")
    assert "复核中" in page.text


def test_documents_are_added_and_opened_by_who_handles_it(reporter: Reporter) -> None:
    page = reporter.report()
    page.submit(UPLOAD, file=(BytesIO(PNG), "李娟的聊天记录.png"))
    assert "材料1.png" in page.text
    assert "李娟的聊天记录" not in page.text
    desk = reporter.opened(reporter.province, "province").follow("材料1.png")
    assert desk.headers["Content-Type"] == "image/png"
    assert "%E6%9D%8E%E5%A8%9F" not in desk.headers["Content-Disposition"]


def test_what_is_no_document_is_refused(reporter: Reporter) -> None:
    page = reporter.report()
    page.submit(UPLOAD, file=(BytesIO(b"MZ"), "a.exe"))
    assert page.status == 400
    assert "只能上传 PDF、JPG、PNG" in page.text


def test_her_number_opens_it_without_a_binding(reporter: Reporter) -> None:
    reporter.report()
    number = number_of(reporter)
    reporter.opened(reporter.province, "province").submit(ANSWER, words="已处理。")
    stranger = reporter.site.browser().get("/g/receipt").submit("form", number=number.lower())
    assert "已处理。" in stranger.text
    assert WORDS not in stranger.text
    stranger.submit("form", number="JB0000000000")
    assert "没有找到这个回执号" in stranger.text


def test_another_graduate_opens_nothing_of_it(reporter: Reporter) -> None:
    path = reporter.report().path
    other = reporter.site.graduate()
    browser = reporter.site.enter(reporter.site.bind(other, "王芳"))
    assert browser.get(path).status == 404
    assert "暂无举报记录" in browser.get("/g/breaches").text


def test_the_home_and_the_confirmation_lead_to_the_form(reporter: Reporter) -> None:
    for path in ("/g/", "/g/help", "/g/confirmation"):
        reporter.phone.get(path).follow("违反“四不准”行为举报")
        assert reporter.phone.find(FORM)


def test_the_school_is_asked_and_explains(reporter: Reporter) -> None:
    reporter.report()
    desk = reporter.opened(reporter.province, "province")
    desk.submit("form[action$='/tell']", told="请说明各学院催签协议的做法。")
    page = reporter.opened(reporter.school, "school")
    assert "请说明各学院催签协议的做法。" in page.text
    assert WORDS not in page.text
    page.submit("form[action$='/explain']", words="已自查，要求各学院不得催签。")
    assert "已自查，要求各学院不得催签。" in desk.get(desk.path).text


def test_late_answers_are_shown_late(reporter: Reporter) -> None:
    reporter.report()
    reporter.site.clock.move(timedelta(days=10))
    desk = signed_in(reporter.site, Role.PROVINCE).get("/province/breaches")
    assert "已逾期" in desk.text
    assert (
        "已超过答复期限"
        in reporter.site.enter(reporter.openid).get("/g/breaches").follow("强迫签约").text
    )


def test_departments_and_counsellors_see_no_reports(reporter: Reporter) -> None:
    for role in (Role.DEPARTMENT, Role.COUNSELLOR, Role.EMPLOYER):
        desk = signed_in(reporter.site, role)
        assert desk.get("/school/breaches").status == 403


def test_the_card_of_an_answer_leads_to_it_through_the_sign_in(reporter: Reporter) -> None:
    reporter.report()
    reporter.opened(reporter.province, "province").submit(ANSWER, words="已处理。")
    card = reporter.site.read(lambda session: session.scalars(select(Message)).one())
    browser = reporter.site.browser().get(f"/g/breaches?message={card.client_msg_id}")
    assert browser.leads_to is not None
    browser.get(reporter.site.way_back(browser.leads_to, reporter.openid))
    assert "已处理。" in browser.text
