"""What many of a school's staff do at the same moment is done once, and the others are told."""

from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus

import pytest
from sqlalchemy import select

from registry.accounts.tables import Role, Staff, StaffCharge
from registry.numbers.posting.tables import Posting
from registry.numbers.tables import IssuedNumber
from registry.record.list_tables import ListView
from registry.record.privacy_tables import PrivacyNotice
from registry.record.province_tables import ProvinceBatch
from registry.record.tables import Graduate
from registry.review.tables import ReviewReason, ReviewStep
from tests.pages import Browser
from tests.registry.sheets import as_csv
from tests.wxapp.school.at_once import filled, number_of, opened, send_at_once
from tests.wxapp.school.conftest import Console
from tests.wxapp.school.review_records import Submissions, submissions
from tests.wxapp.school.test_choosing import choose
from tests.wxapp.school.test_courier_lists import rows_for, upload
from tests.wxapp.school.test_import_plans import LI, ZHAO, checked
from tests.wxapp.school.test_import_undo import imported, numbers, work
from tests.wxapp.school.test_odd_sequences import BROUGHT, Form, deeds, undo_form
from tests.wxapp.school.test_review_office import reported

__all__ = ["imported", "reported", "submissions"]
# SQLite lets one write at a time.
pytestmark = pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
WHY = {"reason": "校发〔2026〕12 号"}
NEW = {"department-0": "new"}
END = {"occasion": "left", **WHY}
DONE, REFUSED = HTTPStatus.OK, HTTPStatus.BAD_REQUEST


def people(console: Console, number: int = 20) -> list[Graduate]:
    campus = console.campus
    found = [campus.report(campus.graduate(f"李{each}")) for each in range(number)]
    campus.save()
    return found


def work_at_once(console: Console) -> None:
    """Have four workers do the tasks that wait."""
    with ThreadPoolExecutor(4) as many:
        for each in [many.submit(work, console) for _ in range(4)]:
            each.result()


def test_filters_shared_under_one_name_are_saved_once(console: Console) -> None:
    people(console, 1)
    forms = opened(console, "/school/graduates?sex=2", "form[action*='/graduates/views']")
    answers = send_at_once(*filled(forms, name="女生", shared="yes"))
    assert sorted(answers) == [DONE, *[REFUSED] * 7]
    assert number_of(console, ListView) == 1


def test_an_audience_of_one_name_is_saved_once(console: Console, template: None) -> None:
    forms = opened(console, "/school/campaigns/new", "main form")
    for each in filled(forms, audience_name="软件工程"):
        each.action = "/school/campaigns/audiences"
    assert sorted(send_at_once(*forms)) == [DONE, *[REFUSED] * 7]
    assert number_of(console, ListView) == 1


def test_two_views_that_get_one_name_are_not_of_one_name(console: Console) -> None:
    people(console, 1)
    save = "form[action*='/graduates/views']:not(.views-change)"
    for name in ("女生", "女"):
        values = {"name": name, "shared": "yes"}
        Form(console.browser(), "/school/graduates?sex=2", save, **values).send()
    forms = [
        Form(console.browser(), "/school/graduates", f"form:has([value='{name}'])")
        for name in ("女生", "女")
    ]
    assert sorted(send_at_once(*filled(forms, name="全部女生"))) == [DONE, REFUSED]


def test_a_counsellor_is_given_a_class_once(console: Console) -> None:
    campus = console.campus
    counsellor, graduate = campus.staff(Role.COUNSELLOR), campus.graduate()
    campus.save()
    path = f"/account/members/{counsellor.key}/charges?department={campus.departments[0].key}"
    forms = filled(opened(console, path, "form[method=post]:has([name=class])", 4))
    for each in forms:
        each.values["class"] = "软件2201"
    for _ in range(4):
        page = choose(console.browser(), "assign", graduate.key)
        forms.append(Form(page, page.path, "main form", counsellor=counsellor.key))
    send_at_once(*forms)
    assert number_of(console, StaffCharge) == 1


def test_two_departments_do_not_get_one_name(console: Console) -> None:
    forms = [
        Form(console.browser(), f"/school/departments/{each.key}", "form[action$='/name']")
        for each in console.campus.departments * 2
    ]
    answers = send_at_once(*filled(forms, name="人工智能学院"))
    assert answers.count(DONE) == 1
    assert deeds(console, "department_rename") == 1


def test_a_notice_is_published_once(console: Console) -> None:
    forms = opened(console, "/school/settings/privacy", "form:has([name=text])")
    assert sorted(send_at_once(*filled(forms, text="本校告知"))) == [DONE, *[REFUSED] * 7]
    assert number_of(console, PrivacyNotice) == 1


def test_a_reason_is_kept_once(console: Console) -> None:
    forms = opened(console, "/school/review-reasons", "form:has([name=reason])")
    send_at_once(*filled(forms, reason="请补充材料"))
    assert number_of(console, ReviewReason) == 1


def test_an_account_is_made_once(console: Console) -> None:
    forms = opened(console, "/account/members/new", "main form")
    answers = send_at_once(*filled(forms, login="zhangsan", name="张三", role="school"))
    assert sorted(answers) == [DONE, *[REFUSED] * 7]
    assert number_of(console, Staff, Staff.login == "zhangsan") == 1


