"""From the invitation to the destination: who may do what when, and what is told of it."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from notifier.campaigns import signing_deadlines
from registry.accounts.tables import Attempt, Role
from registry.base.errors import NotFound, RuleError
from registry.record.own_record import graduate_afresh
from registry.record.tables import Graduate, Registration
from registry.record.validation import Refused
from registry.review import applications
from registry.review.decisions import Outcome
from registry.review.void import request_void
from registry.signing import answering, employers, invitation_ends, inviting, naming
from registry.signing.inviting import Offer
from registry.signing.naming import Addressee
from registry.signing.states import AgreementState, InvitationState
from registry.signing.tables import Invitation
from tests.registry.review.casework import AGREEMENT, SEEKING
from tests.registry.signing.signwork import OTHER_CODE, RETRACT, TERMS, Signwork


def code_of(refused: pytest.ExceptionInfo[RuleError]) -> str:
    return refused.value.code


def facts(work: Signwork, kind: str) -> list[dict[str, str]]:
    return [json.loads(each.facts) for each in work.messages(kind)]


def test_an_invitation_is_told_to_the_graduate(work: Signwork, graduate: Graduate) -> None:
    work.invite(graduate)
    assert facts(work, "signing_invitation") == [
        {
            "unit": "青岛海纳软件有限公司",
            "post": "软件工程师",
            "deadline": "2026年06月15日 23:59",
            "hint": "请核对条款，在截止前应约或拒绝",
        }
    ]


def test_what_was_signed_is_the_destination(work: Signwork, graduate: Graduate) -> None:
    agreement = work.sign(graduate)
    assert agreement.state == AgreementState.SIGNED
    (version,) = work.versions(graduate)
    assert agreement.registration_id == version.id
    assert (version.category, version.unit_name) == ("10", "青岛海纳软件有限公司")
    assert (version.unit_code, version.job_class) == ("91350100M000100Y43", "13")
    assert version.source_name == "网上签约"
    assert str(version.signed_on) == "2026-06-10"
    told = facts(work, "signing_result")
    assert [each["result"] for each in told] == ["已签约"]
    assert told[0]["hint"] == "已上报，请核对并确认登记去向"


def test_the_department_is_told_of_as_a_step(work: Signwork, graduate: Graduate) -> None:
    work.sign(graduate)
    (step,) = facts(work, "review_result")
    assert step["item"] == "就业协议（院系审核）"


def test_file_and_household_go_to_an_employer_that_takes_them(
    work: Signwork, graduate: Graduate
) -> None:
    taken = TERMS | {
        "takes_file": "yes",
        "file_unit": "青岛市人才服务中心",
        "file_address": "海尔路178号",
        "file_phone": "0532-12345678",
        "takes_household": "yes",
        "household_location_code": "370202",
    }
    accepted = work.accept(graduate, work.invite(graduate, said=taken))
    work.at += RETRACT
    review = work.review_of(accepted)
    work.decide(Role.DEPARTMENT, review)
    assert work.decide(Role.SCHOOL, review) == [Outcome.PASSED]
    (version,) = work.versions(graduate)
    assert (version.file_type, version.file_unit) == ("签约单位接收", "青岛市人才服务中心")
    assert version.household_type == "签约单位接收"


def test_what_she_has_said_of_her_file_stays(work: Signwork, graduate: Graduate) -> None:
    work.register(graduate, SEEKING)
    work.sign(graduate)
    version = work.versions(graduate)[-1]
    assert (version.category, version.file_type) == ("10", "转回生源地")


def test_no_review_cuts_short_the_time_to_take_it_back(work: Signwork, graduate: Graduate) -> None:
    invitation = work.invite(graduate)
    review = work.review_of(work.accept(graduate, invitation))
    assert work.decide(Role.DEPARTMENT, review) == [Outcome.PASSED]
    assert work.decide(Role.SCHOOL, review) == [Outcome.TOO_EARLY]
    work.at += RETRACT - timedelta(seconds=1)
    assert work.decide(Role.SCHOOL, review) == [Outcome.TOO_EARLY]
    work.at += timedelta(seconds=1)
    with pytest.raises(RuleError) as refused:
        answering.retract(work.session, work.writer(graduate), invitation.key)
    assert code_of(refused) == "retract_over"
    assert work.decide(Role.SCHOOL, review) == [Outcome.PASSED]


def test_an_acceptance_taken_back_leaves_her_free(work: Signwork, graduate: Graduate) -> None:
    invitation = work.invite(graduate)
    agreement = work.accept(graduate, invitation)
    answering.retract(work.session, work.writer(graduate), invitation.key)
    answering.retract(work.session, work.writer(graduate), invitation.key)
    work.session.expire_all()
    assert agreement.state == AgreementState.RETRACTED
    assert work.decide(Role.DEPARTMENT, work.review_of(agreement)) == [Outcome.CHANGED_MEANWHILE]
    again = work.accept(graduate, work.invite(graduate))
    assert again.state == AgreementState.IN_REVIEW


def test_what_the_school_does_not_pass_is_no_agreement(work: Signwork, graduate: Graduate) -> None:
    agreement = work.accept(graduate, work.invite(graduate))
    work.decline(Role.DEPARTMENT, agreement, reason="岗位与专业不符")
    work.session.expire_all()
    assert (agreement.state, agreement.reason) == (AgreementState.FAILED, "岗位与专业不符")
    assert work.versions(graduate) == []
    (told,) = facts(work, "signing_result")
    assert (told["result"], told["hint"]) == ("未通过", "岗位与专业不符")
    assert work.accept(graduate, work.invite(graduate)).state == AgreementState.IN_REVIEW


def test_accepting_twice_is_one_agreement(work: Signwork, graduate: Graduate) -> None:
    invitation = work.invite(graduate)
    assert work.accept(graduate, invitation) is work.accept(graduate, invitation)


def test_a_person_has_one_agreement(work: Signwork, graduate: Graduate) -> None:
    first, second = work.invite(graduate), work.invite(graduate, work.recruiter(OTHER_CODE))
    work.accept(graduate, first)
    with pytest.raises(RuleError) as refused:
        work.accept(graduate, second)
    assert code_of(refused) == "already_accepted"
    assert second.state == InvitationState.OPEN


def test_her_other_record_of_the_year_counts(work: Signwork, graduate: Graduate) -> None:
    twin = work.campus.graduate("李娟", department=1)
    work.accept(graduate, work.invite(graduate))
    with pytest.raises(RuleError) as refused:
        work.accept(twin, work.invite(twin, work.recruiter(OTHER_CODE)))
    assert code_of(refused) == "already_accepted"


def test_who_has_signed_on_paper_voids_it_first(work: Signwork, graduate: Graduate) -> None:
    work.register(graduate, AGREEMENT)
    invitation = work.invite(graduate)  # the employer is not told that she has signed
    with pytest.raises(RuleError) as refused:
        work.accept(graduate, invitation)
    assert code_of(refused) == "signed_already"


def test_what_waits_for_review_is_taken_back_first(work: Signwork, graduate: Graduate) -> None:
    work.submit(graduate, SEEKING)
    with pytest.raises(RuleError) as refused:
        work.accept(graduate, work.invite(graduate))
    assert code_of(refused) == "application_open"


def test_a_draft_is_given_up(work: Signwork, graduate: Graduate) -> None:
    draft = work.save(graduate, SEEKING)
    work.accept(graduate, work.invite(graduate))
    work.session.refresh(draft)
    assert draft.state == "discarded"


def test_nothing_else_is_asked_for_while_an_agreement_is_reviewed(
    work: Signwork, graduate: Graduate
) -> None:
    agreement = work.accept(graduate, work.invite(graduate))
    with pytest.raises(RuleError) as refused:
        work.save(graduate, SEEKING)
    assert code_of(refused) == "changed_meanwhile"
    review = work.review_of(agreement)
    with pytest.raises(RuleError) as refused:
        applications.withdraw(work.session, work.writer(graduate), review.revision)
    assert code_of(refused) == "agreement_in_review"


def test_an_agreement_in_force_is_not_registered_over(work: Signwork, graduate: Graduate) -> None:
    work.sign(graduate)
    with pytest.raises(RuleError) as refused:
        work.submit(graduate, SEEKING)
    assert code_of(refused) == "agreement_in_force"


def test_another_address_for_the_file_is_no_other_destination(
    work: Signwork, graduate: Graduate
) -> None:
    work.sign(graduate)
    values = applications.first_values(work.session, graduate_now(work, graduate))
    assert work.submit(graduate, {**values, "file_type": "转回生源地"}).state == "submitted"


def graduate_now(work: Signwork, graduate: Graduate) -> Graduate:
    return work.session.get_one(Graduate, graduate.id, populate_existing=True)


def test_what_an_agreement_registered_is_not_voided_past_the_employer(
    work: Signwork, graduate: Graduate
) -> None:
    work.sign(graduate)
    with pytest.raises(RuleError) as refused:
        request_void(work.session, work.writer(graduate_now(work, graduate)), "已与单位解约")
    assert code_of(refused) == "agreement_in_force"
    assert "申请解约" in refused.value.sentence


def test_an_answer_after_the_last_moment_is_late(work: Signwork, graduate: Graduate) -> None:
    invitation = work.invite(graduate)
    work.at = invitation.answer_by
    for answer in (lambda: work.accept(graduate, invitation), lambda: refuse(work, graduate)):
        with pytest.raises(RuleError) as refused:
            answer()
        assert code_of(refused) == "answered_late"


def refuse(work: Signwork, graduate: Graduate, reason: str = "") -> None:
    invitation = work.session.scalars(select(Invitation)).one()
    answering.refuse(work.session, work.writer(graduate), invitation.key, reason)


def test_a_refusal_is_kept_with_what_she_says(work: Signwork, graduate: Graduate) -> None:
    invitation = work.invite(graduate)
    refuse(work, graduate, "薪资与谈妥的不一致")
    refuse(work, graduate)
    work.session.refresh(invitation)
    assert (invitation.state, invitation.reason) == ("refused", "薪资与谈妥的不一致")
    with pytest.raises(RuleError) as refused:
        work.accept(graduate, invitation)
    assert code_of(refused) == "invitation_ended"


def test_the_clock_ends_what_was_not_answered(work: Signwork, graduate: Graduate) -> None:
    invitation = work.invite(graduate)
    last = invitation.answer_by
    assert signing_deadlines.lapse(work.session, last - timedelta(seconds=1)) == 0
    assert signing_deadlines.lapse(work.session, last) == 1
    assert signing_deadlines.lapse(work.session, last) == 0
    (told,) = facts(work, "signing_result")
    assert told["result"] == "已失效"
    work.session.refresh(invitation)
    assert invitation.state == InvitationState.LAPSED


def test_a_day_before_she_is_reminded_once(work: Signwork, graduate: Graduate) -> None:
    invitation = work.invite(graduate)
    day_before = invitation.answer_by - timedelta(hours=24)
    assert signing_deadlines.remind(work.session, day_before - timedelta(seconds=1)) == 0
    assert signing_deadlines.remind(work.session, day_before) == 1
    assert signing_deadlines.remind(work.session, day_before) == 0
    (told,) = facts(work, "signing_reminder")
    assert told["deadline"] == "2026年06月15日 23:59"


def test_an_invitation_is_taken_back_with_a_reason(work: Signwork, graduate: Graduate) -> None:
    staff = work.recruiter()
    invitation = work.invite(graduate, staff)
    invitation_ends.withdraw(
        work.session, staff.employer_id or 0, invitation.key, "岗位取消", work.at
    )
    (told,) = facts(work, "signing_result")
    assert told["result"] == "单位已撤回"
    with pytest.raises(RuleError) as refused:
        work.accept(graduate, invitation)
    assert code_of(refused) == "invitation_ended"


def test_another_employer_takes_nothing_back(work: Signwork, graduate: Graduate) -> None:
    invitation = work.invite(graduate)
    other = work.campus.employer(OTHER_CODE)
    with pytest.raises(RuleError):
        invitation_ends.withdraw(work.session, other.id, invitation.key, "岗位取消", work.at)
    work.session.refresh(invitation)
    assert invitation.state == InvitationState.OPEN


def test_a_suspended_employer_has_nothing_open(work: Signwork, graduate: Graduate) -> None:
    staff = work.recruiter()
    invitation = work.invite(graduate, staff)
    school = work.staff(Role.SCHOOL)
    key = work.campus.employer().key
    found = employers.find(work.session, work.campus.school.id, key)
    assert employers.suspend(work.session, school, found, "虚假招聘", work.at)
    assert not employers.suspend(work.session, school, found, "虚假招聘", work.at)
    work.session.refresh(invitation)
    assert invitation.state == InvitationState.CANCELLED
    with pytest.raises(RuleError) as refused:
        work.invite(graduate, staff)
    assert code_of(refused) == "not_qualified"
    assert employers.resume(work.session, school, found, work.at)
    assert work.invite(graduate, staff).state == InvitationState.OPEN


def test_an_employer_sends_so_many_a_day(work: Signwork, graduate: Graduate) -> None:
    staff, until = work.recruiter(), inviting.last_moment(inviting.default_day(work.at), work.at)
    others = [work.campus.graduate(f"王{name}", identity_index=name) for name in "一二"]
    offers = [
        Offer(graduate_afresh(work.session, each.id), TERMS, until) for each in (graduate, *others)
    ]
    foreseen = inviting.foresee(work.session, staff, offers, work.at, most_a_day=2)
    assert [each and each.code for each in foreseen] == [None, None, "too_many_today"]
    sent = inviting.send_all(work.session, staff, offers, work.at, most_a_day=2)
    refused = sent[-1]
    assert isinstance(refused, RuleError)
    assert refused.sentence == "每天最多发出 2 份邀请，今天的已用完，请明天再发。"
    work.at += timedelta(days=1)
    sent_next_day = inviting.send(work.session, staff, offers[2], work.at, most_a_day=1)
    assert sent_next_day.graduate_id == others[1].id


def test_one_waits_for_an_answer_at_a_time(work: Signwork, graduate: Graduate) -> None:
    work.invite(graduate)
    with pytest.raises(RuleError) as refused:
        work.invite(graduate)
    assert code_of(refused) == "already_invited"


def test_she_is_found_by_all_three_or_not_at_all(work: Signwork, graduate: Graduate) -> None:
    staff, school = work.recruiter(), work.campus.school.key

    def find(*named: str) -> object:
        found = naming.find_graduate(
            work.session, work.campus.vault, staff, Addressee(*named), work.at
        )
        return found.code if isinstance(found, RuleError) else found.id

    assert find(school, "李娟", graduate.student_number) == graduate.id
    for named in (
        ("elsewhere", "李娟", graduate.student_number),
        (school, "李妍", graduate.student_number),
        (school, "李娟", "1"),
    ):
        assert find(*named) == "graduate_not_found"
    assert len(work.session.scalars(select(Attempt)).all()) == 6
    answers = [find(school, "李娟", str(each)) for each in range(20)]
    assert answers[-1] == "too_many_attempts"


def test_a_graduate_bound_by_training_is_not_invited_elsewhere(work: Signwork) -> None:
    bound = work.campus.graduate("王芳", training_mode="2", training_unit="西藏自治区")
    with pytest.raises(RuleError) as refused:
        work.invite(bound)
    assert code_of(refused) == "cannot_sign"


@pytest.mark.parametrize(
    ("changed", "field", "code"),
    [
        ({"post": ""}, "post", "missing"),
        ({"post": "前端实习生"}, "post", "no_employment"),
        ({"pay": "九千"}, "pay", "number_form"),
        ({"probation_months": "13"}, "probation_months", "number_form"),
        ({"probation_pay": ""}, "probation_pay", "missing"),
        ({"breach": ""}, "breach", "missing"),
        ({"takes_file": "yes"}, "file_unit", "missing"),
        ({"takes_household": "maybe"}, "takes_household", "choice_unknown"),
        ({"exits": "随意"}, "exits", "choice_unknown"),
    ],
)
def test_terms_that_cannot_be_signed_are_refused(
    work: Signwork, graduate: Graduate, changed: dict[str, str], field: str, code: str
) -> None:
    said = {name: value for name, value in {**TERMS, **changed}.items() if value}
    with pytest.raises(Refused) as refused:
        work.invite(graduate, said=said)
    assert (field, code) in [(each.field, each.code) for each in refused.value.problems]


def test_nobody_elses_invitation_is_found(work: Signwork, graduate: Graduate) -> None:
    invitation = work.invite(graduate)
    other = work.campus.graduate("王芳", identity_index="another")
    with pytest.raises(NotFound):
        answering.find(work.session, other, invitation.key)


def test_the_employer_is_frozen_with_the_terms(work: Signwork, graduate: Graduate) -> None:
    agreement = work.accept(graduate, work.invite(graduate))
    work.campus.employer().unit_name = "更名后的公司"
    work.at += RETRACT
    work.decide(Role.DEPARTMENT, work.review_of(agreement))
    work.decide(Role.SCHOOL, work.review_of(agreement))
    name = work.session.scalars(select(Registration.unit_name)).one()
    assert name == "青岛海纳软件有限公司"
