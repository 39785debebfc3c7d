"""Staff review: the list of what waits, one or many decided at once, each one answered for."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, select

from registry.accounts.tables import AuditEntry
from registry.base.database import Base
from registry.record.province_tables import ProvinceEntry
from registry.record.registration import Origin, Proposal, record
from registry.record.tables import Source
from registry.review.reasons import SHIPPED
from registry.review.states import ApplicationState
from registry.review.tables import Evidence
from tests.clock import StandingClock
from tests.rows import a_row
from tests.wxapp.school.conftest import Console
from tests.wxapp.school.review_records import Submissions, submissions

__all__ = ["submissions"]

DECIDE = "form:has(textarea)"


def states(submissions: Submissions, *given: object) -> list[str]:
    return [submissions.again(each).state for each in given]  # type: ignore[arg-type]  # each is an application


def test_what_was_submitted_waits_for_the_department_first(
    console: Console, submissions: Submissions
) -> None:
    submissions.add("李娟")
    page = console.browser("department").get("/school/reviews")
    assert "待院系审核 1 人" in page.text
    assert "李娟" in page.text
    school = console.browser().get("/school/reviews")
    assert "没有等您审核的登记" in school.text
    assert "待院系审核 1 待学校审核 0" in school.text


def test_ticked_ones_are_passed_and_the_rest_stays(
    console: Console, submissions: Submissions
) -> None:
    one, two = submissions.add("李娟"), submissions.add("王建国")
    browser = console.browser("department").get("/school/reviews")
    browser.submit(".review-form", "decision=pass", seen=[f"{one.key}:{one.revision}"])
    assert "已通过 1 人" in browser.text
    assert states(submissions, one, two) == [
        ApplicationState.DEPARTMENT_PASSED,
        ApplicationState.SUBMITTED,
    ]


def test_all_means_those_the_reader_saw_counted(console: Console, submissions: Submissions) -> None:
    given = [submissions.add(name) for name in ("李娟", "王建国", "赵敏")]
    browser = console.browser("department").get("/school/reviews?q=李")
    form = browser.fill(".review-form", "decision=pass")
    form["whom"] = "all"
    browser.post("/school/reviews?q=李", form)
    assert "已通过 1 人" in browser.text
    assert states(submissions, *given)[1:] == [
        ApplicationState.SUBMITTED,
        ApplicationState.SUBMITTED,
    ]


def test_more_than_a_page_is_passed_once_it_was_looked_through(
    console: Console, submissions: Submissions
) -> None:
    bare = submissions.add("李娟")
    with console.resources.sessions.begin() as session:
        session.execute(delete(Evidence).where(Evidence.application_id == bare.id))
    given = [submissions.add(name) for name in ["王建国"] * 50]
    browser = console.browser("department").get("/school/reviews")
    browser.submit(".review-form", "decision=pass", whom="all")
    assert "共 51 人，尚未审核" in browser.text
    assert "没有上传佐证材料 1 人" in browser.text
    assert states(submissions, bare, given[0]) == [ApplicationState.SUBMITTED] * 2
    browser.submit("main form:has(.btn-primary)", "decision=pass")
    assert "已通过 50 人" in browser.text
    assert states(submissions, bare, given[-1]) == [
        ApplicationState.SUBMITTED,
        ApplicationState.DEPARTMENT_PASSED,
    ]


def test_of_voids_is_said_who_is_filed_and_nothing_of_documents(
    console: Console, submissions: Submissions
) -> None:
    campus = console.campus
    given = [campus.report(campus.graduate("李娟")) for _ in range(51)]
    campus.save()
    for her in given:
        submissions.void(her)
    with console.resources.sessions.begin() as session:
        batch = a_row(session, Base.metadata.tables["province_batch"], school_id=campus.school.id)
        about = {"graduate_id": given[0].id, "registration_id": given[0].registration_id}
        session.add(ProvinceEntry(batch_id=batch, locked=True, standing=True, **about))
    browser = console.browser("department").get("/school/reviews?purpose=void")
    browser.submit(".review-form", "decision=pass", whom="all")
    assert "去向已由省级备案，不能通过 1 人" in browser.text
    assert "佐证材料" not in browser.find("main").get_text()


def test_all_leaves_out_what_came_in_after_the_list_was_shown(
    console: Console, submissions: Submissions, clock: StandingClock
) -> None:
    one = submissions.add("李娟")
    browser = console.browser("department").get("/school/reviews")
    form = browser.fill(".review-form", "decision=pass")
    form["whom"] = "all"
    clock.move(timedelta(minutes=1))
    late = submissions.add("王建国")
    browser.post("/school/reviews", form)
    assert "已通过 1 人" in browser.text
    assert states(submissions, one, late) == [
        ApplicationState.DEPARTMENT_PASSED,
        ApplicationState.SUBMITTED,
    ]


def test_what_is_rewritten_after_a_return_is_not_shown_before_it_is_sent(
    console: Console, submissions: Submissions
) -> None:
    one = submissions.add("李娟")
    browser = console.browser("department").get("/school/reviews")
    browser.submit(".review-form", "decision=return", whom="page", reason="名称不全")
    submissions.rewrite(one, unit_name="没有写完的单位")
    for path in ("/school/reviews?stage=returned", f"/school/reviews/{one.key}"):
        page = browser.get(path)
        assert "青岛海纳软件有限公司" in page.text
        assert "没有写完的单位" not in page.text


def test_a_return_without_a_reason_is_refused_and_the_ticks_stay(
    console: Console, submissions: Submissions
) -> None:
    one = submissions.add()
    tick = f"{one.key}:{one.revision}"
    browser = console.browser("department").get("/school/reviews")
    browser.submit(".review-form", "decision=return", seen=[tick])
    assert browser.status == 400
    assert "请写明退回的原因" in browser.text
    assert browser.find(f"input[name=seen][value='{tick}']").has_attr("checked")
    assert states(submissions, one) == [ApplicationState.SUBMITTED]


def test_a_kept_reason_returns_many(console: Console, submissions: Submissions) -> None:
    given = [submissions.add(name) for name in ("李娟", "王建国")]
    browser = console.browser("department").get("/school/review-reasons")
    browser.submit("main form", reason="单位名称不是全称")
    browser.get("/school/reviews")
    browser.submit(".review-form", "decision=return", whom="page", kept="单位名称不是全称")
    assert "已退回 2 人" in browser.text
    assert {submissions.again(each).reason for each in given} == {"单位名称不是全称"}
    browser.get("/school/reviews?stage=returned")
    assert "已退回 2 人" in browser.text


def test_the_same_press_twice_is_one_decision(console: Console, submissions: Submissions) -> None:
    one = submissions.add()
    browser = console.browser("department").get("/school/reviews")
    form = browser.fill(".review-form", "decision=pass", whom="page")
    for _ in range(2):
        browser.post("/school/reviews", form)
        assert "已通过 1 人" in browser.text
    assert submissions.again(one).revision == one.revision + 1
    with console.resources.readers() as session:
        said = select(AuditEntry.details).where(AuditEntry.action == "review_decided")
        assert session.scalars(said).one()["outcomes"] == {"passed": 1}


def test_the_next_follows_a_decision_without_a_page_between(
    console: Console, submissions: Submissions
) -> None:
    for name in ("李娟", "王建国", "赵敏"):
        submissions.add(name)
    browser = console.browser("department").get("/school/reviews?q=").follow("李娟")
    browser.submit(DECIDE, "decision=pass")
    assert (browser.find("h1").get_text(), "已通过：李娟" in browser.text) == ("王建国", True)
    browser.submit(DECIDE, "decision=return", kept=SHIPPED[0])
    assert (browser.find("h1").get_text(), "已退回：王建国" in browser.text) == ("赵敏", True)
    browser.submit(DECIDE, "decision=pass")
    assert "已通过 1 人" in browser.text  # nobody follows


def test_who_reviews_walks_the_list_both_ways(console: Console, submissions: Submissions) -> None:
    for name in ("李娟", "王建国", "李敏"):
        submissions.add(name)
    browser = console.browser("department").get("/school/reviews?q=李").follow("李娟")
    assert not browser.find_all("[data-key=k]")
    browser.follow("下一个")
    assert browser.find("h1").get_text() == "李敏"
    assert not browser.find_all("[data-key=j]")
    browser.follow("上一个")
    assert browser.find("h1").get_text() == "李娟"


def test_a_script_is_told_what_came_of_a_decision(
    console: Console, submissions: Submissions
) -> None:
    one = submissions.add()
    browser = console.browser("department").get(f"/school/reviews/{one.key}")
    sent = browser.fill(DECIDE, "decision=pass").to_dict()
    late = browser.fill(DECIDE, "decision=return", reason="材料看不清").to_dict()
    first, again, other = (
        browser.client.post(browser.path, data=each, headers={"Accept": "application/json"})
        for each in (sent, sent, late)
    )
    assert first.json == again.json == {"done": True, "sentence": ""}
    assert '"done":false' in other.text.replace(" ", "")
    assert "刚刚有变化" in str(other.json)


def test_eight_reasons_ship_and_ones_own_stand_before_them(
    console: Console, submissions: Submissions
) -> None:
    one = submissions.add()
    browser = console.browser("department").get("/school/review-reasons")
    browser.submit("main form", reason="单位名称不是全称")
    browser.get(f"/school/reviews/{one.key}")
    offered = [str(each["value"]) for each in browser.find_all("select[name=kept] option")]
    assert offered == ["", "单位名称不是全称", *SHIPPED]
    assert len(SHIPPED) == 8


def test_the_later_of_two_reviewers_is_told(console: Console, submissions: Submissions) -> None:
    one = submissions.add()
    first = console.browser("department").get(f"/school/reviews/{one.key}")
    second = console.browser("department").get(f"/school/reviews/{one.key}")
    first.submit("form:has(textarea)", "decision=return", reason="材料看不清")
    assert "已退回 1 人" in first.text
    second.submit("form:has(textarea)", "decision=pass")
    assert "未处理任何人" in second.text
    assert "刚刚有变化" in second.text


def test_an_application_may_be_passed_up_to_the_record(
    console: Console, submissions: Submissions
) -> None:
    one = submissions.add()
    for role in ("department", "school"):
        browser = console.browser(role).get("/school/reviews").follow("李娟")
        browser.submit("form:has(textarea)", "decision=pass")
        assert "已通过 1 人" in browser.text
    assert submissions.again(one).state == ApplicationState.PASSED
    assert submissions.graduate(one).registration_id is not None


def test_a_change_is_shown_before_and_after(console: Console, submissions: Submissions) -> None:
    campus = console.campus
    graduate = campus.report(campus.graduate("李娟"))
    campus.save()
    one = submissions.of(graduate)
    page = console.browser("department").get(f"/school/reviews/{one.key}")
    assert "修改前后对照" in page.text
    altered = [row.get_text(" ", strip=True) for row in page.find_all("tr.altered")]
    assert any("签约单位接收" in row and "转回生源地" in row for row in altered)


def test_what_the_record_overtook_cannot_be_passed(
    console: Console, submissions: Submissions
) -> None:
    one = submissions.add()
    with console.resources.sessions.begin() as session:
        school = console.campus.school.id
        origin = Origin(school, Source.IMPORT, "", "学校", "system", console.resources.clock())
        record(session, origin, [Proposal(one.graduate_id, {"category": "70"})])
    browser = console.browser("department").get(f"/school/reviews/{one.key}")
    assert "提交之后登记信息又有更新" in browser.text
    browser.get("/school/reviews")
    browser.submit(".review-form", "decision=pass", whom="page")
    assert "请退回，由本人核对后重新提交" in browser.text


def test_a_document_is_served_to_those_in_scope_and_noted(
    console: Console, submissions: Submissions
) -> None:
    one = submissions.add()
    browser = console.browser("department").get(f"/school/reviews/{one.key}")
    link = browser.find(".proof img")["src"]
    browser.get(str(link))
    assert browser.headers["Content-Type"] == "image/png"
    assert "default-src 'none'" in browser.headers["Content-Security-Policy"]
    with console.resources.readers() as session:
        assert "evidence_opened" in set(session.scalars(select(AuditEntry.action)))


def test_another_departments_documents_do_not_exist(
    console: Console, submissions: Submissions
) -> None:
    one = submissions.add(department=1)
    page = console.browser().get(f"/school/reviews/{one.key}")
    link = str(page.find(".proof img")["src"])
    assert console.browser("department").get(link).status == 404


def test_pages_turn_forth_and_back_in_the_order_of_submission(
    console: Console, submissions: Submissions
) -> None:
    keys = [submissions.add(f"毕业生{number}").key for number in range(53)]
    browser = console.browser("department").get("/school/reviews")
    shown = [str(each["value"]).partition(":")[0] for each in browser.find_all("[name=seen]")]
    browser.follow("下一页")
    shown += [str(each["value"]).partition(":")[0] for each in browser.find_all("[name=seen]")]
    assert shown == keys
    browser.follow("上一页")
    assert len(browser.find_all("[name=seen]")) == 50


@pytest.mark.parametrize(
    "query",
    [
        "stage=nonsense",
        "purpose=nonsense",
        "submitted_from=tomorrow",
        "q=11010120030307123X",
    ],
)
def test_what_the_address_cannot_mean_is_said(console: Console, query: str) -> None:
    browser = console.browser().get(f"/school/reviews?{query}")
    assert browser.status == 400


@pytest.mark.parametrize("seen", ["", "x", "x:-1", "x:y", "x:99999999999999999999"])
def test_a_broken_form_changes_nothing(
    console: Console, submissions: Submissions, seen: str
) -> None:
    one = submissions.add()
    browser = console.browser("department").get("/school/reviews")
    form = browser.fill(".review-form", "decision=pass")
    form["seen"] = seen
    browser.post("/school/reviews", form)
    assert browser.status == 400
    assert states(submissions, one) == [ApplicationState.SUBMITTED]
