"""Two at the same moment over one agreement: returned, mended, voided, corrected, ended."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session, sessionmaker

from registry.accounts.tables import Role, Staff
from registry.base.errors import RuleError
from registry.record.registration import Origin, Proposal, record
from registry.record.tables import Graduate, Source
from registry.review import decide, decisions
from registry.review.application_moves import Writer
from registry.review.decisions import Decision, Outcome, Verdict
from registry.review.ended import RecordDecision, end
from registry.review.seasons import season, set_season
from registry.signing import agreement_ends, employer_standing, mending, versions, voiding
from registry.signing.states import AgreementState
from registry.signing.tables import Agreement
from tests.registry.review.at_once import after_another
from tests.registry.review.casework import SEEKING
from tests.registry.signing.signwork import RETRACT, TERMS, Signwork
from tests.registry.signing.test_races import Deed, accepting, live, passing, suspending

BETTER = TERMS | {"pay": "9800"}


def state(work: Signwork, agreement: Agreement) -> str:
    work.session.expire_all()
    return agreement.state


def deciding(work: Signwork, role: Role, agreement: Agreement, decision: Decision) -> Deed:
    review = work.review_of(agreement)
    seen, verdict = {review.key: review.revision}, Verdict(decision, "薪资有误")
    who, scope, at = decisions.reviewer(work.staff(role)), work.scope(role), work.at
    return lambda session: decide.decide(session, scope, who, seen, verdict, at)[review.key]


def amending(work: Signwork, staff: Staff, agreement: Agreement, pay: str = "9800") -> Deed:
    key, at, said = work.key_of(agreement), work.at, TERMS | {"pay": pay}
    return lambda session: mending.amend(session, staff, key, said, at)


def agreeing(work: Signwork, graduate: Graduate, agreement: Agreement) -> Deed:
    writer, vault, key = Writer(graduate, work.at), work.campus.vault, work.key_of(agreement)
    digest = versions.newest(work.session, agreement).digest
    return lambda session: mending.agree(session, vault, writer, key, digest)


def giving_up(work: Signwork, graduate: Graduate, agreement: Agreement) -> Deed:
    writer, key = Writer(graduate, work.at), work.key_of(agreement)
    return lambda session: mending.give_up(session, writer, key, "另有安排")


def giving_up_as_employer(work: Signwork, staff: Staff, agreement: Agreement) -> Deed:
    key, at = work.key_of(agreement), work.at
    return lambda session: mending.give_up_by_employer(session, staff, key, "岗位取消", at)


def importing(work: Signwork, graduate: Graduate) -> Deed:
    origin = Origin(work.campus.school.id, Source.NATIONAL, "", "学校", "system", work.at)
    proposal = Proposal(graduate.id, {"category": "70", "file_type": "转回生源地"})
    return lambda session: record(session, origin, [proposal]).reported


def ending(work: Signwork, graduate: Graduate) -> Deed:
    decision = RecordDecision(work.staff(Role.SCHOOL), "已退学", work.at, "left")
    scope, key = work.campus.scope, graduate.key
    return lambda session: end(session, scope, key, decision)


def confirming(work: Signwork, agreement: Agreement) -> tuple[Deed, Deed]:
    """Have an agreement asked to be voided; return two who confirm it."""
    one, *others = (work.campus.staff(Role.SCHOOL) for _ in range(3))
    for each in others:
        each.created_at = work.at - timedelta(days=2)
    voiding.ask(work.session, one, agreement.key, "单位证实未签约", work.at)
    at, key = work.at, agreement.key

    def by(staff: Staff) -> Deed:
        return lambda session: voiding.confirm(session, staff, key, at)

    return by(others[0]), by(others[1])


@pytest.fixture
def staff(work: Signwork) -> Staff:
    return work.recruiter()


@pytest.fixture
def returned(work: Signwork, graduate: Graduate, staff: Staff) -> Agreement:
    return work.returned(graduate, staff)


@pytest.fixture
def amended(work: Signwork, staff: Staff, returned: Agreement) -> Agreement:
    mending.amend(work.session, staff, work.key_of(returned), BETTER, work.at)
    work.session.expire_all()
    return returned


@pytest.fixture
def passable(work: Signwork, graduate: Graduate) -> Agreement:
    """Go as far as the school's last word, which may be given now."""
    agreement = work.accept(graduate, work.invite(graduate))
    work.at += RETRACT
    work.decide(Role.DEPARTMENT, work.review_of(agreement))
    return agreement