def test_the_rules_of_a_year_are_set_by_all(console: Console) -> None:
    forms = opened(console, "/school/settings", "form:has([name=closes_on])")
    assert set(send_at_once(*filled(forms, closes_on="2026-08-01"))) == {DONE}


def test_a_record_is_ended_once_and_taken_back_once(console: Console) -> None:
    (graduate,) = people(console, 1)
    path = f"/school/graduates/{graduate.key}"
    send_at_once(*filled(opened(console, path, "form[action*='/end']"), **END))
    assert deeds(console, "record_ended") == 1
    send_at_once(*filled(opened(console, path, "form[action*='/take-back']"), **WHY))
    assert deeds(console, "record_taken_back") == 1


def test_the_same_people_are_ended_once_by_all(console: Console) -> None:
    keys = [each.key for each in people(console)]
    forms = []
    for turn in range(8):
        page = choose(console.browser(), "end", *(keys if turn % 2 else keys[::-1]))
        forms.append(Form(page, page.path, "main form", **END))
    send_at_once(*forms)
    assert deeds(console, "record_ended") == 20


def test_a_file_of_the_same_people_comes_in_once(console: Console) -> None:
    pages = [checked(console, LI, ZHAO) for _ in range(4)]
    form = "form[action$=approve]"
    send_at_once(*(Form(console.browser(), each.path, form, **NEW) for each in pages * 2))
    work_at_once(console)
    assert number_of(console, Graduate, Graduate.student_number.in_(BROUGHT)) == 2
    assert deeds(console, "roster_applied") == 1


def test_people_are_ended_while_a_file_changes_them(console: Console, imported: object) -> None:
    del imported
    keys = console.campus.session.scalars(select(Graduate.key)).all()
    page = checked(console, LI.replace("软件工程", "网络工程"), ZHAO)
    Form(console.browser(), page.path, "form[action$=approve]").send()
    chosen = choose(console.browser(), "end", *keys)
    end = Form(chosen, chosen.path, "main form", **END)
    with ThreadPoolExecutor(2) as many:
        working = many.submit(work, console)
        send_at_once(end)
        working.result()
    work(console)
    assert deeds(console, "record_ended") == 2
    assert number_of(console, Graduate, Graduate.year > 0) == 0


def test_a_file_is_undone_while_another_comes_in(console: Console, imported: Browser) -> None:
    undo = undo_form(console, imported)
    page = checked(console, LI.replace("软件工程", "网络工程"), ZHAO)
    approve = Form(console.browser(), page.path, "form[action$=approve]")
    send_at_once(undo, approve)
    work_at_once(console)
    is_undone = "已撤销" in imported.get(imported.path).text
    assert is_undone is not bool(numbers(console) & BROUGHT)


def test_numbers_are_made_once(console: Console) -> None:
    people(console)
    forms = opened(console, "/school/transfer", "form[action*='/office']")
    send_at_once(*filled(forms, work="numbers"))
    work_at_once(console)
    assert number_of(console, IssuedNumber) == 20


def test_a_file_is_posted_once_though_typed_and_in_a_list(console: Console) -> None:
    (graduate,) = people(console, 1)
    page = upload(console.browser(), as_csv(rows_for(graduate)))
    work(console)
    path = f"/school/transfer/file/{graduate.key}"
    forms = opened(console, path, "form[action$='/posting']", 4)
    for place, each in enumerate(forms):
        each.values["number"] = f"EA12345678{place}CN"
    Form(console.browser(), page.path, "form[action*='/approve']").send()
    with ThreadPoolExecutor(1) as many:
        working = many.submit(work, console)
        send_at_once(*forms)
        working.result()
    assert number_of(console, Posting) == 1


def test_an_application_is_decided_once(console: Console, submissions: Submissions) -> None:
    sent = submissions.add()
    path = f"/school/reviews/{sent.key}"
    forms = opened(console, path, "form.decide", role="department")
    for place, each in enumerate(forms):
        each.values["decision"] = "pass" if place % 2 else "return"
        each.values["reason"] = "请补充材料"
    send_at_once(*forms)
    assert number_of(console, ReviewStep, ReviewStep.level == "department") == 1


def test_a_batch_is_signed_once(console: Console, reported: Graduate) -> None:
    del reported
    send_at_once(*opened(console, "/school/reporting", "form:has(input[name=latest])"))
    assert number_of(console, ProvinceBatch) == 1


def test_a_draft_is_started_or_changed_by_one_of_several(
    reachable: Console, template: None
) -> None:
    browser = reachable.browser().get("/school/campaigns/new")
    page = browser.submit("main form", "下一步：核对", deadline="2026-06-30")
    start = opened(reachable, page.path, "form[action*='move/start']", 4)
    key = page.path.rpartition("/")[2]
    change = opened(reachable, f"/school/campaigns/new?draft={key}", "main form", 2)
    for each in filled(change, item="尽快确认"):
        each.action = "/school/campaigns/new"
    send_at_once(*start, *change)
    assert deeds(reachable, "campaign_start") + deeds(reachable, "campaign_rewrite") == 1
