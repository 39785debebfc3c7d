"""An agreement on paper: asked for, issued, signed by hand, handed in, reviewed, and ended."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from notifier.campaigns import signing_deadlines
from registry.accounts.tables import Role
from registry.base.errors import NotFound, RuleError
from registry.base.paging import Place
from registry.numbers.lookup.guard import Guard
from registry.numbers.reports import VerificationSite
from registry.record.own_record import graduate_afresh
from registry.record.provenance import words_of
from registry.record.tables import Graduate, Registration
from registry.record.validation import Refused
from registry.review import evidence
from registry.review.decisions import Decision, Outcome
from registry.review.seasons import season, set_season
from registry.review.tables import Evidence
from registry.signing import (
    agreement_ends,
    agreement_lookup,
    agreement_papers,
    agreement_sheet,
    employer_standing,
    lists,
    offline_issuing,
    offline_requests,
    offline_returns,
    school_agreements,
    terminating,
    termination_review,
    voiding,
)
from registry.signing.offline_requests import PaperTerms
from registry.signing.offline_returns import SignedPaper
from registry.signing.school_agreements import AgreementFilter
from registry.signing.standing import Standing
from registry.signing.states import AgreementState, OfflineRequestState
from registry.signing.tables import Agreement, OfflineRequest
from registry.signing.terminating import TerminationRequest
from registry.signing.termination_documents import TerminationProof
from registry.signing.termination_review import TerminationVerdict
from registry.signing.termination_sides import graduate_side
from registry.signing.termination_states import TerminationState
from registry.upkeep import erase
from tests import pdf_reading
from tests.registry.signing import offlinework as paper
from tests.registry.signing.offlinework import ASKED, UNIT
from tests.registry.signing.signwork import TERMS, Signwork

SITE = "https://quxiang.example.edu.cn"


def refusal(deed: Callable[..., object], *args: object) -> str:
    with pytest.raises(RuleError) as refused:
        deed(*args)
    return refused.value.code


def printed(work: Signwork, agreement: Agreement) -> str:
    site = VerificationSite(work.campus.vault, SITE)
    found = agreement_sheet.of_school(work.session, work.campus.scope, agreement.key)
    return pdf_reading.words_of(agreement_sheet.pdf(work.session, site, found, work.at))


def now(work: Signwork, agreement: Agreement) -> Agreement:
    return work.session.get_one(Agreement, agreement.id, populate_existing=True)


def registered(work: Signwork, graduate: Graduate) -> Registration | None:
    work.session.expire_all()
    ident = graduate_afresh(work.session, graduate.id).registration_id
    return work.session.get(Registration, ident) if ident else None


def test_a_paper_that_both_have_signed_registers_as_an_agreement_online_does(
    work: Signwork, graduate: Graduate
) -> None:
    _, agreement = paper.sign(work, graduate)
    assert agreement.state == AgreementState.SIGNED
    found = registered(work, graduate)
    assert found is not None
    assert (found.category, found.unit_code) == ("10", UNIT["unit_code"])
    assert found.signed_on == paper.day_of(work.at)
    assert (words_of(found), found.source_name) == ("就业协议", "线下签约")
    assert agreement.registration_id == found.id
    assert [each["result"] for each in work.facts("signing_result")] == ["已核发", "已签约"]


def test_an_issued_paper_has_its_number_and_blanks_and_is_not_in_force(
    work: Signwork, graduate: Graduate
) -> None:
    _, agreement = paper.issued(work, graduate)
    sheet = agreement_papers.of(work.session, agreement)
    assert len(sheet.number) == 16
    words = printed(work, agreement)
    for each in (sheet.number, UNIT["unit_name"], "9,000元（税前）", "签字盖章", "经办人签字"):
        assert each in words
    assert "未鉴证" not in words  # it is what both sign
    answer = agreement_lookup.follow_link(
        work.session, Guard(work.campus.vault), sheet.link, "192.0.2.1", work.at
    )
    assert answer.finding is not None
    assert answer.finding.shown is not None
    assert answer.finding.shown.standing is Standing.UNATTESTED


def test_a_lost_paper_is_printed_again_with_the_same_number(
    work: Signwork, graduate: Graduate
) -> None:
    _, agreement = paper.issued(work, graduate)
    number = agreement_papers.of(work.session, agreement).number
    assert number in printed(work, agreement)
    work.at += timedelta(days=5)
    assert number in printed(work, agreement)


def test_the_sheet_of_a_signed_paper_says_how_it_came_about(
    work: Signwork, graduate: Graduate
) -> None:
    _, agreement = paper.sign(work, graduate)
    words = printed(work, agreement)
    for each in ("乙方申请", "学校核发", "双方签字盖章", "乙方交回", "学校鉴证"):
        assert each in words
    assert "经办人签字" not in words


def test_an_employer_without_a_true_credit_code_gets_no_paper(
    work: Signwork, graduate: Graduate
) -> None:
    wrong = PaperTerms(UNIT | {"unit_code": "91370200MA3C0TUX7D"}, {**TERMS, "pay": ""})
    with pytest.raises(Refused) as refused:
        paper.ask(work, graduate, wrong)
    assert {each.field for each in refused.value.problems} >= {"unit_code", "pay"}


def test_asked_twice_is_once_and_another_has_to_wait(work: Signwork, graduate: Graduate) -> None:
    first = paper.ask(work, graduate)
    assert paper.ask(work, graduate).id == first.id
    other = PaperTerms(UNIT, TERMS | {"pay": "9800"})
    assert refusal(paper.ask, work, graduate, other) == "papers_asked"


def test_a_returned_request_is_mended_and_sent_again(work: Signwork, graduate: Graduate) -> None:
    request = paper.ask(work, graduate)
    scope, staff = work.campus.scope, work.staff(Role.SCHOOL)
    told = (work.session, scope, staff, paper.seen(request), "单位名称不全", work.at)
    offline_issuing.send_back(*told)
    offline_issuing.send_back(*told)
    assert (request.state, request.reason) == (OfflineRequestState.RETURNED, "单位名称不全")
    again = paper.ask(work, graduate, PaperTerms(UNIT, TERMS | {"pay": "9800"}))
    assert (again.id, again.state, again.reason) == (request.id, OfflineRequestState.ASKED, "")
    assert [each["hint"] for each in work.facts("signing_result")] == ["单位名称不全"]


def test_what_changed_since_it_was_seen_is_not_issued(work: Signwork, graduate: Graduate) -> None:
    request = paper.ask(work, graduate)
    stale = replace(paper.seen(request), terms="0" * 64)
    scope, staff = work.campus.scope, work.staff(Role.SCHOOL)
    deed = offline_issuing.issue
    assert refusal(deed, work.session, scope, staff, stale, work.at) == "request_changed"


def test_a_department_issues_no_paper(work: Signwork, graduate: Graduate) -> None:
    request = paper.ask(work, graduate)
    scope, staff = work.campus.department_scope(), work.staff(Role.DEPARTMENT)
    deed, told = offline_issuing.issue, paper.seen(request)
    assert refusal(deed, work.session, scope, staff, told, work.at) in {"school_only", "not_found"}


def test_a_withdrawn_request_is_not_issued(work: Signwork, graduate: Graduate) -> None:
    request = paper.ask(work, graduate)
    her = work.writer(graduate)
    offline_requests.withdraw(work.session, her, request.key)
    offline_requests.withdraw(work.session, her, request.key)
    assert refusal(paper.issue, work, request) == "request_over"


def test_a_school_that_offers_none_takes_no_requests(work: Signwork, graduate: Graduate) -> None:
    rules = season(work.session, work.campus.school.id, graduate.year)
    none = replace(rules, offers_papers=False)
    set_season(work.session, work.campus.school.id, none, "staff:x", work.at)
    assert refusal(paper.ask, work, graduate) == "papers_not_offered"


def test_after_the_season_no_paper_is_asked_for_issued_or_handed_in(
    work: Signwork, graduate: Graduate
) -> None:
    other = work.campus.graduate("周海", identity_index="another person")
    request, waiting = paper.issued(work, graduate)[0], paper.ask(work, other)
    rules = season(work.session, work.campus.school.id, graduate.year)
    closed = replace(rules, closes_on=paper.day_of(work.at - timedelta(days=1)))
    set_season(work.session, work.campus.school.id, closed, "staff:x", work.at)
    third = work.campus.graduate("钱进", identity_index="a third person")
    assert refusal(paper.ask, work, third) == "season_closed"
    assert refusal(paper.issue, work, waiting) == "cannot_sign"
    assert refusal(paper.hand_in, work, graduate, request) == "season_closed"


def test_a_paper_that_was_handed_in_in_time_is_mended_after_the_season(
    work: Signwork, graduate: Graduate
) -> None:
    request, agreement = paper.handed_in(work, graduate)
    work.give_back(Role.DEPARTMENT, work.review_of(agreement), reason="照片不清")
    rules = season(work.session, work.campus.school.id, graduate.year)
    closed = replace(rules, closes_on=paper.day_of(work.at - timedelta(days=1)))
    set_season(work.session, work.campus.school.id, closed, "staff:x", work.at)
    again = paper.hand_in(work, graduate, request, paper.picture(b"clear"))
    assert again.state == AgreementState.IN_REVIEW


def test_a_paper_is_not_mended_where_another_system_signs_by_now(
    work: Signwork, graduate: Graduate
) -> None:
    request, agreement = paper.handed_in(work, graduate)
    work.give_back(Role.DEPARTMENT, work.review_of(agreement), reason="照片不清")
    work.campus.school.correction_system = "省就业管理系统"
    work.session.flush()
    assert refusal(paper.hand_in, work, graduate, request) == "registered_elsewhere"


def test_who_signs_in_another_system_gets_no_paper(work: Signwork, graduate: Graduate) -> None:
    request = paper.ask(work, graduate)
    work.campus.school.correction_system = "省就业管理系统"
    work.session.flush()
    assert refusal(paper.ask, work, graduate) == "registered_elsewhere"
    assert refusal(paper.issue, work, request) == "cannot_sign"


def test_a_listed_employer_gets_no_paper_and_signs_none(work: Signwork, graduate: Graduate) -> None:
    work.campus.employer()
    listed = PaperTerms({**UNIT, "unit_code": "91350100M000100Y43"}, TERMS)
    request = paper.ask(work, graduate, listed)
    agreement = paper.issue(work, request)
    paper.hand_in(work, graduate, request)
    work.list_employer(work.at + timedelta(days=30))
    review = work.review_of(agreement)
    assert work.decide(Role.DEPARTMENT, review) == [Outcome.EMPLOYER_LISTED]
    school_id = work.campus.school.id
    said = employer_standing.of_agreement(work.session, agreement, school_id, work.at)
    assert employer_standing.LISTED in said
    other = work.campus.graduate("周海", identity_index="another person")
    assert refusal(paper.issue, work, paper.ask(work, other, listed)) == "employer_listed"


def test_an_issued_paper_keeps_her_from_accepting_until_it_is_given_up(
    work: Signwork, graduate: Graduate
) -> None:
    request, agreement = paper.issued(work, graduate)
    invitation = work.invite(graduate)
    assert refusal(work.accept, graduate, invitation) == "already_accepted"
    her = work.writer(graduate)
    offline_returns.give_up(work.session, her, request.key, "改为网上签约")
    offline_returns.give_up(work.session, her, request.key, "改为网上签约")
    assert now(work, agreement).state == AgreementState.FAILED
    assert work.accept(graduate, invitation).state == AgreementState.IN_REVIEW


def test_accepting_an_invitation_stops_a_request(work: Signwork, graduate: Graduate) -> None:
    request = paper.ask(work, graduate)
    work.accept(graduate, work.invite(graduate))
    work.session.expire_all()
    assert request.state == OfflineRequestState.OVERTAKEN
    assert refusal(paper.issue, work, request) == "already_accepted"


def test_an_issued_paper_binds_nobody_yet(work: Signwork, graduate: Graduate) -> None:
    """What the school imports of her is registered: both have yet to sign."""
    paper.issued(work, graduate)
    work.register(graduate, {"category": "70", "file_type": "转回生源地"})
    found = registered(work, graduate)
    assert found is not None
    assert found.category == "70"


@pytest.mark.parametrize(
    ("pictures", "days", "code"),
    [(0, 0, "pictures_missing"), (5, 0, "too_many_files"), (1, 1, "signed_on_range")],
)
def test_what_is_handed_in_is_checked(
    work: Signwork, graduate: Graduate, pictures: int, days: int, code: str
) -> None:
    request, _ = paper.issued(work, graduate)
    day = paper.day_of(work.at + timedelta(days=days))
    given = SignedPaper(day, [paper.picture(bytes([each])) for each in range(pictures)])
    her, vault = work.writer(graduate), work.campus.vault
    deed = offline_returns.hand_in
    assert refusal(deed, work.session, vault, her, request.key, given) == code


def test_handed_in_twice_is_once(work: Signwork, graduate: Graduate) -> None:
    request, agreement = paper.handed_in(work, graduate)
    assert paper.hand_in(work, graduate, request).id == agreement.id
    assert len(evidence.listed(work.session, agreement.application_id or 0)) == 1


def test_an_unreadable_picture_is_sent_back_and_replaced(
    work: Signwork, graduate: Graduate
) -> None:
    request, agreement = paper.handed_in(work, graduate)
    work.give_back(Role.DEPARTMENT, work.review_of(agreement), reason="照片不清")
    back = now(work, agreement)
    assert (back.state, back.reason) == (AgreementState.ISSUED, "照片不清")
    paper.hand_in(work, graduate, request, paper.picture(b"clear"), paper.picture(b"page 2"))
    review = work.review_of(now(work, agreement))
    assert len(evidence.listed(work.session, review.id)) == 2
    kept = work.session.scalars(select(Evidence).where(Evidence.application_id == review.id)).all()
    assert len(kept) == 3
    for role in (Role.DEPARTMENT, Role.SCHOOL):
        assert work.decide(role, review) == [Outcome.PASSED]
        review = work.review_of(now(work, agreement))
    assert now(work, agreement).state == AgreementState.SIGNED


def test_what_is_not_passed_ends_and_may_be_asked_for_again(
    work: Signwork, graduate: Graduate
) -> None:
    _, agreement = paper.handed_in(work, graduate)
    review = work.review_of(agreement)
    came = work.decide(Role.DEPARTMENT, review, decision=Decision.DECLINE, reason="公章不符")
    assert came == [Outcome.DECLINED]
    assert now(work, agreement).state == AgreementState.FAILED
    again = paper.issue(work, paper.ask(work, graduate))
    numbers = {agreement_papers.of(work.session, each).number for each in (agreement, again)}
    assert len(numbers) == 2


def test_what_was_handed_in_may_be_taken_back_and_handed_in_anew(
    work: Signwork, graduate: Graduate
) -> None:
    request, agreement = paper.handed_in(work, graduate)
    her = work.writer(graduate)
    offline_returns.take_back(work.session, her, request.key)
    offline_returns.take_back(work.session, her, request.key)
    assert now(work, agreement).state == AgreementState.ISSUED
    again = paper.hand_in(work, graduate, request)
    assert (again.id, again.state) == (agreement.id, AgreementState.IN_REVIEW)


def test_a_paper_that_does_not_come_back_lapses_after_sixty_days(
    work: Signwork, graduate: Graduate
) -> None:
    request, agreement = paper.issued(work, graduate)
    assert agreement.due_by is not None
    assert 60 <= (agreement.due_by - work.at).days + 1 <= 61
    work.at = agreement.due_by - timedelta(hours=2)
    assert signing_deadlines.remind(work.session, work.at) == 1
    assert signing_deadlines.remind(work.session, work.at) == 0
    assert signing_deadlines.lapse(work.session, work.at) == 0
    work.at = agreement.due_by
    assert refusal(paper.hand_in, work, graduate, request) == "handed_in_late"
    assert signing_deadlines.lapse(work.session, work.at) == 1
    assert now(work, agreement).state == AgreementState.FAILED
    assert work.facts("signing_result")[-1]["result"] == "未签成"


def test_a_record_that_leaves_takes_its_papers_along(work: Signwork, graduate: Graduate) -> None:
    other = work.campus.graduate("周海", identity_index="another person")
    request, (_, agreement) = paper.ask(work, other), paper.issued(work, graduate)
    assert set(agreement_ends.under_way(work.session, work.campus.school.id)) == {
        *(graduate.id, other.id)
    }
    agreement_ends.leave(work.session, [graduate.id, other.id], work.at)
    work.session.expire_all()
    assert (request.state, agreement.state) == ("overtaken", "failed")


def test_two_of_a_school_void_a_sham_on_paper(work: Signwork, graduate: Graduate) -> None:
    _, agreement = paper.sign(work, graduate)
    one, other = (work.campus.staff(Role.SCHOOL) for _ in range(2))
    other.created_at = work.at - timedelta(days=2)
    voiding.ask(work.session, one, agreement.key, "萝卜章", work.at)
    voiding.confirm(work.session, other, agreement.key, work.at)
    assert now(work, agreement).state == AgreementState.VOIDED
    assert registered(work, graduate) is None


def test_a_paper_is_terminated_by_the_letter_of_its_employer(
    work: Signwork, graduate: Graduate
) -> None:
    request, agreement = paper.sign(work, graduate)
    side = graduate_side(work.writer(graduate_afresh(work.session, graduate.id)))
    letter = TerminationProof(work.campus.vault, "解约函.png", paper.picture())
    asked = TerminationRequest("letter", "promise")
    found = terminating.ask(work.session, side, request.key, asked, letter)
    assert (found.state, found.employer_id) == (TerminationState.AGREED, None)
    verdict = TerminationVerdict(Decision.PASS, found.state)
    school, scope = work.staff(Role.SCHOOL), work.campus.scope
    termination_review.decide(work.session, scope, school, found.key, verdict, work.at)
    assert now(work, agreement).state == AgreementState.TERMINATED
    assert registered(work, graduate) is None


def test_an_employer_on_paper_cannot_block_a_termination_by_silence(
    work: Signwork, graduate: Graduate
) -> None:
    request, _ = paper.sign(work, graduate)
    side = graduate_side(work.writer(graduate_afresh(work.session, graduate.id)))
    found = terminating.ask(
        work.session, side, request.key, TerminationRequest("consent", "family")
    )
    assert found.state == TerminationState.ASKED
    assert terminating.escalate_silent(work.session, found.answer_by) == 1
    work.session.expire_all()
    assert found.state == TerminationState.ESCALATED


def test_the_school_finds_papers_among_its_agreements(work: Signwork, graduate: Graduate) -> None:
    other = work.campus.graduate("周海", identity_index="another person")
    online = work.accept(other, work.invite(other))
    _, agreement = paper.issued(work, graduate)
    school_id = work.campus.school.id

    def keys(wanted: AgreementFilter) -> list[str]:
        found = school_agreements.page(work.session, school_id, wanted, Place())
        return [each.key for each in found.rows]

    assert keys(AgreementFilter()) == [agreement.key, online.key]
    assert keys(AgreementFilter(on_paper=True)) == [agreement.key]
    assert keys(AgreementFilter(unit="望海")) == [agreement.key]
    assert keys(AgreementFilter(unit=UNIT["unit_code"].lower())) == [agreement.key]
    counted = school_agreements.counts(work.session, school_id, AgreementFilter())
    assert (counted["issued"], counted["in_review"]) == (1, 1)


def test_nobody_else_reaches_her_request(work: Signwork, graduate: Graduate) -> None:
    request, _ = paper.issued(work, graduate)
    other = work.campus.graduate("周海", identity_index="another person")
    with pytest.raises(NotFound):
        offline_requests.find(work.session, other, request.key)
    with pytest.raises(NotFound):
        paper.hand_in(work, other, request)
    assert lists.unit_of(work.session, other, request.key) == ""
    assert lists.unit_of(work.session, graduate, request.key) == UNIT["unit_name"]


def test_erasing_her_erases_her_papers(work: Signwork, graduate: Graduate) -> None:
    paper.sign(work, graduate)
    erase.delete_records(work.session, [graduate.id])
    assert work.session.scalars(select(OfflineRequest)).all() == []
    assert work.session.scalars(select(Agreement)).all() == []


def test_two_records_of_a_person_have_one_agreement(work: Signwork, graduate: Graduate) -> None:
    second = work.campus.graduate("李娟", identity_index=graduate.identity_index)
    waiting = paper.ask(work, second, ASKED)
    paper.issued(work, graduate)
    assert refusal(paper.issue, work, waiting) == "already_accepted"
