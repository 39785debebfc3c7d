"""An agreement that was kept is over on 31 March after its cohort; what it registered stands."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from registry.accounts.tables import AuditEntry, Role
from registry.base.errors import RuleError
from registry.record.registration import Origin, Proposal, record
from registry.record.tables import Graduate, Source
from registry.review.decisions import Decision
from registry.review.ended import RecordDecision, end
from registry.signing import fulfilment, terminating, voiding
from registry.signing.standing import Standing
from registry.signing.states import AgreementState
from tests.registry.review.at_once import after_another
from tests.registry.signing.signwork import Signwork
from tests.registry.signing.termwork import BUSINESS, FAMILY, LETTER, Signed, sign
from tests.registry.signing.test_paper import looked_up

OVER = datetime(2027, 3, 31, 16, tzinfo=UTC)
"""1 April 2027, 00:00 in Shanghai: the graduates are of 2026."""
MINUTE = timedelta(minutes=1)


@pytest.fixture
def signed(work: Signwork, graduate: Graduate) -> Signed:
    return sign(work, graduate)


def fulfilled(signed: Signed, at: datetime = OVER) -> int:
    """Have the clock end what is over, and commit."""
    signed.work.at = at
    number = fulfilment.fulfil(signed.session, at)
    signed.session.commit()
    return number


def test_it_is_over_when_31_march_is(signed: Signed) -> None:
    assert fulfilled(signed, OVER - MINUTE) == 0
    assert signed.agreement_now().state == AgreementState.SIGNED
    assert (fulfilled(signed), fulfilled(signed)) == (1, 0)
    agreement = signed.agreement_now()
    assert (agreement.state, agreement.ended_at) == (AgreementState.FULFILLED, OVER)


def test_what_it_registered_stands_and_nothing_is_terminated(signed: Signed) -> None:
    before = signed.graduate_now().registration_id
    fulfilled(signed)
    assert signed.graduate_now().registration_id == before is not None
    for side, request in ((signed.her, FAMILY), (signed.employer, BUSINESS)):
        with pytest.raises(RuleError) as refused:
            signed.ask(side, request)
        assert refused.value.code == "not_signed"
    school = signed.work.staff(Role.SCHOOL)
    with pytest.raises(RuleError) as refused:
        voiding.ask(signed.session, school, signed.agreement.key, "虚假签约", OVER)
    assert refused.value.code == "agreement_over"


def test_it_keeps_nobody_from_another_destination(signed: Signed) -> None:
    fulfilled(signed)
    origin = Origin(signed.work.campus.school.id, Source.NATIONAL, "", "学校", "system", OVER)
    proposal = Proposal(signed.graduate.id, {"category": "70", "file_type": "转回生源地"})
    assert record(signed.session, origin, [proposal]).changed == 1


def test_paper_and_log_say_so(signed: Signed) -> None:
    fulfilled(signed)
    assert looked_up(signed.work, signed.agreement).standing is Standing.FULFILLED
    actions = signed.session.scalars(select(AuditEntry.action)).all()
    assert actions.count("agreement_fulfilled") == 1


def test_a_request_that_waits_goes_on_first(signed: Signed) -> None:
    signed.work.at = OVER - MINUTE
    asked = signed.ask(signed.her, LETTER, signed.proof())
    assert fulfilled(signed) == 0
    signed.decide(asked, Decision.RETURN, "材料不足")
    assert fulfilled(signed) == 1


def test_a_termination_that_waited_is_still_passed(signed: Signed) -> None:
    signed.work.at = OVER - MINUTE
    asked = signed.ask(signed.her, LETTER, signed.proof())
    assert fulfilled(signed) == 0
    signed.decide(asked, reason="年内提出")
    assert signed.agreement_now().state == AgreementState.TERMINATED
    assert signed.graduate_now().registration_id is None


def test_what_may_be_a_sham_is_decided_first(signed: Signed) -> None:
    school = signed.work.staff(Role.SCHOOL)
    asked_at = OVER - MINUTE
    voiding.ask(signed.session, school, signed.agreement.key, "虚假签约", asked_at)
    assert fulfilled(signed) == 0
    voiding.lapse(signed.session, asked_at + voiding.GOOD_FOR)
    assert fulfilled(signed, asked_at + voiding.GOOD_FOR) == 1


def test_who_graduates_a_year_later_has_a_year_more(signed: Signed) -> None:
    origin = Origin(
        signed.work.campus.school.id, Source.NATIONAL, "", "学校", "system", signed.work.at
    )
    record(signed.session, origin, [Proposal(signed.graduate.id, basics={"year": 2027})])
    assert fulfilled(signed) == 0
    assert fulfilled(signed, OVER.replace(year=2028)) == 1


def test_a_record_that_was_ended_is_of_its_cohort(signed: Signed) -> None:
    work = signed.work
    decision = RecordDecision(work.staff(Role.SCHOOL), "已退学", work.at, "left")
    end(signed.session, work.campus.scope, signed.graduate.key, decision)
    assert fulfilled(signed, OVER - MINUTE) == 0
    assert fulfilled(signed) == 1


@pytest.mark.parametrize("asked_first", [True, False])
def test_asked_while_the_clock_ends_it_the_first_holds(
    signed: Signed, sessions: sessionmaker[Session], *, asked_first: bool
) -> None:
    signed.work.at = OVER
    her, key = signed.her, signed.invitation_key
    signed.work.campus.save()
    deeds: list[Callable[[Session], object]] = [
        lambda session: terminating.ask(session, her, key, FAMILY).state,
        lambda session: fulfilment.fulfil(session, OVER),
    ]
    first, second = deeds if asked_first else reversed(deeds)
    came = after_another(sessions, first, second)
    assert came == (0 if asked_first else "not_signed")
    wanted = AgreementState.SIGNED if asked_first else AgreementState.FULFILLED
    assert signed.agreement_now().state == wanted
    assert len(signed.terminations()) == asked_first
