"""Reports of breaches: whose they are, what each office may do and see, and what time does."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from registry.accounts.tables import Role
from registry.base.clock import SHANGHAI
from registry.base.database import random_key
from registry.base.errors import NotFound, RuleError
from registry.breaches import deadlines, evidence, filing, handling, lists, receipt, steps
from registry.breaches.kinds import Office
from registry.breaches.receipt import Receipt
from registry.breaches.states import BreachState
from registry.breaches.steps import Act
from registry.review.evidence_types import CheckedDocument
from tests.registry.breaches.conftest import ABOUT_EMPLOYER, ABOUT_SCHOOL, Reporting
from tests.registry.review.casework import PNG

DAY = timedelta(days=1)


def refused(code: str) -> pytest.RaisesExc[RuleError]:
    return pytest.raises(RuleError, check=lambda refusal: refusal.code == code)


def test_what_is_about_a_school_is_its_provinces(desk: Reporting) -> None:
    desk.viewer(Role.PROVINCE)
    report = desk.file(desk.campus.graduate())
    assert report.office == Office.PROVINCE


def test_without_a_province_it_is_the_operators(desk: Reporting) -> None:
    assert desk.file(desk.campus.graduate()).office == Office.OPERATOR


def test_what_is_about_an_employer_is_the_schools(desk: Reporting) -> None:
    desk.viewer(Role.PROVINCE)
    assert desk.file(desk.campus.graduate(), ABOUT_EMPLOYER).office == Office.SCHOOL


@pytest.mark.parametrize("kind", ["signed_for", "certificate"])
def test_no_school_handles_what_only_a_school_can_do(desk: Reporting, kind: str) -> None:
    report = desk.file(desk.campus.graduate(), replace(ABOUT_EMPLOYER, kind=kind))
    assert report.office == Office.OPERATOR


def test_an_answer_is_owed_within_five_working_days(desk: Reporting) -> None:
    due = desk.file(desk.campus.graduate()).due_at
    assert due.astimezone(SHANGHAI).date() == date(2026, 6, 17)


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"kind": "none"}, "kind_missing"),
        ({"accused": ""}, "accused_missing"),
        ({"accused": "employer", "unit": " "}, "unit_missing"),
        ({"accused": "employer", "unit": "长" * 121}, "unit_too_long"),
        ({"words": " \n "}, "words_missing"),
        ({"words": "长" * 1001}, "words_too_long"),
        ({"named": ""}, "named_missing"),
    ],
)
def test_what_is_missing_is_asked_for(desk: Reporting, changed: dict[str, str], code: str) -> None:
    with refused(code):
        desk.file(desk.campus.graduate(), replace(ABOUT_SCHOOL, **changed))


def test_a_form_sent_twice_is_one_report(desk: Reporting) -> None:
    graduate, key = desk.campus.graduate(), random_key()
    assert desk.file(graduate, key=key).id == desk.file(graduate, key=key).id


def test_a_key_of_somebody_elses_report_makes_one_of_its_own(desk: Reporting) -> None:
    first = desk.file(desk.campus.graduate())
    other = desk.campus.graduate("王芳", identity_index="another", identity_sealed="x")
    assert desk.file(other, key=first.key).key != first.key


def test_who_reports_often_has_to_wait(desk: Reporting) -> None:
    graduate = desk.campus.graduate()
    for _ in range(3):
        desk.file(graduate)
    with refused("too_many_attempts"):
        desk.file(graduate)
    desk.at += timedelta(hours=2)
    desk.file(graduate)


def test_five_reports_may_wait_for_an_answer(desk: Reporting) -> None:
    graduate = desk.campus.graduate()
    for _ in range(5):
        desk.file(graduate)
        desk.at += timedelta(hours=1)
    with refused("too_many_waiting"):
        desk.file(graduate)


def test_what_she_wrote_is_sealed_and_keeps_its_lines(desk: Reporting) -> None:
    said = replace(ABOUT_SCHOOL, words="第一段\r\n\r\n第二段")
    report = desk.file(desk.campus.graduate(), said)
    opened = desk.campus.vault.open(steps.PURPOSE, report.key, report.words_sealed)
    assert opened == "第一段\n第二段"
    assert "第一段" not in report.words_sealed


def test_an_answer_is_told_and_accepted(desk: Reporting) -> None:
    province = desk.viewer(Role.PROVINCE)
    report = desk.file(desk.campus.graduate())
    handling.begin(desk.session, province, report.key, desk.at)
    handling.begin(desk.session, province, report.key, desk.at)
    desk.answer(province, report)
    assert desk.told() == ["breach_answered"]
    filing.accept_answer(desk.session, desk.fresh(report), desk.at)
    assert desk.fresh(report).state == BreachState.CLOSED
    acts = [each.act for each in steps.of_report(desk.session, desk.campus.vault, report)]
    assert acts == [Act.BEGUN, Act.ANSWERED, Act.CLOSED]


def test_an_answer_is_given_once(desk: Reporting) -> None:
    province = desk.viewer(Role.PROVINCE)
    report = desk.file(desk.campus.graduate())
    desk.answer(province, report)
    with refused("breach_elsewhere"):
        desk.answer(province, report)
    assert desk.told() == ["breach_answered"]


def test_she_reopens_once_and_the_second_answer_closes(desk: Reporting) -> None:
    province, vault = desk.viewer(Role.PROVINCE), desk.campus.vault
    report = desk.file(desk.campus.graduate())
    desk.answer(province, report)
    filing.reopen(desk.session, vault, desk.fresh(report), "没有核实宿舍的事。", desk.at)
    desk.answer(province, desk.fresh(report), "已再次核实。")
    assert desk.fresh(report).state == BreachState.CLOSED
    with refused("reopened_already"):
        filing.reopen(desk.session, vault, desk.fresh(report), "还是不认可。", desk.at)
    assert desk.told() == ["breach_answered", "breach_answered"]


def test_a_second_look_at_a_schools_answer_is_its_provinces(desk: Reporting) -> None:
    school, province = desk.viewer(Role.SCHOOL), desk.viewer(Role.PROVINCE)
    report = desk.file(desk.campus.graduate(), ABOUT_EMPLOYER)
    desk.answer(school, report)
    vault = desk.campus.vault
    filing.reopen(desk.session, vault, desk.fresh(report), "学校没有调查。", desk.at)
    assert desk.fresh(report).office == Office.PROVINCE
    with pytest.raises(NotFound):
        desk.answer(school, report)
    desk.answer(province, report)


def test_after_thirty_days_an_answer_stands(desk: Reporting) -> None:
    province = desk.viewer(Role.PROVINCE)
    report = desk.file(desk.campus.graduate())
    desk.answer(province, report)
    assert deadlines.close_answered(desk.session, desk.at + 29 * DAY) == 0
    later = desk.at + 30 * DAY
    with refused("reopened_already"):
        filing.reopen(desk.session, desk.campus.vault, desk.fresh(report), "不认可", later)
    assert deadlines.close_answered(desk.session, later) == 1
    assert desk.fresh(report).state == BreachState.CLOSED


def test_a_report_is_withdrawn_until_it_is_answered(desk: Reporting) -> None:
    province = desk.viewer(Role.PROVINCE)
    first, second = (desk.file(desk.campus.graduate()) for _ in range(2))
    filing.withdraw(desk.session, first, desk.at)
    filing.withdraw(desk.session, desk.fresh(first), desk.at)
    with refused("breach_elsewhere"):
        desk.answer(province, desk.fresh(first))
    desk.answer(province, second)
    with refused("answered_already"):
        filing.withdraw(desk.session, desk.fresh(second), desk.at)


def test_a_silent_school_loses_a_report(desk: Reporting) -> None:
    school, province = desk.viewer(Role.SCHOOL), desk.viewer(Role.PROVINCE)
    report = desk.file(desk.campus.graduate(), ABOUT_EMPLOYER)
    assert deadlines.raise_overdue(desk.session, report.due_at) == 0
    desk.at = report.due_at + timedelta(minutes=1)
    assert lists.owed(desk.session, school, desk.at) == lists.Owed(1, 1, 0)
    assert deadlines.raise_overdue(desk.session, desk.at) == 1
    assert deadlines.raise_overdue(desk.session, desk.at) == 0
    assert desk.fresh(report).office == Office.PROVINCE
    assert desk.fresh(report).due_at > desk.at
    assert desk.seen(school) == []
    assert lists.owed(desk.session, province, desk.at) == lists.Owed(1, 0, 0)


def test_what_a_province_owes_stays_with_it_and_is_shown_late(desk: Reporting) -> None:
    province = desk.viewer(Role.PROVINCE)
    report = desk.file(desk.campus.graduate())
    desk.at = report.due_at + DAY
    assert deadlines.raise_overdue(desk.session, desk.at) == 0
    (shown,) = desk.seen(province)
    assert shown.overdue


def test_a_province_takes_a_report_over(desk: Reporting) -> None:
    school, province = desk.viewer(Role.SCHOOL), desk.viewer(Role.PROVINCE)
    report = desk.file(desk.campus.graduate(), ABOUT_EMPLOYER)
    for _ in range(2):
        handling.take_over(desk.session, province, report.key, desk.at)
    assert desk.fresh(report).office == Office.PROVINCE
    with pytest.raises(NotFound):
        desk.answer(school, report)


def test_operators_take_nothing_over_from_a_province(desk: Reporting) -> None:
    desk.viewer(Role.PROVINCE)
    operator = desk.viewer(Role.OPERATOR)
    for said in (ABOUT_SCHOOL, ABOUT_EMPLOYER):
        report = desk.file(desk.campus.graduate(), said)
        with refused("breach_elsewhere"):
            handling.take_over(desk.session, operator, report.key, desk.at)


def test_a_school_sees_nothing_of_a_report_about_itself(desk: Reporting) -> None:
    desk.viewer(Role.PROVINCE)
    school, report = desk.viewer(Role.SCHOOL), desk.file(desk.campus.graduate())
    assert desk.seen(school) == []
    assert sum(lists.counts(desk.session, school).values()) == 0
    assert lists.owed(desk.session, school, desk.at) == lists.Owed(0, 0, 0)
    with pytest.raises(NotFound):
        lists.find(desk.session, school, report.key, desk.at)


def test_a_school_that_is_asked_sees_what_it_is_asked(desk: Reporting) -> None:
    school, province = desk.viewer(Role.SCHOOL), desk.viewer(Role.PROVINCE)
    report, vault = desk.file(desk.campus.graduate()), desk.campus.vault
    told = "请说明各院系有无强迫签约。"
    handling.tell_school(desk.session, vault, province, report.key, told, desk.at)
    shown = lists.find(desk.session, school, report.key, desk.at)
    assert (shown.is_told, shown.reads, shown.names) == (True, False, False)
    assert lists.person(desk.session, shown) is None
    assert sum(lists.counts(desk.session, school).values()) == 0
    assert lists.owed(desk.session, school, desk.at) == lists.Owed(0, 0, 1)
    handling.explain(desk.session, vault, school, report.key, "已开展自查。", desk.at)
    with pytest.raises(NotFound):
        desk.answer(school, report)
    filing.withdraw(desk.session, desk.fresh(report), desk.at)
    assert lists.find(desk.session, school, report.key, desk.at).state_title == "已办结"


@pytest.mark.parametrize(("named", "known"), [("named", True), ("unnamed", False)])
def test_above_the_school_who_reported_is_known_as_she_chose(
    desk: Reporting, named: str, *, known: bool
) -> None:
    province, her = desk.viewer(Role.PROVINCE), desk.campus.graduate()
    report = desk.file(her, replace(ABOUT_SCHOOL, named=named))
    shown = lists.find(desk.session, province, report.key, desk.at)
    found = lists.person(desk.session, shown)
    assert (found is not None and found.id == her.id) is known


def test_a_school_that_handles_a_report_never_knows_whose(desk: Reporting) -> None:
    school, province = desk.viewer(Role.SCHOOL), desk.viewer(Role.PROVINCE)
    report = desk.file(desk.campus.graduate(), ABOUT_EMPLOYER)
    shown = lists.find(desk.session, school, report.key, desk.at)
    assert (shown.reads, lists.person(desk.session, shown)) == (True, None)
    above = lists.find(desk.session, province, report.key, desk.at)
    assert (above.reads, lists.person(desk.session, above)) == (True, None)


def test_operators_do_not_read_what_a_province_handles(desk: Reporting) -> None:
    desk.viewer(Role.PROVINCE)
    operator, report = desk.viewer(Role.OPERATOR), desk.file(desk.campus.graduate())
    shown = lists.find(desk.session, operator, report.key, desk.at)
    assert (shown.reads, shown.names) == (False, False)


def test_another_province_sees_nothing(desk: Reporting) -> None:
    province = replace(desk.viewer(Role.PROVINCE), province="320000")
    report = desk.file(desk.campus.graduate())
    assert desk.seen(province) == []
    with pytest.raises(NotFound):
        desk.answer(province, report)


def test_her_number_alone_shows_the_answer_and_guesses_wait(desk: Reporting) -> None:
    province, vault = desk.viewer(Role.PROVINCE), desk.campus.vault
    report = desk.file(desk.campus.graduate())
    desk.answer(province, report, "已约谈学院。")

    def ask(number: str) -> Receipt | RuleError:
        return receipt.look_up(desk.session, vault, number, "203.0.113.7", desk.at)

    found = ask(f" {report.number.lower()} ")
    assert isinstance(found, Receipt)
    assert [each.words for each in found.answers] == ["已约谈学院。"]
    refusals = [ask(f"JB{number:010}") for number in range(11)]
    codes = [each.code for each in refusals if isinstance(each, RuleError)]
    assert codes == ["receipt_unknown"] * 10 + ["too_many_attempts"]


def picture(number: int) -> CheckedDocument:
    return CheckedDocument("image/png", PNG + bytes([number]))


def test_documents_lose_their_names_and_come_while_it_waits(desk: Reporting) -> None:
    province, vault = desk.viewer(Role.PROVINCE), desk.campus.vault
    report = desk.file(desk.campus.graduate())
    for number in (1, 1, 2, 3, 4, 5, 6):
        evidence.add(desk.session, vault, report, picture(number), desk.at)
    held = evidence.listed(desk.session, report)
    assert [each.name for each in held] == [f"材料{number}.png" for number in range(1, 7)]
    with refused("too_many_files"):
        evidence.add(desk.session, vault, report, picture(7), desk.at)
    opened = handling.opened(desk.session, vault, province, report.key, held[1].key, desk.at)
    assert (opened.name, opened.content) == ("材料2.png", picture(2).content)
    desk.answer(province, report)
    with refused("report_over"):
        evidence.add(desk.session, vault, desk.fresh(report), picture(8), desk.at)


def test_a_school_that_is_asked_opens_no_document(desk: Reporting) -> None:
    school, province = desk.viewer(Role.SCHOOL), desk.viewer(Role.PROVINCE)
    report, vault = desk.file(desk.campus.graduate()), desk.campus.vault
    evidence.add(desk.session, vault, report, picture(1), desk.at)
    handling.tell_school(desk.session, vault, province, report.key, "请说明。", desk.at)
    (held,) = evidence.listed(desk.session, report)
    with pytest.raises(NotFound):
        handling.opened(desk.session, vault, school, report.key, held.key, desk.at)
