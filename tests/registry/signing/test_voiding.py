"""A sham agreement is voided by two of the school, and the destination it wrote with it."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from notifier.campaigns import signing_deadlines
from registry.accounts.tables import Role, Staff
from registry.base.errors import NotFound, RuleError
from registry.record.own_record import graduate_afresh
from registry.record.tables import Graduate, Source
from registry.review.decisions import Outcome
from registry.signing import voiding
from registry.signing.states import AgreementState, VoidingState
from registry.signing.tables import Agreement, Voiding
from registry.signing.voiding import GOOD_FOR
from tests.registry.signing.signwork import Signwork

WHY = "单位证实未与该生签约"


@pytest.fixture
def two(work: Signwork) -> tuple[Staff, Staff]:
    """Two administrators whose accounts are older than a day."""
    found = (work.campus.staff(Role.SCHOOL), work.campus.staff(Role.SCHOOL))
    for each in found:
        each.created_at = work.at - timedelta(days=2)
    work.session.flush()
    return found


def void(work: Signwork, agreement: Agreement, two: tuple[Staff, Staff]) -> None:
    voiding.ask(work.session, two[0], agreement.key, WHY, work.at)
    voiding.confirm(work.session, two[1], agreement.key, work.at)
    work.session.expire_all()


def refusal(refused: pytest.ExceptionInfo[RuleError]) -> str:
    return refused.value.code


def test_a_signed_one_is_void_with_its_destination(
    work: Signwork, graduate: Graduate, two: tuple[Staff, Staff]
) -> None:
    agreement = work.sign(graduate)
    void(work, agreement, two)
    assert (agreement.state, agreement.reason) == (AgreementState.VOIDED, WHY)
    her = graduate_afresh(work.session, graduate.id)
    assert (her.registration_id, her.confirmation) == (None, "not_reported")
    assert len(work.versions(graduate)) == 1  # kept
    told = work.facts("signing_result")[-1]
    assert (told["result"], told["hint"]) == ("已作废", WHY)
    assert work.accept(graduate, work.invite(graduate)).state == AgreementState.IN_REVIEW


def test_a_destination_registered_meanwhile_stands(
    work: Signwork, graduate: Graduate, two: tuple[Staff, Staff]
) -> None:
    agreement = work.sign(graduate)
    her = graduate_afresh(work.session, graduate.id)
    work.campus.report(her, Source.PROVINCE_INTERFACE, category="70")
    void(work, agreement, two)
    assert agreement.state == AgreementState.VOIDED
    (_, newest) = work.versions(graduate)
    assert graduate_afresh(work.session, graduate.id).registration_id == newest.id


def test_one_in_review_or_being_mended_is_void_with_its_review(
    work: Signwork, graduate: Graduate, two: tuple[Staff, Staff]
) -> None:
    agreement = work.accept(graduate, work.invite(graduate))
    void(work, agreement, two)
    assert agreement.state == AgreementState.VOIDED
    review = work.review_of(agreement)
    assert review.state == "discarded"
    assert work.decide(Role.DEPARTMENT, review) == [Outcome.CHANGED_MEANWHILE]
    mended = work.returned(graduate)
    void(work, mended, two)
    assert (mended.state, mended.due_by) == (AgreementState.VOIDED, None)


def test_nobody_confirms_their_own_request(
    work: Signwork, graduate: Graduate, two: tuple[Staff, Staff]
) -> None:
    agreement = work.sign(graduate)
    voiding.ask(work.session, two[0], agreement.key, WHY, work.at)
    for deed in (voiding.confirm, voiding.refuse):
        with pytest.raises(RuleError) as refused:
            deed(work.session, two[0], agreement.key, work.at)
        assert refusal(refused) == "own_request"


def test_an_account_made_for_it_does_not_confirm(
    work: Signwork, graduate: Graduate, two: tuple[Staff, Staff]
) -> None:
    agreement = work.sign(graduate)
    voiding.ask(work.session, two[0], agreement.key, WHY, work.at)
    two[1].created_at = work.at - timedelta(hours=23)
    with pytest.raises(RuleError) as refused:
        voiding.confirm(work.session, two[1], agreement.key, work.at)
    assert refusal(refused) == "account_too_new"


def test_one_request_waits_at_a_time(
    work: Signwork, graduate: Graduate, two: tuple[Staff, Staff]
) -> None:
    agreement = work.sign(graduate)
    voiding.ask(work.session, two[0], agreement.key, WHY, work.at)
    with pytest.raises(RuleError) as refused:
        voiding.ask(work.session, two[1], agreement.key, WHY, work.at)
    assert refusal(refused) == "voiding_waits"


def test_not_agreed_to_or_taken_back_it_stands(
    work: Signwork, graduate: Graduate, two: tuple[Staff, Staff]
) -> None:
    agreement = work.sign(graduate)
    voiding.ask(work.session, two[0], agreement.key, WHY, work.at)
    voiding.refuse(work.session, two[1], agreement.key, work.at)
    voiding.ask(work.session, two[0], agreement.key, WHY, work.at)
    voiding.withdraw(work.session, two[0], agreement.key, work.at)
    with pytest.raises(RuleError) as refused:
        voiding.confirm(work.session, two[1], agreement.key, work.at)
    assert refusal(refused) == "voiding_over"
    work.session.expire_all()
    assert agreement.state == AgreementState.SIGNED
    named = voiding.of_agreement(work.session, agreement)
    assert [each.row.state for each in named] == [VoidingState.WITHDRAWN, VoidingState.REFUSED]


def test_a_request_nobody_confirms_lapses(
    work: Signwork, graduate: Graduate, two: tuple[Staff, Staff]
) -> None:
    agreement = work.sign(graduate)
    voiding.ask(work.session, two[0], agreement.key, WHY, work.at)
    late = work.at + GOOD_FOR
    with pytest.raises(RuleError) as refused:
        voiding.confirm(work.session, two[1], agreement.key, late)
    assert refusal(refused) == "voiding_over"
    signing_deadlines.lapse(work.session, late)
    work.session.expire_all()
    assert work.session.scalars(select(Voiding.state)).one() == VoidingState.LAPSED


def test_what_the_province_has_filed_is_not_void(
    work: Signwork, graduate: Graduate, two: tuple[Staff, Staff]
) -> None:
    agreement = work.sign(graduate)
    voiding.ask(work.session, two[0], agreement.key, WHY, work.at)
    work.file(graduate)
    with pytest.raises(RuleError) as refused:
        voiding.confirm(work.session, two[1], agreement.key, work.at)
    assert refusal(refused) == "locked_by_province"
    assert agreement.state == AgreementState.SIGNED


def test_what_is_over_is_not_void(
    work: Signwork, graduate: Graduate, two: tuple[Staff, Staff]
) -> None:
    agreement = work.accept(graduate, work.invite(graduate))
    work.decline(Role.DEPARTMENT, agreement)
    with pytest.raises(RuleError) as refused:
        voiding.ask(work.session, two[0], agreement.key, WHY, work.at)
    assert refusal(refused) == "agreement_over"


def test_another_school_finds_no_agreement(work: Signwork, graduate: Graduate) -> None:
    agreement = work.sign(graduate)
    with pytest.raises(NotFound):
        voiding.find(work.session, work.campus.school.id + 1, agreement.key)