def test_accepted_before_the_employer_is_suspended_it_is_reviewed_with_a_warning(
    work: Signwork, sessions: sessionmaker[Session], graduate: Graduate
) -> None:
    invitation = work.invite(graduate)
    suspend, first = suspending(work), accepting(work, graduate, invitation)
    work.campus.save()
    assert after_another(sessions, first, suspend) is True
    assert live(work) == 1
    school, employer = work.campus.school.id, work.campus.employer().id
    (warning,) = employer_standing.warnings(work.session, employer, school, work.at)
    assert "已暂停该单位签约" in warning


def test_her_record_is_ended_while_she_accepts(
    work: Signwork, sessions: sessionmaker[Session], graduate: Graduate
) -> None:
    invitation = work.invite(graduate)
    first, second = ending(work, graduate), accepting(work, graduate, invitation)
    work.campus.save()
    assert after_another(sessions, first, second) == "record_ended"
    assert live(work) == 0


def test_she_accepts_while_her_record_is_ended(
    work: Signwork, sessions: sessionmaker[Session], graduate: Graduate
) -> None:
    invitation = work.invite(graduate)
    first, second = accepting(work, graduate, invitation), ending(work, graduate)
    work.campus.save()
    after_another(sessions, first, second)
    assert [each.state for each in work.agreements()] == [AgreementState.FAILED]


def test_a_season_that_has_closed_accepts_nothing(work: Signwork, graduate: Graduate) -> None:
    invitation = work.invite(graduate)
    rules = season(work.session, work.campus.school.id, graduate.year)
    closed = replace(rules, closes_on=(work.at - timedelta(days=1)).date())
    set_season(work.session, work.campus.school.id, closed, "staff:x", work.at)
    with pytest.raises(RuleError) as refused:
        work.accept(graduate, invitation)
    assert refused.value.code == "season_closed"
    assert live(work) == 0


def test_amended_while_she_gives_it_up(
    work: Signwork,
    sessions: sessionmaker[Session],
    graduate: Graduate,
    staff: Staff,
    returned: Agreement,
) -> None:
    first, second = amending(work, staff, returned), giving_up(work, graduate, returned)
    work.campus.save()
    after_another(sessions, first, second)
    assert state(work, returned) == AgreementState.FAILED  # given up after it was amended


def test_given_up_while_it_is_amended(
    work: Signwork,
    sessions: sessionmaker[Session],
    graduate: Graduate,
    staff: Staff,
    returned: Agreement,
) -> None:
    first, second = giving_up(work, graduate, returned), amending(work, staff, returned)
    work.campus.save()
    assert after_another(sessions, first, second) == "not_returned"
    assert state(work, returned) == AgreementState.FAILED


def test_two_of_an_employer_amend_it_once(
    work: Signwork, sessions: sessionmaker[Session], staff: Staff, returned: Agreement
) -> None:
    first, second = amending(work, staff, returned), amending(work, staff, returned, "9700")
    work.campus.save()
    assert after_another(sessions, first, second) == "not_returned"
    assert len(versions.of(work.session, returned)) == 2


@pytest.mark.parametrize(
    ("agreed_first", "stands"), [(True, AgreementState.IN_REVIEW), (False, AgreementState.FAILED)]
)
def test_agreed_to_and_given_up_by_the_employer_the_first_holds(
    work: Signwork,
    sessions: sessionmaker[Session],
    graduate: Graduate,
    staff: Staff,
    amended: Agreement,
    *,
    agreed_first: bool,
    stands: AgreementState,
) -> None:
    deeds = [agreeing(work, graduate, amended), giving_up_as_employer(work, staff, amended)]
    first, second = deeds if agreed_first else reversed(deeds)
    work.campus.save()
    assert after_another(sessions, first, second) == "not_returned"
    assert state(work, amended) == stands


def test_agreed_to_while_the_clock_ends_it(
    work: Signwork, sessions: sessionmaker[Session], graduate: Graduate, amended: Agreement
) -> None:
    over = amended.due_by
    assert over is not None
    first = agreeing(work, graduate, amended)
    work.campus.save()
    assert after_another(sessions, first, lapsing(over)) == 0
    assert state(work, amended) == AgreementState.IN_REVIEW


def test_ended_by_the_clock_while_she_agrees(
    work: Signwork, sessions: sessionmaker[Session], graduate: Graduate, amended: Agreement
) -> None:
    over = amended.due_by
    assert over is not None
    second = agreeing(work, graduate, amended)
    work.campus.save()
    assert after_another(sessions, lapsing(over), second) == "not_returned"
    assert state(work, amended) == AgreementState.FAILED


def lapsing(at: datetime) -> Callable[[Session], int]:
    return lambda session: agreement_ends.lapse(session, at)


