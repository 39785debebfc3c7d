"""Two at the same moment, of whom one is a school, its province, or who lists employers.

On PostgreSQL two real transactions, on SQLite one after the other.
"""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from registry.accounts.employer_tables import Employer
from registry.accounts.tables import Role
from registry.province import batch_decisions
from registry.province.batches import send_batch, signature
from registry.record.confirmation.confirm import Reply, answer
from registry.record.province_tables import ProvinceBatch, ProvinceEntry
from registry.record.tables import Answer, Graduate
from registry.review.decisions import Decision, Outcome
from registry.review.evidence import EvidenceDocument
from registry.review.seasons import SeasonRules, season, set_season
from registry.signing import listing
from registry.signing.listing import NewListing
from registry.signing.states import AgreementState, InvitationState
from registry.signing.tables import Agreement
from tests.registry.review.at_once import after_another
from tests.registry.review.casework import PNG, PROVINCE, SEEKING
from tests.registry.signing.signwork import RETRACT, Signwork
from tests.registry.signing.termwork import FAMILY, Signed
from tests.registry.signing.test_races import Deed, accepting, live, passing, state_of
from tests.registry.signing.test_races_of_agreements import deciding, state
from tests.registry.signing.test_termination_races import asking


def rules_of(work: Signwork, graduate: Graduate) -> SeasonRules:
    """Return the rules of her year, which somebody has set."""
    school, at = work.campus.school.id, work.at
    found = season(work.session, school, graduate.year)
    set_season(work.session, school, found, "staff:x", at)
    return found


def closing(work: Signwork, rules: SeasonRules) -> Deed:
    """Close a year as of yesterday."""
    closed = replace(rules, closes_on=(work.at - timedelta(days=1)).date())
    school, at = work.campus.school.id, work.at
    return lambda session: set_season(session, school, closed, "staff:x", at).id


def filing(work: Signwork) -> Deed:
    """File as the province what the school reported to it."""
    clerk, at = signature(work.staff(Role.PROVINCE)), work.at
    key = work.session.scalars(select(ProvinceBatch.key)).one()
    return lambda session: batch_decisions.file_batch(session, PROVINCE, key, clerk, at).filed


def putting_on_the_list(work: Signwork) -> Deed:
    operator, vault, at = work.staff(Role.OPERATOR), work.campus.vault, work.at
    employer_id = work.campus.employer().id
    wanted = NewListing(
        "虚假招聘", (at + timedelta(days=30)).date(), EvidenceDocument("通报.png", "image/png", PNG)
    )

    def deed(session: Session) -> object:
        employer = session.get_one(Employer, employer_id)
        return listing.add(session, vault, operator, employer, wanted, at).id

    return deed


@pytest.fixture
def passable(work: Signwork, graduate: Graduate) -> Agreement:
    """Go as far as the school's last word, which may be given now.

    What was in force before is reported to the province.
    """
    work.register(graduate, SEEKING)
    her = work.session.get_one(Graduate, graduate.id, populate_existing=True)
    reply = Reply(Answer.CORRECT, her.registration_id or 0)
    answer(work.session, her.id, reply, channel="wechat", at=work.at)
    send_batch(work.session, work.campus.scope, 2026, signature(work.staff(Role.SCHOOL)), work.at)
    agreement = work.accept(graduate, work.invite(graduate))
    work.at += RETRACT
    work.decide(Role.DEPARTMENT, work.review_of(agreement))
    return agreement


def test_her_year_is_closed_while_she_accepts(
    work: Signwork, sessions: sessionmaker[Session], graduate: Graduate
) -> None:
    invitation, rules = work.invite(graduate), rules_of(work, graduate)
    work.campus.save()
    first, second = closing(work, rules), accepting(work, graduate, invitation)
    assert after_another(sessions, first, second) == "season_closed"
    assert (state_of(work, invitation), live(work)) == (InvitationState.OPEN, 0)


def test_she_accepts_while_her_year_is_closed(
    work: Signwork, sessions: sessionmaker[Session], graduate: Graduate
) -> None:
    invitation, rules = work.invite(graduate), rules_of(work, graduate)
    work.campus.save()
    first, second = accepting(work, graduate, invitation), closing(work, rules)
    assert isinstance(after_another(sessions, first, second), int)
    assert (state_of(work, invitation), live(work)) == (InvitationState.ACCEPTED, 1)


def test_the_province_files_while_it_is_passed(
    work: Signwork, sessions: sessionmaker[Session], graduate: Graduate, passable: Agreement
) -> None:
    first, second = filing(work), passing(work, passable)
    work.campus.save()
    came = after_another(sessions, first, second)
    # A review waits for nobody: who is being written about is passed over, and tried again.
    assert came in {Outcome.CHANGED_MEANWHILE, Outcome.LOCKED_BY_PROVINCE}
    assert work.decide(Role.SCHOOL, work.review_of(passable)) == [Outcome.LOCKED_BY_PROVINCE]
    assert state(work, passable) == AgreementState.IN_REVIEW
    assert [each.category for each in work.versions(graduate)] == ["70"]


def test_it_is_passed_while_the_province_files(
    work: Signwork, sessions: sessionmaker[Session], graduate: Graduate, passable: Agreement
) -> None:
    first, second = passing(work, passable), filing(work)
    work.campus.save()
    assert after_another(sessions, first, second) == 0
    assert state(work, passable) == AgreementState.SIGNED
    (entry,) = work.session.scalars(select(ProvinceEntry))
    assert (entry.standing, entry.locked) == (False, False)


def test_its_employer_is_listed_while_it_is_passed(
    work: Signwork, sessions: sessionmaker[Session], passable: Agreement
) -> None:
    first, second = putting_on_the_list(work), passing(work, passable)
    work.campus.save()
    assert after_another(sessions, first, second) is Outcome.EMPLOYER_LISTED
    assert state(work, passable) == AgreementState.IN_REVIEW


def test_it_is_passed_while_its_employer_is_listed(
    work: Signwork, sessions: sessionmaker[Session], passable: Agreement
) -> None:
    first, second = passing(work, passable), putting_on_the_list(work)
    work.campus.save()
    assert isinstance(after_another(sessions, first, second), int)
    assert state(work, passable) == AgreementState.SIGNED


@pytest.mark.parametrize("passed_first", [True, False])
def test_of_two_in_a_department_the_first_decides(
    work: Signwork, sessions: sessionmaker[Session], graduate: Graduate, *, passed_first: bool
) -> None:
    agreement = work.accept(graduate, work.invite(graduate))
    answers = [Decision.PASS, Decision.RETURN]
    deeds = [deciding(work, Role.DEPARTMENT, agreement, each) for each in answers]
    first, second = deeds if passed_first else reversed(deeds)
    work.campus.save()
    assert after_another(sessions, first, second) is Outcome.CHANGED_MEANWHILE
    stands = AgreementState.IN_REVIEW if passed_first else AgreementState.RETURNED
    assert state(work, agreement) == stands


def test_a_termination_asked_while_it_is_passed_comes_after_it(
    work: Signwork, sessions: sessionmaker[Session], graduate: Graduate, passable: Agreement
) -> None:
    signed = Signed(work, graduate, work.recruiter(), passable, work.key_of(passable))
    first, second = passing(work, passable), asking(signed, signed.her, FAMILY)
    work.campus.save()
    assert after_another(sessions, first, second) == "asked"
    assert state(work, passable) == AgreementState.SIGNED
