"""What the school returns is mended: amended and agreed to anew, sent as it is, or given up."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from notifier.campaigns import signing_deadlines
from registry.accounts.tables import Role
from registry.base.errors import NotFound, RuleError
from registry.record.tables import Graduate
from registry.record.validation import Refused
from registry.review import application_moves
from registry.review.decisions import Outcome
from registry.signing import agreement_ends, mending, versions
from registry.signing.states import AgreementEvent, AgreementState, InvitationState
from registry.signing.tables import Agreement, Invitation
from tests.registry.signing.signwork import OTHER_CODE, RETRACT, TERMS, Signwork

BETTER = TERMS | {"pay": "9800"}


def amend(work: Signwork, agreement: Agreement, said: dict[str, str] = BETTER) -> None:
    mending.amend(work.session, work.recruiter(), work.key_of(agreement), said, work.at)


def digest(work: Signwork, agreement: Agreement) -> str:
    return versions.newest(work.session, agreement).digest


def agree(work: Signwork, agreement: Agreement, seen: str | None = None) -> Agreement:
    graduate = work.session.get_one(Graduate, agreement.graduate_id)
    saw = seen or digest(work, agreement)
    writer, key = work.writer(graduate), work.key_of(agreement)
    return mending.agree(work.session, work.campus.vault, writer, key, saw)


def state(work: Signwork, agreement: Agreement) -> str:
    work.session.expire_all()
    return agreement.state


def refusal(refused: pytest.ExceptionInfo[RuleError]) -> str:
    return refused.value.code


def test_a_return_keeps_the_invitation_and_says_until_when(
    work: Signwork, graduate: Graduate
) -> None:
    agreement = work.returned(graduate)
    assert (agreement.state, agreement.reason) == (AgreementState.RETURNED, "薪资有误")
    assert str(agreement.due_by) == "2026-06-20 15:59:00+00:00"  # the tenth day, 23:59 in Shanghai
    invitation = work.session.scalars(select(Invitation)).one()
    assert invitation.state == InvitationState.ACCEPTED
    (told,) = work.facts("signing_result")
    assert (told["result"], told["hint"]) == ("已退回修改", "薪资有误")


def test_amended_agreed_and_passed_it_is_signed_on_the_new_terms(
    work: Signwork, graduate: Graduate
) -> None:
    agreement = work.returned(graduate)
    amend(work, agreement)
    assert state(work, agreement) == AgreementState.AMENDED
    assert agreement.terms["pay"] == "9000"  # until she agrees
    (told,) = work.facts("agreement_amended")
    assert told["deadline"] == "2026年06月15日 23:59"
    agree(work, agreement)
    assert (state(work, agreement), agreement.terms["pay"]) == (AgreementState.IN_REVIEW, "9800")
    work.at += RETRACT
    review = work.review_of(agreement)
    assert work.decide(Role.DEPARTMENT, review) == [Outcome.PASSED]
    assert work.decide(Role.SCHOOL, review) == [Outcome.PASSED]
    assert (state(work, agreement), agreement.reason) == (AgreementState.SIGNED, "")
    assert agreement.registration_id == work.versions(graduate)[0].id


def test_all_terms_that_were_proposed_are_kept(work: Signwork, graduate: Graduate) -> None:
    agreement = work.returned(graduate)
    amend(work, agreement)
    agree(work, agreement)
    kept = versions.of(work.session, agreement)
    assert [(each.number, each.terms["pay"]) for each in kept] == [(2, "9800"), (1, "9000")]
    assert all(each.agreed_at for each in kept)
    assert {each.proposed_by.partition(":")[0] for each in kept} == {"staff"}


def test_terms_other_than_she_saw_are_not_agreed_to(work: Signwork, graduate: Graduate) -> None:
    agreement = work.returned(graduate)
    old = digest(work, agreement)
    amend(work, agreement)
    with pytest.raises(RuleError) as refused:
        agree(work, agreement, old)
    assert refusal(refused) == "terms_changed"
    assert state(work, agreement) == AgreementState.AMENDED


def test_agreeing_and_amending_twice_is_once(work: Signwork, graduate: Graduate) -> None:
    agreement = work.returned(graduate)
    amend(work, agreement)
    amend(work, agreement)
    agree(work, agreement)
    agree(work, agreement)
    assert len(versions.of(work.session, agreement)) == 2
    assert len(work.messages("agreement_amended")) == 1


def test_it_can_be_returned_again_and_again(work: Signwork, graduate: Graduate) -> None:
    agreement = work.returned(graduate)
    for pay in ("9100", "9200"):
        amend(work, agreement, TERMS | {"pay": pay})
        agree(work, agreement)
        work.give_back(Role.DEPARTMENT, work.review_of(agreement), reason="再核")
    assert state(work, agreement) == AgreementState.RETURNED
    assert len(work.messages("agreement_amended")) == 2
    assert len(work.messages("signing_result")) == 3


def test_nothing_changed_is_no_amendment(work: Signwork, graduate: Graduate) -> None:
    agreement = work.returned(graduate)
    with pytest.raises(RuleError) as refused:
        amend(work, agreement, TERMS)
    assert refusal(refused) == "nothing_changed"


def test_impossible_terms_are_refused_as_in_an_invitation(
    work: Signwork, graduate: Graduate
) -> None:
    agreement = work.returned(graduate)
    with pytest.raises(Refused):
        amend(work, agreement, TERMS | {"post": "前端实习生"})
    assert state(work, agreement) == AgreementState.RETURNED


def test_what_is_not_returned_is_not_amended(work: Signwork, graduate: Graduate) -> None:
    agreement = work.accept(graduate, work.invite(graduate))
    with pytest.raises(RuleError) as refused:
        amend(work, agreement)
    assert refusal(refused) == "not_returned"


def test_another_employer_amends_nothing(work: Signwork, graduate: Graduate) -> None:
    agreement = work.returned(graduate)
    other = work.recruiter(OTHER_CODE)
    with pytest.raises(NotFound):
        mending.amend(work.session, other, work.key_of(agreement), BETTER, work.at)


def test_she_sends_it_untouched_where_the_reason_was_hers(
    work: Signwork, graduate: Graduate
) -> None:
    agreement = work.returned(graduate)
    for _ in range(2):
        mending.resubmit(
            work.session, work.campus.vault, work.writer(graduate), work.key_of(agreement)
        )
    assert state(work, agreement) == AgreementState.IN_REVIEW
    assert agreement.due_by is None
    assert len(versions.of(work.session, agreement)) == 1
    work.at += RETRACT
    review = work.review_of(agreement)
    assert work.decide(Role.DEPARTMENT, review) == [Outcome.PASSED]
    assert work.decide(Role.SCHOOL, review) == [Outcome.PASSED]


def test_sent_untouched_it_is_signed_on_the_day_she_agreed_last(
    work: Signwork, graduate: Graduate
) -> None:
    agreement = work.returned(graduate)
    work.at += timedelta(days=2)
    amend(work, agreement)
    agree(work, agreement)
    agreed_on = work.review_of(agreement).values["signed_on"]
    work.give_back(Role.DEPARTMENT, work.review_of(agreement), reason="再核")
    work.at += timedelta(days=1)
    mending.resubmit(work.session, work.campus.vault, work.writer(graduate), work.key_of(agreement))
    assert work.review_of(agreement).values["signed_on"] == agreed_on == "2026-06-12"


@pytest.mark.parametrize("by_her", [True, False])
def test_giving_up_twice_is_once(work: Signwork, graduate: Graduate, *, by_her: bool) -> None:
    agreement = work.returned(graduate)
    key, who, writer = work.key_of(agreement), work.recruiter(), work.writer(graduate)

    def give_up(why: str) -> None:
        if by_her:
            mending.give_up(work.session, writer, key, why)
        else:
            mending.give_up_by_employer(work.session, who, key, why, work.at)

    give_up("另有安排")
    give_up("另有安排")
    with pytest.raises(RuleError) as refused:
        give_up("别的原因")
    assert refusal(refused) == "not_returned"
    assert [each["result"] for each in work.facts("signing_result")] == ["已退回修改", "未签成"]


def test_either_gives_it_up(work: Signwork, graduate: Graduate) -> None:
    first = work.returned(graduate)
    mending.give_up(work.session, work.writer(graduate), work.key_of(first), "另有安排")
    assert (state(work, first), first.reason) == (AgreementState.FAILED, "本人放弃：另有安排")
    second = work.returned(graduate)
    amend(work, second)
    who, key = work.recruiter(), work.key_of(second)
    mending.give_up_by_employer(work.session, who, key, "岗位取消", work.at)
    assert (state(work, second), second.reason) == (AgreementState.FAILED, "单位放弃：岗位取消")
    assert work.review_of(second).closed_at is not None
    assert [each["result"] for each in work.facts("signing_result")] == [
        *("已退回修改", "未签成", "已退回修改", "未签成")
    ]
    assert work.accept(graduate, work.invite(graduate)).state == AgreementState.IN_REVIEW


@pytest.mark.parametrize("reason", ["逾期未修改", "逾期未确认修改"])
def test_the_clock_ends_what_is_not_mended(work: Signwork, graduate: Graduate, reason: str) -> None:
    agreement = work.returned(graduate)
    if reason == "逾期未确认修改":
        amend(work, agreement)
    work.session.expire_all()
    last = agreement.due_by
    assert last is not None
    assert signing_deadlines.lapse(work.session, last - timedelta(seconds=1)) == 0
    assert signing_deadlines.lapse(work.session, last) == 1
    assert signing_deadlines.lapse(work.session, last) == 0
    assert (state(work, agreement), agreement.reason) == (AgreementState.FAILED, reason)
    assert work.review_of(agreement).state == "discarded"
    assert work.facts("signing_result")[-1]["result"] == "未签成"


def test_a_step_after_its_last_moment_is_late(work: Signwork, graduate: Graduate) -> None:
    agreement = work.returned(graduate)
    assert agreement.due_by is not None
    begun, work.at = work.at, agreement.due_by
    with pytest.raises(RuleError) as refused:
        amend(work, agreement)
    assert refusal(refused) == "mended_late"
    work.at = begun
    amend(work, agreement)
    work.session.expire_all()
    work.at = agreement.due_by
    with pytest.raises(RuleError) as refused:
        agree(work, agreement)
    assert refusal(refused) == "mended_late"


def test_a_day_before_she_is_reminded_once(work: Signwork, graduate: Graduate) -> None:
    agreement = work.returned(graduate)
    assert agreement.due_by is not None
    day_before = agreement.due_by - timedelta(hours=24)
    assert signing_deadlines.remind(work.session, day_before - timedelta(seconds=1)) == 0
    assert signing_deadlines.remind(work.session, day_before) == 1
    assert signing_deadlines.remind(work.session, day_before) == 0
    work.at = day_before
    amend(work, agreement)
    work.session.expire_all()
    assert signing_deadlines.remind(work.session, agreement.due_by - timedelta(hours=1)) == 1
    hints = [each["hint"] for each in work.facts("signing_reminder")]
    assert hints == ["协议即将到期，请联系单位修改", "协议即将到期，请核对后同意或放弃"]


def test_a_suspended_employer_amends_nothing(work: Signwork, graduate: Graduate) -> None:
    agreement = work.returned(graduate)
    work.suspend()
    with pytest.raises(RuleError) as refused:
        amend(work, agreement)
    assert refusal(refused) == "not_qualified"


def test_more_end_at_once_than_a_statement_has_parameters(
    work: Signwork, graduate: Graduate
) -> None:
    agreement = work.returned(graduate)
    many = [agreement.id, *range(1_000_000, 1_070_000)]
    agreement_ends.tell(work.session, AgreementEvent.STOP, many, "学校已合并", work.at)
    assert work.facts("signing_result")[-1]["result"] == "已停止"
    reviews = [agreement.application_id, *range(1_000_000, 1_070_000)]
    application_moves.stop(work.session, reviews, "clock", "学校已合并", work.at)
    assert work.review_of(agreement).state == "discarded"
