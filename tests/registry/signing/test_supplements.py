"""A supplement to what is signed: proposed, agreed to or not, and what it leaves as it is."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from notifier.campaigns import signing_deadlines
from registry.accounts.school_tables import School
from registry.accounts.staff_notices import NoticeKind
from registry.accounts.tables import Role, StaffNotice
from registry.base.errors import NotFound, RuleError
from registry.record.own_record import graduate_afresh
from registry.record.tables import Graduate
from registry.record.validation import Refused
from registry.review.application_moves import Writer
from registry.signing import (
    employer_stops,
    employers,
    fulfilment,
    listing,
    supplementing,
    terminating,
    versions,
    voiding,
)
from registry.signing.listing import NewListing
from registry.signing.states import AgreementState
from registry.signing.supplement_states import SupplementState
from registry.signing.supplement_tables import Supplement
from registry.signing.terminating import TerminationRequest
from registry.upkeep import erase
from tests import pdf_reading
from tests.registry.review.at_once import after_another
from tests.registry.signing.signwork import OTHER_CODE, TERMS, Signwork
from tests.registry.signing.termwork import LETTER, Signed, sign
from tests.registry.signing.test_employers import DOCUMENT
from tests.registry.signing.test_paper import looked_up, printed
from tests.registry.signing.test_races import Deed

BETTER = TERMS | {"pay": "9800"}
BUSINESS = TerminationRequest("consent", "business", "岗位撤销")


@pytest.fixture
def signed(work: Signwork, graduate: Graduate) -> Signed:
    found = sign(work, graduate)
    work.at += timedelta(days=30)
    return found


def propose(signed: Signed, said: dict[str, str] = BETTER, why: str = "转岗调薪") -> Supplement:
    key, at = signed.invitation_key, signed.work.at
    return supplementing.propose(signed.session, signed.staff, key, said, why, at)


def agree(signed: Signed, found: Supplement, digest: str = "") -> Supplement:
    her = signed.work.writer(signed.graduate_now())
    return supplementing.agree(signed.session, her, found.key, digest or found.digest)


def now(signed: Signed, found: Supplement) -> Supplement:
    return signed.session.get_one(Supplement, found.id, populate_existing=True)


def test_what_both_agree_to_is_a_version_under_the_same_number(signed: Signed) -> None:
    before, number = looked_up(signed.work, signed.agreement).digest, printed_number(signed)
    destination = signed.graduate_now().registration_id
    agree(signed, propose(signed))
    agreement = signed.agreement_now()
    assert (agreement.state, agreement.terms["pay"]) == (AgreementState.SIGNED, "9800")
    assert len(versions.of(signed.session, agreement)) == 2
    assert signed.graduate_now().registration_id == destination
    shown = looked_up(signed.work, agreement)
    assert shown.supplemented_at == signed.work.at
    assert shown.digest != before
    words = pdf_reading.words_of(printed(signed.work, agreement))
    assert number in words
    assert "9,800元（税前）" in words
    assert words.index("学校鉴证2026") < words.index("甲方提出补充协议")


def printed_number(signed: Signed) -> str:
    return looked_up(signed.work, signed.agreement).number


def test_only_terms_that_no_registration_says_change(signed: Signed) -> None:
    said = BETTER | {"job_class": "14", "takes_file": "yes", "file_unit": "别处"}
    found = propose(signed, said)
    assert (found.terms["job_class"], found.terms["takes_file"]) == ("13", "no")
    assert "file_unit" not in found.terms


def test_terms_are_checked_as_those_of_an_invitation(signed: Signed) -> None:
    with pytest.raises(Refused) as refused:
        propose(signed, TERMS | {"pay": "很多"})
    assert [each.field for each in refused.value.problems] == ["pay"]


@pytest.mark.parametrize(
    ("said", "why", "code"),
    [(TERMS, "无变化", "nothing_changed"), (BETTER, "", "why_missing")],
)
def test_a_proposal_says_what_changes_and_why(
    signed: Signed, said: dict[str, str], why: str, code: str
) -> None:
    with pytest.raises(RuleError) as refused:
        propose(signed, said, why)
    assert refused.value.code == code


def test_proposed_twice_is_once_and_another_has_to_wait(signed: Signed) -> None:
    assert propose(signed).id == propose(signed).id
    with pytest.raises(RuleError) as refused:
        propose(signed, TERMS | {"pay": "9900"})
    assert refused.value.code == "supplement_open"


def test_agreed_to_twice_is_once(signed: Signed) -> None:
    found = propose(signed)
    assert agree(signed, found).id == agree(signed, found).id
    assert len(versions.of(signed.session, signed.agreement)) == 2


def test_she_agrees_to_what_she_saw(signed: Signed) -> None:
    found = propose(signed)
    with pytest.raises(RuleError) as refused:
        agree(signed, found, "0" * 64)
    assert refused.value.code == "terms_changed"


def test_what_she_refuses_leaves_the_agreement_as_it_is(signed: Signed) -> None:
    found = propose(signed)
    her = signed.work.writer(signed.graduate_now())
    for _ in range(2):
        supplementing.refuse(signed.session, her, found.key, "薪资低于原约定")
    assert now(signed, found).state == SupplementState.REFUSED
    assert signed.agreement_now().terms["pay"] == TERMS["pay"]
    with pytest.raises(RuleError):
        agree(signed, found)


def test_what_is_not_answered_lapses(signed: Signed) -> None:
    found = propose(signed)
    signed.work.at = found.answer_by
    with pytest.raises(RuleError) as refused:
        agree(signed, found)
    assert refused.value.code == "answered_late"
    assert signing_deadlines.lapse(signed.session, signed.work.at) == 1
    assert now(signed, found).state == SupplementState.LAPSED
    assert signed.work.facts("signing_result")[-1]["result"] == "已失效"
    kind = StaffNotice.kind == NoticeKind.SUPPLEMENT_ANSWERED
    assert signed.session.scalars(select(StaffNotice.staff_id).where(kind)).all()


def test_she_is_reminded_once_within_the_last_day(signed: Signed) -> None:
    found, session = propose(signed), signed.session
    day_before = found.answer_by - timedelta(days=1)
    assert signing_deadlines.remind(session, day_before - timedelta(seconds=1)) == 0
    assert signing_deadlines.remind(session, day_before) == 1
    assert signing_deadlines.remind(session, day_before) == 0
    said = signed.work.facts("signing_reminder")[-1]
    assert said["hint"] == "补充协议即将到期，请核对后答复"


def test_she_is_told_of_a_proposal_and_of_one_taken_back(signed: Signed) -> None:
    propose(signed)
    assert signed.work.facts("agreement_amended")[-1]["hint"] == "单位提出补充协议，请核对后答复"
    key, at = signed.invitation_key, signed.work.at
    supplementing.withdraw(signed.session, signed.staff, key, at)
    assert signed.work.facts("signing_result")[-1]["result"] == "单位已撤回"


def test_none_is_signed_while_a_termination_is_under_way(signed: Signed) -> None:
    found = propose(signed)
    request = signed.ask(signed.her)
    with pytest.raises(RuleError) as refused:
        agree(signed, found)
    assert refused.value.code == "termination_open"
    terminating.withdraw(signed.session, signed.her, request.key)
    assert agree(signed, found).state == SupplementState.AGREED


def test_an_agreement_that_ends_takes_its_proposal_along(signed: Signed) -> None:
    found = propose(signed)
    signed.decide(signed.ask(signed.her, LETTER, signed.proof()))
    assert now(signed, found).state == SupplementState.OVERTAKEN


def test_a_sham_that_is_voided_takes_its_proposal_along(signed: Signed) -> None:
    found, work = propose(signed), signed.work
    one, other = (work.campus.staff(Role.SCHOOL) for _ in range(2))
    other.created_at = work.at - timedelta(days=2)
    voiding.ask(signed.session, one, signed.agreement.key, "虚假签约", work.at)
    voiding.confirm(signed.session, other, signed.agreement.key, work.at)
    assert now(signed, found).state == SupplementState.OVERTAKEN


def test_what_is_over_by_the_clock_takes_its_proposal_along(signed: Signed) -> None:
    signed.work.at = datetime(2027, 3, 30, 2, tzinfo=UTC)
    found = propose(signed)
    assert fulfilment.fulfil(signed.session, datetime(2027, 3, 31, 16, tzinfo=UTC)) == 1
    assert now(signed, found).state == SupplementState.OVERTAKEN


def test_who_proposes_again_and_again_is_stopped(signed: Signed) -> None:
    key, at = signed.invitation_key, signed.work.at
    for pay in range(supplementing.MOST_PROPOSED):
        propose(signed, TERMS | {"pay": str(9100 + pay)})
        supplementing.withdraw(signed.session, signed.staff, key, at)
    with pytest.raises(RuleError) as refused:
        propose(signed)
    assert refused.value.code == "too_many_supplements"


def test_erasing_her_erases_her_supplements(signed: Signed) -> None:
    agree(signed, propose(signed))
    propose(signed, TERMS | {"pay": "9900"})
    erase.delete_records(signed.session, [signed.graduate.id])
    assert signed.session.scalars(select(Supplement)).all() == []


def test_what_is_not_signed_has_no_supplement(work: Signwork, graduate: Graduate) -> None:
    staff = work.recruiter()
    agreement = work.accept(graduate, work.invite(graduate, staff))
    key = work.key_of(agreement)
    with pytest.raises(RuleError) as refused:
        supplementing.propose(work.session, staff, key, BETTER, "调薪", work.at)
    assert refused.value.code == "not_signed"


def test_a_suspended_employer_proposes_nothing(signed: Signed) -> None:
    signed.work.suspend()
    with pytest.raises(RuleError) as refused:
        propose(signed)
    assert refused.value.code == "not_qualified"


def suspends(signed: Signed) -> None:
    signed.work.suspend()


def lists(signed: Signed) -> None:
    work, wanted = signed.work, NewListing("虚假招聘", date(2027, 5, 31), DOCUMENT)
    staff, employer = work.campus.staff(Role.PROVINCE), work.campus.employer()
    listing.add(work.session, work.campus.vault, staff, employer, wanted, work.at)


@pytest.mark.parametrize("stop", [suspends, lists])
def test_an_employer_that_may_not_sign_any_more_has_no_proposal_open(
    signed: Signed, stop: Callable[[Signed], None]
) -> None:
    found = propose(signed)
    stop(signed)
    assert now(signed, found).state == SupplementState.CANCELLED
    with pytest.raises(RuleError) as refused:
        agree(signed, found)
    assert (refused.value.code, refused.value.sentence) == (
        "supplement_over",
        "这份补充协议已停止，不能再办理。",
    )
    assert signed.agreement_now().terms["pay"] == TERMS["pay"]
    said = signed.work.facts("signing_result")[-1]
    assert (said["result"], said["hint"]) == ("已停止", "单位签约资格已暂停，原条款不变")
    kind = StaffNotice.kind == NoticeKind.SUPPLEMENT_ANSWERED
    assert signed.session.scalars(select(StaffNotice.staff_id).where(kind)).all()


def test_what_another_employer_or_school_has_open_goes_on(signed: Signed) -> None:
    work = signed.work
    other = sign(work, work.campus.graduate("周海", identity_index="another"), OTHER_CODE)
    theirs, here = propose(other), propose(signed)
    elsewhere = work.another_school()
    stops = employer_stops.SUSPENDED
    for school, kept in ((elsewhere, SupplementState.PROPOSED), (None, SupplementState.CANCELLED)):
        where = School.id == (school or work.campus.school).id
        employer_stops.stop_open(work.session, signed.staff.employer_id or 0, where, stops, work.at)
        assert now(signed, here).state == kept
    assert now(other, theirs).state == SupplementState.PROPOSED


def test_nobody_else_reaches_a_supplement(signed: Signed) -> None:
    found = propose(signed)
    other = signed.work.campus.graduate("周海", identity_index="another person")
    with pytest.raises(NotFound):
        supplementing.find(signed.session, other, found.key)
    stranger = signed.work.recruiter("91370200MA3C0TUX7C")
    with pytest.raises(NotFound):
        supplementing.withdraw(signed.session, stranger, signed.invitation_key, signed.work.at)


def agreeing(signed: Signed, found: Supplement) -> Deed:
    her, key, digest = Writer(signed.graduate_now(), signed.work.at), found.key, found.digest
    return lambda session: supplementing.agree(session, her, key, digest).state


def withdrawing(signed: Signed) -> Deed:
    staff, key, at = signed.staff, signed.invitation_key, signed.work.at
    return lambda session: supplementing.withdraw(session, staff, key, at)


def suspending(signed: Signed) -> Deed:
    staff, work = signed.work.staff(Role.SCHOOL), signed.work
    school, employer, at = work.campus.school.id, work.campus.employer().key, work.at

    def suspend(session: Session) -> bool:
        found = employers.find(session, school, employer)
        return employers.suspend(session, staff, found, "核查", at)

    return suspend


@pytest.mark.parametrize("agreed_first", [True, False])
def test_agreed_to_while_the_employer_is_suspended_the_first_holds(
    signed: Signed, sessions: sessionmaker[Session], *, agreed_first: bool
) -> None:
    found = propose(signed)
    deeds = [agreeing(signed, found), suspending(signed)]
    signed.work.campus.save()
    first, second = deeds if agreed_first else deeds[::-1]
    assert after_another(sessions, first, second) == (True if agreed_first else "supplement_over")
    state = SupplementState.AGREED if agreed_first else SupplementState.CANCELLED
    assert now(signed, found).state == state


@pytest.mark.parametrize("proposed_first", [True, False])
def test_proposed_while_the_employer_is_suspended_nothing_stays_open(
    signed: Signed, sessions: sessionmaker[Session], *, proposed_first: bool
) -> None:
    staff, key, at = signed.staff, signed.invitation_key, signed.work.at

    def proposing(session: Session) -> str:
        return supplementing.propose(session, staff, key, BETTER, "转岗调薪", at).state

    deeds = [proposing, suspending(signed)]
    signed.work.campus.save()
    first, second = deeds if proposed_first else deeds[::-1]
    assert after_another(sessions, first, second) == (True if proposed_first else "not_qualified")
    states = signed.session.scalars(select(Supplement.state)).all()
    assert states == ([SupplementState.CANCELLED] if proposed_first else [])


def asking(signed: Signed) -> Deed:
    side, key = signed.her, signed.invitation_key
    asked = TerminationRequest("consent", "family", "需照顾家人")
    return lambda session: terminating.ask(session, side, key, asked).state


@pytest.mark.parametrize("agreed_first", [True, False])
def test_agreed_to_and_taken_back_the_first_holds(
    signed: Signed, sessions: sessionmaker[Session], *, agreed_first: bool
) -> None:
    found = propose(signed)
    deeds = [agreeing(signed, found), withdrawing(signed)]
    signed.work.campus.save()
    first, second = deeds if agreed_first else deeds[::-1]
    assert after_another(sessions, first, second) == "supplement_over"
    state = SupplementState.AGREED if agreed_first else SupplementState.WITHDRAWN
    assert now(signed, found).state == state


def test_agreed_to_while_a_termination_is_asked_for(
    signed: Signed, sessions: sessionmaker[Session]
) -> None:
    found = propose(signed)
    first, second = asking(signed), agreeing(signed, found)
    signed.work.campus.save()
    assert after_another(sessions, first, second) == "termination_open"
    her = graduate_afresh(signed.session, signed.graduate.id)
    assert her.registration_id is not None
    assert now(signed, found).state == SupplementState.PROPOSED
