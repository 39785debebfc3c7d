"""Two at the same moment: on PostgreSQL two real transactions, on SQLite one after the other."""

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session, sessionmaker

from registry.accounts.tables import Role
from registry.base.errors import RuleError
from registry.record.own_record import graduate_afresh
from registry.record.registration import Origin, Proposal, record
from registry.record.tables import Graduate, Source
from registry.review.application_moves import Writer
from registry.review.decisions import Decision
from registry.signing import answering, terminating, termination_review
from registry.signing.terminating import TerminationRequest
from registry.signing.termination_documents import TerminationProof
from registry.signing.termination_review import TerminationVerdict
from registry.signing.termination_sides import Side
from registry.signing.termination_tables import Termination
from tests.registry.review.at_once import after_another
from tests.registry.signing.signwork import OTHER_CODE, RETRACT, Signwork
from tests.registry.signing.termwork import BUSINESS, FAMILY, LETTER, Signed, sign

Deed = Callable[[Session], object]


@pytest.fixture
def signed(work: Signwork, graduate: Graduate) -> Signed:
    return sign(work, graduate)


def asking(
    signed: Signed, side: Side, asked: TerminationRequest, proof: TerminationProof | None = None
) -> Deed:
    key = signed.invitation_key
    return lambda session: terminating.ask(session, side, key, asked, proof).state


def agreeing(side: Side, found: Termination) -> Deed:
    key = found.key
    return lambda session: terminating.agree(session, side, key).state


def refusing(side: Side, found: Termination) -> Deed:
    key = found.key
    return lambda session: terminating.refuse(session, side, key, "不同意").state


def withdrawing(side: Side, found: Termination) -> Deed:
    key = found.key
    return lambda session: terminating.withdraw(session, side, key).state


def passing(signed: Signed, found: Termination, seen: str = "agreed") -> Deed:
    school, scope, at = signed.work.staff(Role.SCHOOL), signed.work.campus.scope, signed.work.at
    key, verdict = found.key, TerminationVerdict(Decision.PASS, seen, "已核实")
    return lambda session: termination_review.decide(session, scope, school, key, verdict, at).state


def registering_study(signed: Signed) -> Deed:
    origin = Origin(
        signed.work.campus.school.id,
        Source.PROVINCE_INTERFACE,
        "学校",
        "学校",
        "system",
        signed.work.at,
    )
    study = Proposal(
        signed.graduate.id, {"category": "80", "unit_name": "另一大学", "unit_code": ""}
    )
    return lambda session: record(session, origin, [study]).changed


def state_of(signed: Signed, found: Termination) -> str:
    signed.session.expire_all()
    return signed.session.get_one(Termination, found.id).state


def saved(signed: Signed, found: Termination) -> Termination:
    signed.work.campus.save()
    return found


def test_what_both_ask_at_once_is_one_request_agreed_to(
    signed: Signed, sessions: sessionmaker[Session]
) -> None:
    hers, theirs = signed.her, signed.employer
    signed.work.campus.save()
    first = asking(signed, hers, FAMILY)
    came = after_another(sessions, first, asking(signed, theirs, BUSINESS))
    assert came == "agreed"
    signed.session.expire_all()
    assert len(signed.terminations()) == 1


def test_what_she_asks_while_the_employer_does_is_no_consent(
    signed: Signed, sessions: sessionmaker[Session]
) -> None:
    hers, theirs = signed.her, signed.employer
    signed.work.campus.save()
    first = asking(signed, theirs, BUSINESS)
    assert after_another(sessions, first, asking(signed, hers, FAMILY)) == "termination_asked"
    signed.session.expire_all()
    assert [each.state for each in signed.terminations()] == ["asked"]


def test_the_same_asked_twice_at_once_is_one_request(
    signed: Signed, sessions: sessionmaker[Session]
) -> None:
    hers = signed.her
    signed.work.campus.save()
    tap = asking(signed, hers, FAMILY)
    assert after_another(sessions, tap, tap) == "asked"
    signed.session.expire_all()
    assert len(signed.terminations()) == 1


def test_passed_before_it_is_taken_back(signed: Signed, sessions: sessionmaker[Session]) -> None:
    found = saved(signed, signed.ask(signed.her, LETTER, signed.proof()))
    first, second = passing(signed, found), withdrawing(signed.her, found)
    signed.work.campus.save()
    assert after_another(sessions, first, second) == "termination_moved"
    assert (state_of(signed, found), signed.agreement_now().state) == ("done", "terminated")


