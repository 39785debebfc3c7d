"""How an agreement that is signed ends: who asks, who answers, what the school decides."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from notifier.campaigns import termination_deadlines
from registry.accounts.tables import AuditEntry
from registry.base.clock import SHANGHAI
from registry.base.errors import NotFound, RuleError
from registry.base.file_tables import StoredFile
from registry.numbers.shape import Kind
from registry.numbers.verification import authorize
from registry.record.scope import Scope
from registry.record.tables import Graduate, Source
from registry.review import applications
from registry.review.decisions import Decision
from registry.signing import seeking, terminating, termination_documents, termination_lists
from registry.signing.states import AgreementState
from registry.signing.terminating import TerminationRequest
from registry.signing.termination_review import TerminationVerdict
from registry.signing.termination_tables import Termination
from tests.registry.review.casework import PNG, SEEKING
from tests.registry.signing.signwork import OTHER_CODE, Signwork
from tests.registry.signing.termwork import BUSINESS, FAMILY, LETTER, STUDY, Signed, sign


@pytest.fixture
def signed(work: Signwork, graduate: Graduate) -> Signed:
    return sign(work, graduate)


def code_of(refused: pytest.ExceptionInfo[RuleError]) -> str:
    return refused.value.code


def test_she_asks_the_employer_agrees_and_the_school_passes(signed: Signed) -> None:
    asked = signed.ask(signed.her)
    assert (asked.state, asked.breach) == ("asked", 3000)
    agreed = terminating.agree(signed.session, signed.employer, asked.key, "paid")
    assert agreed.state == "agreed"
    done = signed.decide(agreed)
    assert (done.state, done.closed_at) == ("done", signed.work.at)
    agreement = signed.agreement_now()
    assert (agreement.state, agreement.ended_at) == ("terminated", signed.work.at)
    assert signed.told() == [
        ("单位已同意", "待学校审核，结果会通知您"),
        ("已解约", "原去向已作废，请重新登记"),
    ]


def test_the_destination_of_the_agreement_is_void_and_its_version_stays(signed: Signed) -> None:
    signed.decide(terminating.agree(signed.session, signed.employer, signed.ask(signed.her).key))
    her = signed.graduate_now()
    assert (her.registration_id, her.confirmation) == (None, "not_reported")
    (version,) = signed.work.versions(signed.graduate)
    assert version.id == signed.agreement_now().registration_id


def test_afterwards_another_may_invite_and_she_may_accept(signed: Signed) -> None:
    signed.decide(terminating.agree(signed.session, signed.employer, signed.ask(signed.her).key))
    other = signed.work.recruiter(OTHER_CODE)
    invitation = signed.work.invite(signed.graduate_now(), other)
    accepted = signed.work.accept(signed.graduate_now(), invitation)
    assert accepted.state == AgreementState.IN_REVIEW


def test_numbers_and_authorization_end_with_it(signed: Signed) -> None:
    signed.confirm()
    signed.work.authorize(signed.graduate_now())
    signed.decide(terminating.agree(signed.session, signed.employer, signed.ask(signed.her).key))
    own = authorize.own(signed.session, signed.graduate.id, signed.work.at)
    assert own[Kind.FILE].ended == "lapsed"
    assert signed.told()[-1] == ("已解约", "原去向已作废，核验授权失效，请重新登记")


def test_what_was_registered_meanwhile_stands(signed: Signed) -> None:
    asked = signed.ask(signed.her, STUDY, signed.proof())
    study = {"category": "80", "unit_name": "另一大学", "unit_code": ""}
    signed.work.campus.report(signed.graduate_now(), Source.PROVINCE_INTERFACE, **study)
    now = signed.graduate_now().registration_id
    assert signed.decide(asked).state == "done"
    assert signed.graduate_now().registration_id == now
    assert signed.agreement_now().state == "terminated"
    assert signed.told() == [("已解约", "就业协议已解除，现登记的去向不变")]


def test_another_address_of_the_file_is_void_with_it(signed: Signed) -> None:
    signed.work.campus.report(
        signed.graduate_now(), category="10", unit_code="91350100M000100Y43", file_type="暂存学校"
    )
    assert signed.graduate_now().registration_id != signed.agreement.registration_id
    signed.decide(signed.ask(signed.her, LETTER, signed.proof()))
    assert signed.graduate_now().registration_id is None


def test_the_employer_asks_and_she_agrees(signed: Signed) -> None:
    asked = signed.ask(signed.employer, BUSINESS)
    assert terminating.agree(signed.session, signed.her, asked.key).state == "agreed"
    assert signed.told() == [("待您答复", "单位申请解约，请在6月25日前答复")]


def test_a_refusal_says_why_and_ends_the_request(signed: Signed) -> None:
    asked = signed.ask(signed.her)
    with pytest.raises(RuleError) as refused:
        terminating.refuse(signed.session, signed.employer, asked.key, " ")
    assert code_of(refused) == "reason_missing"
    assert signed.refused(asked).state == "refused"
    assert signed.refused(asked).state == "refused"  # said twice, it is once
    assert signed.told() == [("单位不同意", "请查看原因，30天内可请学校协调")]
    with pytest.raises(RuleError) as refused:
        signed.decide(asked)
    assert code_of(refused) == "termination_moved"
    assert signed.agreement_now().state == "signed"


def test_who_asked_cannot_answer_and_who_did_not_cannot_withdraw(signed: Signed) -> None:
    asked = signed.ask(signed.her)
    with pytest.raises(RuleError) as refused:
        terminating.agree(signed.session, signed.her, asked.key)
    assert code_of(refused) == "own_request"
    with pytest.raises(RuleError) as refused:
        terminating.withdraw(signed.session, signed.employer, asked.key)
    assert code_of(refused) == "not_own_request"


def test_what_both_ask_is_agreed_to(signed: Signed) -> None:
    asked = signed.ask(signed.her)
    met = signed.ask(signed.employer, BUSINESS)
    assert (met.id, met.state, met.party) == (asked.id, "agreed", "graduate")
    assert termination_lists.steps(signed.session, met.key)[-1].text == "岗位撤销"


def test_the_same_asked_twice_is_once_and_otherwise_is_refused(signed: Signed) -> None:
    asked = signed.ask(signed.her)
    assert signed.ask(signed.her).id == asked.id
    with pytest.raises(RuleError) as refused:
        signed.ask(signed.her, TerminationRequest("consent", "health"))
    assert code_of(refused) == "termination_open"


def test_a_letter_does_not_replace_what_was_agreed_to(signed: Signed) -> None:
    asked = signed.ask(signed.her)
    terminating.agree(signed.session, signed.employer, asked.key)
    with pytest.raises(RuleError) as refused:
        signed.ask(signed.her, LETTER, signed.proof())
    assert code_of(refused) == "termination_open"
    assert signed.terminations()[-1].way == "consent"


def test_a_request_is_taken_back_and_another_made(signed: Signed) -> None:
    asked = signed.ask(signed.employer, BUSINESS)
    assert terminating.withdraw(signed.session, signed.employer, asked.key).state == "withdrawn"
    assert signed.told()[-1] == ("单位已撤回", "就业协议继续有效，无需操作")
    again = signed.ask(signed.employer, BUSINESS)
    assert again.id != asked.id


def test_what_was_agreed_on_is_taken_back_until_the_school_decides(signed: Signed) -> None:
    asked = signed.ask(signed.her)
    terminating.agree(signed.session, signed.employer, asked.key)
    assert terminating.withdraw(signed.session, signed.her, asked.key).state == "withdrawn"
    done = signed.decide(signed.ask(signed.her, LETTER, signed.proof()))
    with pytest.raises(RuleError) as refused:
        terminating.withdraw(signed.session, signed.her, done.key)
    assert code_of(refused) == "termination_moved"


def test_no_more_than_ten_requests_about_one_agreement(signed: Signed) -> None:
    for _ in range(terminating.MOST_ASKED):
        terminating.withdraw(signed.session, signed.her, signed.ask(signed.her).key)
    with pytest.raises(RuleError) as refused:
        signed.ask(signed.her)
    assert code_of(refused) == "too_many_requests"


def test_an_exit_clause_with_evidence_needs_no_consent(signed: Signed) -> None:
    with pytest.raises(RuleError) as refused:
        signed.ask(signed.her, STUDY)
    assert code_of(refused) == "proof_missing"
    assert signed.ask(signed.her, STUDY, signed.proof()).state == "agreed"


def test_an_exit_that_was_not_agreed_on_needs_consent(signed: Signed) -> None:
    abroad = TerminationRequest("clause", "abroad")
    with pytest.raises(RuleError) as refused:
        signed.ask(signed.her, abroad, signed.proof())
    assert code_of(refused) == "no_such_exit"
    assert signed.ask(signed.her, TerminationRequest("consent", "abroad")).state == "asked"


def test_a_stamped_letter_goes_to_the_school(signed: Signed) -> None:
    with pytest.raises(RuleError) as refused:
        signed.ask(signed.her, LETTER)
    assert code_of(refused) == "proof_missing"
    assert signed.ask(signed.her, LETTER, signed.proof()).state == "agreed"


def test_an_employer_asks_for_consent_only(signed: Signed) -> None:
    for asked in (LETTER, TerminationRequest("clause", "business")):
        with pytest.raises(RuleError):
            signed.ask(signed.employer, asked, signed.proof())


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (TerminationRequest("consent", "business"), "reason_unknown"),
        (TerminationRequest("somehow", "family"), "way_unknown"),
        (TerminationRequest("consent", "other"), "text_missing"),
        (TerminationRequest("consent", "family", "长" * 201), "text_too_long"),
        (TerminationRequest("consent", "family", breach="三千"), "money_form"),
        (TerminationRequest("consent", "family", breach="1000001"), "money_form"),
        (TerminationRequest("consent", "family", settlement="later"), "settlement_unknown"),
    ],
)
def test_what_is_asked_wrongly_is_refused(
    signed: Signed, asked: TerminationRequest, code: str
) -> None:
    with pytest.raises(RuleError) as refused:
        signed.ask(signed.her, asked)
    assert code_of(refused) == code


def test_an_agreement_under_review_is_not_terminated(work: Signwork, graduate: Graduate) -> None:
    staff = work.recruiter()
    invitation = work.invite(graduate, staff)
    agreement = work.accept(graduate, invitation)
    early = Signed(work, graduate, staff, agreement, invitation.key)
    with pytest.raises(RuleError) as refused:
        early.ask(early.her)
    assert code_of(refused) == "not_signed"


def test_ten_working_days_of_silence_lead_to_the_school(signed: Signed) -> None:
    asked = signed.ask(signed.her)
    # From Wednesday 10 June; 19 June is the dragon boat festival.
    assert asked.answer_by == datetime(2026, 6, 25, 23, 59, tzinfo=SHANGHAI)
    just_before = asked.answer_by - timedelta(seconds=1)
    assert termination_deadlines.escalate(signed.session, just_before) == 0
    assert termination_deadlines.escalate(signed.session, asked.answer_by) == 1
    assert termination_deadlines.escalate(signed.session, asked.answer_by) == 0
    assert signed.told() == [("学校协调中", "单位逾期未答复，已转学校协调")]


def test_a_late_refusal_is_none_but_a_late_consent_is(signed: Signed) -> None:
    asked = signed.ask(signed.her)
    signed.work.at = asked.answer_by
    with pytest.raises(RuleError) as refused:
        signed.refused(asked)
    assert code_of(refused) == "answered_late"
    termination_deadlines.escalate(signed.session, signed.work.at)
    with pytest.raises(RuleError) as refused:
        signed.refused(asked)
    assert code_of(refused) == "termination_moved"
    assert terminating.agree(signed.session, signed.employer, asked.key).state == "agreed"


def test_two_days_before_the_silent_graduate_is_reminded_once(signed: Signed) -> None:
    asked = signed.ask(signed.employer, BUSINESS)
    soon = asked.answer_by - timedelta(hours=48)
    assert termination_deadlines.remind(signed.session, soon - timedelta(seconds=1)) == 0
    assert termination_deadlines.remind(signed.session, soon) == 1
    assert termination_deadlines.remind(signed.session, soon) == 0
    assert ("待您答复", "请在6月25日前答复，逾期转学校协调") in signed.told()


def test_of_what_she_asked_herself_she_is_not_reminded(signed: Signed) -> None:
    asked = signed.ask(signed.her)
    assert termination_deadlines.remind(signed.session, asked.answer_by - timedelta(hours=1)) == 0


def test_a_refusal_is_brought_before_the_school_with_evidence(signed: Signed) -> None:
    asked = signed.refused(signed.ask(signed.her))
    with pytest.raises(RuleError) as refused:
        terminating.escalate(signed.session, signed.her, asked.key, "单位未兑现承诺")
    assert code_of(refused) == "proof_missing"
    escalated = terminating.escalate(
        signed.session, signed.her, asked.key, "单位未兑现承诺", signed.proof()
    )
    assert (escalated.state, escalated.closed_at) == ("escalated", None)


def test_a_refusal_is_not_brought_before_the_school_later(signed: Signed) -> None:
    asked = signed.refused(signed.ask(signed.her))
    signed.work.at += timedelta(days=30)
    with pytest.raises(RuleError) as refused:
        terminating.escalate(signed.session, signed.her, asked.key, "理由", signed.proof())
    assert code_of(refused) == "escalated_late"


def test_a_refusal_is_not_brought_before_the_school_beside_another_request(signed: Signed) -> None:
    asked = signed.refused(signed.ask(signed.her))
    signed.ask(signed.her)
    with pytest.raises(RuleError) as refused:
        terminating.escalate(signed.session, signed.her, asked.key, "理由", signed.proof())
    assert code_of(refused) == "termination_open"


def test_what_still_waits_for_an_answer_is_not_brought_before_the_school(signed: Signed) -> None:
    asked = signed.ask(signed.her)
    with pytest.raises(RuleError) as refused:
        terminating.escalate(signed.session, signed.her, asked.key, "理由", signed.proof())
    assert code_of(refused) == "termination_moved"


def escalated(signed: Signed) -> Termination:
    asked = signed.ask(signed.her)
    signed.work.at = asked.answer_by
    termination_deadlines.escalate(signed.session, signed.work.at)
    return asked


def test_what_nobody_agreed_to_is_passed_on_evidence_and_with_a_reason(signed: Signed) -> None:
    asked = escalated(signed)
    with pytest.raises(RuleError) as refused:
        signed.decide(asked)
    assert code_of(refused) == "reason_missing"
    with pytest.raises(RuleError) as refused:
        signed.decide(asked, reason="电话核实，单位无异议")
    assert code_of(refused) == "proof_missing"
    terminating.add_proof(signed.session, signed.her, asked.key, signed.proof())
    assert signed.decide(asked, reason="电话核实，单位无异议").state == "done"


def test_after_the_season_the_school_terminates_with_a_reason(signed: Signed) -> None:
    signed.work.at = datetime(2026, 9, 2, 2, tzinfo=SHANGHAI)
    asked = signed.ask(signed.her, LETTER, signed.proof())
    with pytest.raises(RuleError) as refused:
        signed.decide(asked)
    assert code_of(refused) == "reason_missing"
    assert signed.decide(asked, reason="解约函已核实").state == "done"
    assert signed.told() == [("已解约", "原去向已作废，请联系学校")]


def test_the_school_declines_with_a_reason_and_the_agreement_holds(signed: Signed) -> None:
    asked = signed.ask(signed.her, LETTER, signed.proof())
    with pytest.raises(RuleError) as refused:
        signed.decide(asked, Decision.RETURN)
    assert code_of(refused) == "reason_missing"
    assert signed.decide(asked, Decision.RETURN, "解约函没有盖章").state == "declined"
    assert signed.told() == [("学校未同意", "解约函没有盖章")]
    assert signed.agreement_now().state == "signed"
    assert signed.graduate_now().registration_id is not None


def test_what_the_school_did_not_see_it_does_not_decide(signed: Signed) -> None:
    asked = escalated(signed)
    seen = signed.session.get_one(Termination, asked.id).state
    terminating.agree(signed.session, signed.employer, asked.key)
    verdict = TerminationVerdict(Decision.RETURN, seen, "理由不足")
    with pytest.raises(RuleError) as refused:
        signed.judge(asked, verdict)
    assert code_of(refused) == "termination_moved"


def test_a_department_decides_nothing_and_another_school_finds_nothing(signed: Signed) -> None:
    asked = signed.ask(signed.her, LETTER, signed.proof())
    verdict = TerminationVerdict(Decision.PASS, "agreed")
    with pytest.raises(RuleError) as refused:
        signed.judge(asked, verdict, signed.work.campus.department_scope())
    assert code_of(refused) == "school_only"
    with pytest.raises(NotFound):
        signed.judge(asked, verdict, Scope(signed.work.campus.school.id + 1))


def test_what_a_province_has_filed_is_not_terminated(signed: Signed) -> None:
    asked = signed.ask(signed.her, LETTER, signed.proof())
    signed.file_with_province()
    with pytest.raises(RuleError) as refused:
        signed.decide(asked)
    assert code_of(refused) == "locked_by_province"
    assert "省级就业工作部门退回后办理" in refused.value.sentence
    signed.session.rollback()
    assert signed.agreement_now().state == "signed"
    now = signed.session.get_one(Termination, asked.id, populate_existing=True)
    assert now.state == "agreed"


def test_where_a_province_has_its_own_system_it_is_terminated_there(signed: Signed) -> None:
    asked = signed.ask(signed.her, LETTER, signed.proof())
    signed.work.campus.school.correction_system = "山东省就业系统"
    with pytest.raises(RuleError) as refused:
        signed.decide(asked)
    assert code_of(refused) == "registered_elsewhere"


def test_nobody_elses_request_is_found(signed: Signed) -> None:
    asked = signed.ask(signed.her)
    other = signed.work.recruiter(OTHER_CODE)
    stranger = Signed(signed.work, signed.graduate, other, signed.agreement, signed.invitation_key)
    with pytest.raises(NotFound):
        terminating.agree(signed.session, stranger.employer, asked.key)
    with pytest.raises(NotFound):
        stranger.ask(stranger.employer, BUSINESS)


def test_documents_are_kept_once_and_as_long_as_evidence(signed: Signed) -> None:
    asked = signed.ask(signed.her, LETTER, signed.proof())
    terminating.add_proof(signed.session, signed.her, asked.key, signed.proof())
    (document,) = termination_documents.listed(signed.session, asked.id)
    assert (document.name, document.media_type) == ("录取通知书.png", "image/png")
    stored = signed.session.get_one(StoredFile, document.file_id)
    assert stored.expires_at == datetime(2030, 1, 1, tzinfo=SHANGHAI)


def test_an_employer_sees_its_own_documents_and_she_sees_all(signed: Signed) -> None:
    asked = signed.ask(signed.her, FAMILY, signed.proof())
    terminating.add_proof(signed.session, signed.employer, asked.key, signed.proof(b"x"))
    hers, theirs = termination_documents.listed(signed.session, asked.id)
    vault, her = signed.work.campus.vault, signed.graduate_now()
    for each in (hers, theirs):
        assert termination_documents.of_graduate(signed.session, vault, her, each.key).content
    own = termination_documents.of_employer(signed.session, vault, signed.employer, theirs.key)
    assert own.content == PNG + b"x"
    with pytest.raises(NotFound):
        termination_documents.of_employer(signed.session, vault, signed.employer, hers.key)
    assert termination_documents.shown_to(signed.employer.party, [hers, theirs]) == [theirs]


def test_six_documents_of_a_party_are_enough(signed: Signed) -> None:
    asked = signed.ask(signed.her)
    for each in range(termination_documents.MOST_FILES):
        proof = signed.proof(bytes([each]))
        terminating.add_proof(signed.session, signed.her, asked.key, proof)
    with pytest.raises(RuleError) as refused:
        terminating.add_proof(signed.session, signed.her, asked.key, signed.proof(b"more"))
    assert code_of(refused) == "too_many_files"


def test_every_step_is_in_the_audit_log(signed: Signed) -> None:
    asked = signed.ask(signed.her)
    terminating.agree(signed.session, signed.employer, asked.key)
    signed.decide(asked)
    actions = signed.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    noted = [each for each in actions if each.startswith("termination_")]
    assert noted == ["termination_ask", "termination_agree", "termination_pass"]


def test_a_school_counts_how_an_employers_agreements_went(signed: Signed) -> None:
    school = signed.work.campus.school.id
    employer = signed.staff.employer_id or 0
    assert termination_lists.figures(signed.session, school, employer).signed == 1
    signed.refused(signed.ask(signed.her))
    asked = signed.ask(signed.employer, BUSINESS)
    signed.decide(terminating.agree(signed.session, signed.her, asked.key))
    found = termination_lists.figures(signed.session, school, employer)
    assert (found.signed, found.terminated, found.by_employer) == (1, 1, 1)


def test_while_it_goes_on_no_other_destination_is_registered(signed: Signed) -> None:
    signed.ask(signed.her)
    with pytest.raises(RuleError) as refused:
        signed.work.submit(signed.graduate_now(), SEEKING)
    assert code_of(refused) == "agreement_in_force"
    assert applications.first_values(signed.session, signed.graduate_now())["category"] == "10"


def test_looking_for_work_takes_along_what_of_file_and_household_goes_on(signed: Signed) -> None:
    signed.work.campus.report(
        signed.graduate_now(),
        category="10",
        unit_code="91350100M000100Y43",
        file_type="转回生源地",
        file_unit="",
        household_type="户口不在学校",
    )
    signed.decide(signed.ask(signed.her, LETTER, signed.proof()))
    writer = signed.work.writer(signed.graduate_now())
    assert seeking.may_seek(signed.session, writer, signed.agreement_now())
    sent = seeking.seek(signed.session, signed.work.campus.vault, writer)
    assert (sent.state, sent.category) == ("submitted", "70")
    assert (sent.values["file_type"], sent.values["household_type"]) == (
        "转回生源地",
        "户口不在学校",
    )
    assert not seeking.may_seek(signed.session, writer, signed.agreement_now())


def test_who_has_registered_something_else_does_not_look_for_work(signed: Signed) -> None:
    asked = signed.ask(signed.her, STUDY, signed.proof())
    study = {"category": "80", "unit_name": "另一大学", "unit_code": ""}
    signed.work.campus.report(signed.graduate_now(), Source.PROVINCE_INTERFACE, **study)
    signed.decide(asked)
    writer = signed.work.writer(signed.graduate_now())
    assert not seeking.may_seek(signed.session, writer, signed.agreement_now())
    with pytest.raises(RuleError) as refused:
        seeking.seek(signed.session, signed.work.campus.vault, writer)
    assert code_of(refused) == "something_registered"