def test_the_same_agreement_said_twice_is_one(
    work: Signwork, sessions: sessionmaker[Session], graduate: Graduate, amended: Agreement
) -> None:
    tap = agreeing(work, graduate, amended)
    work.campus.save()
    came = after_another(sessions, tap, tap)
    assert isinstance(came, Agreement)
    assert state(work, amended) == AgreementState.IN_REVIEW


@pytest.mark.parametrize("second", [Decision.RETURN, Decision.DECLINE])
def test_of_two_reviewers_the_first_decides(
    work: Signwork, sessions: sessionmaker[Session], passable: Agreement, second: Decision
) -> None:
    first = deciding(work, Role.SCHOOL, passable, Decision.PASS)
    later = deciding(work, Role.SCHOOL, passable, second)
    work.campus.save()
    assert after_another(sessions, first, later) is Outcome.CHANGED_MEANWHILE
    assert state(work, passable) == AgreementState.SIGNED


def test_returned_while_it_is_passed(
    work: Signwork, sessions: sessionmaker[Session], graduate: Graduate, passable: Agreement
) -> None:
    first = deciding(work, Role.SCHOOL, passable, Decision.RETURN)
    later = passing(work, passable)
    work.campus.save()
    assert after_another(sessions, first, later) is Outcome.CHANGED_MEANWHILE
    assert state(work, passable) == AgreementState.RETURNED
    assert work.versions(graduate) == []


def test_filed_by_the_province_before_it_is_passed(work: Signwork, graduate: Graduate) -> None:
    work.register(graduate, SEEKING)
    passable = work.accept(graduate, work.invite(graduate))
    work.at += RETRACT
    work.decide(Role.DEPARTMENT, work.review_of(passable))
    work.file(graduate)
    assert work.decide(Role.SCHOOL, work.review_of(passable)) == [Outcome.LOCKED_BY_PROVINCE]
    assert state(work, passable) == AgreementState.IN_REVIEW


def test_an_employer_listed_before_it_is_passed(
    work: Signwork, graduate: Graduate, passable: Agreement
) -> None:
    work.list_employer(work.at + timedelta(days=30))
    review = work.review_of(passable)
    assert work.decide(Role.SCHOOL, review) == [Outcome.EMPLOYER_LISTED]
    work.at += timedelta(days=30)
    assert work.decide(Role.SCHOOL, review) == [Outcome.PASSED]
    assert len(work.versions(graduate)) == 1


def test_a_destination_comes_in_while_she_accepts(
    work: Signwork, sessions: sessionmaker[Session], graduate: Graduate
) -> None:
    invitation = work.invite(graduate)
    first, second = accepting(work, graduate, invitation), importing(work, graduate)
    work.campus.save()
    assert after_another(sessions, first, second) == "agreement_in_force"
    assert work.versions(graduate) == []


def test_she_accepts_while_a_destination_comes_in(
    work: Signwork, sessions: sessionmaker[Session], graduate: Graduate
) -> None:
    invitation = work.invite(graduate)
    first, second = importing(work, graduate), accepting(work, graduate, invitation)
    work.campus.save()
    came = after_another(sessions, first, second)
    assert isinstance(came, Agreement)
    (version,) = work.versions(graduate)
    assert work.review_of(came).based_on == version.id


def test_a_destination_comes_in_while_it_is_passed(
    work: Signwork, sessions: sessionmaker[Session], graduate: Graduate, passable: Agreement
) -> None:
    first, second = passing(work, passable), importing(work, graduate)
    work.campus.save()
    assert after_another(sessions, first, second) == "agreement_in_force"
    assert [each.category for each in work.versions(graduate)] == ["10"]


def test_voided_while_it_is_passed(
    work: Signwork, sessions: sessionmaker[Session], graduate: Graduate, passable: Agreement
) -> None:
    first, _ = confirming(work, passable)
    second = passing(work, passable)
    work.campus.save()
    assert after_another(sessions, first, second) is Outcome.CHANGED_MEANWHILE
    assert state(work, passable) == AgreementState.VOIDED
    assert work.versions(graduate) == []


def test_passed_while_it_is_voided(
    work: Signwork, sessions: sessionmaker[Session], graduate: Graduate, passable: Agreement
) -> None:
    second, _ = confirming(work, passable)
    first = passing(work, passable)
    work.campus.save()
    after_another(sessions, first, second)
    assert state(work, passable) == AgreementState.VOIDED
    her = work.session.get_one(Graduate, graduate.id)
    assert her.registration_id is None


def test_two_confirm_one_voiding(
    work: Signwork, sessions: sessionmaker[Session], passable: Agreement
) -> None:
    first, second = confirming(work, passable)
    work.campus.save()
    assert after_another(sessions, first, second) == "voiding_over"
    assert state(work, passable) == AgreementState.VOIDED