def test_taken_back_before_it_is_passed(signed: Signed, sessions: sessionmaker[Session]) -> None:
    found = saved(signed, signed.ask(signed.her, LETTER, signed.proof()))
    first, second = withdrawing(signed.her, found), passing(signed, found)
    signed.work.campus.save()
    assert after_another(sessions, first, second) == "termination_moved"
    assert (state_of(signed, found), signed.agreement_now().state) == ("withdrawn", "signed")
    assert signed.graduate_now().registration_id is not None


def test_agreed_to_before_it_is_taken_back(signed: Signed, sessions: sessionmaker[Session]) -> None:
    found = saved(signed, signed.ask(signed.her))
    first, second = agreeing(signed.employer, found), withdrawing(signed.her, found)
    signed.work.campus.save()
    assert after_another(sessions, first, second) == "withdrawn"  # what is agreed to, still
    assert state_of(signed, found) == "withdrawn"


def test_taken_back_before_it_is_agreed_to(signed: Signed, sessions: sessionmaker[Session]) -> None:
    found = saved(signed, signed.ask(signed.her))
    first, second = withdrawing(signed.her, found), agreeing(signed.employer, found)
    signed.work.campus.save()
    assert after_another(sessions, first, second) == "termination_moved"
    assert state_of(signed, found) == "withdrawn"


def test_agreed_to_while_the_clock_brings_it_before_the_school(
    signed: Signed, sessions: sessionmaker[Session]
) -> None:
    found = saved(signed, signed.ask(signed.her))
    over, first = found.answer_by, agreeing(signed.employer, found)
    signed.work.campus.save()
    assert after_another(sessions, first, lambda s: terminating.escalate_silent(s, over)) == 0
    assert state_of(signed, found) == "agreed"


def test_brought_before_the_school_while_it_is_agreed_to(
    signed: Signed, sessions: sessionmaker[Session]
) -> None:
    found = saved(signed, signed.ask(signed.her))
    over, second = found.answer_by, agreeing(signed.employer, found)
    signed.work.campus.save()
    came = after_another(sessions, lambda s: terminating.escalate_silent(s, over), second)
    assert came == "agreed"
    assert state_of(signed, found) == "agreed"


def test_brought_before_the_school_while_it_is_refused(
    signed: Signed, sessions: sessionmaker[Session]
) -> None:
    found = saved(signed, signed.ask(signed.her))
    over, second = found.answer_by, refusing(signed.employer, found)
    signed.work.campus.save()
    came = after_another(sessions, lambda s: terminating.escalate_silent(s, over), second)
    assert came == "termination_moved"
    assert state_of(signed, found) == "escalated"


def test_study_registered_while_it_is_passed_stands(
    signed: Signed, sessions: sessionmaker[Session]
) -> None:
    found = saved(signed, signed.ask(signed.her, LETTER, signed.proof()))
    first, second = registering_study(signed), passing(signed, found)
    signed.work.campus.save()
    assert after_another(sessions, first, second) == "done"
    signed.session.expire_all()
    study = signed.work.versions(signed.graduate)[-1]
    assert (study.category, signed.graduate_now().registration_id) == ("80", study.id)


def test_passed_while_study_is_registered(signed: Signed, sessions: sessionmaker[Session]) -> None:
    found = saved(signed, signed.ask(signed.her, LETTER, signed.proof()))
    first, second = passing(signed, found), registering_study(signed)
    signed.work.campus.save()
    after_another(sessions, first, second)
    signed.session.expire_all()
    study = signed.work.versions(signed.graduate)[-1]
    assert (study.category, signed.graduate_now().registration_id) == ("80", study.id)
    assert signed.agreement_now().state == "terminated"


def test_another_invitation_is_accepted_after_it_is_passed_and_not_before(
    signed: Signed, sessions: sessionmaker[Session]
) -> None:
    found = signed.ask(signed.her, LETTER, signed.proof())
    other = signed.work.invite(signed.graduate_now(), signed.work.recruiter(OTHER_CODE))
    at, vault = signed.work.at, signed.work.campus.vault
    first, key = passing(signed, found), other.key
    signed.work.campus.save()

    def accept(session: Session) -> object:
        her = graduate_afresh(session, signed.graduate.id)
        return answering.accept(session, vault, Writer(her, at), key, RETRACT).state

    with sessions.begin() as session, pytest.raises(RuleError) as refused:
        accept(session)
    assert refused.value.code == "already_accepted"
    assert after_another(sessions, first, accept) == "in_review"
