"""Two at the same moment over an agreement on paper, in both orders."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session, sessionmaker

from registry.accounts.tables import Role
from registry.base.errors import RuleError
from registry.record.tables import Graduate
from registry.review.application_moves import Writer
from registry.review.decisions import Outcome
from registry.signing import (
    agreement_ends,
    offline_issuing,
    offline_requests,
    offline_returns,
    voiding,
)
from registry.signing.states import AgreementState, OfflineRequestState
from registry.signing.tables import Agreement, OfflineRequest
from tests.registry.review.at_once import after_another, together
from tests.registry.signing import offlinework as paper
from tests.registry.signing.signwork import Signwork
from tests.registry.signing.test_races import Deed, accepting, live, passing
from tests.registry.signing.test_races_of_years import closing, rules_of


def issuing(work: Signwork, request: OfflineRequest) -> Deed:
    scope, staff, at = work.campus.scope, work.staff(Role.SCHOOL), work.at
    seen = paper.seen(request)
    return lambda session: offline_issuing.issue(session, scope, staff, seen, at).state


def sending_back(work: Signwork, request: OfflineRequest) -> Deed:
    scope, staff, at = work.campus.scope, work.staff(Role.SCHOOL), work.at
    seen = paper.seen(request)
    return lambda session: offline_issuing.send_back(session, scope, staff, seen, "有误", at)


def withdrawing(work: Signwork, graduate: Graduate, request: OfflineRequest) -> Deed:
    her, key = Writer(graduate, work.at), request.key
    return lambda session: offline_requests.withdraw(session, her, key)


def asking(work: Signwork, graduate: Graduate) -> Deed:
    her = Writer(graduate, work.at)
    return lambda session: offline_requests.ask(session, her, paper.ASKED).id


def handing_in(work: Signwork, graduate: Graduate, request: OfflineRequest) -> Deed:
    her, vault, key = Writer(graduate, work.at), work.campus.vault, request.key
    given = paper.signed_paper(work)
    return lambda session: offline_returns.hand_in(session, vault, her, key, given).state


def taking_back(work: Signwork, graduate: Graduate, request: OfflineRequest) -> Deed:
    her, key = Writer(graduate, work.at), request.key
    return lambda session: offline_returns.take_back(session, her, key)


def giving_up(work: Signwork, graduate: Graduate, request: OfflineRequest) -> Deed:
    her, key = Writer(graduate, work.at), request.key
    return lambda session: offline_returns.give_up(session, her, key, "另有安排")


def voided(work: Signwork, agreement: Agreement) -> Deed:
    """Have a paper asked to be voided; return another who confirms it."""
    one, other = (work.campus.staff(Role.SCHOOL) for _ in range(2))
    other.created_at = work.at - timedelta(days=2)
    voiding.ask(work.session, one, agreement.key, "萝卜章", work.at)
    at, key = work.at, agreement.key
    return lambda session: voiding.confirm(session, other, key, at)


def states(work: Signwork, request: OfflineRequest) -> tuple[str, list[str]]:
    work.session.expire_all()
    return request.state, [each.state for each in work.agreements()]


def test_asked_for_twice_at_once_is_one_request(
    work: Signwork, sessions: sessionmaker[Session], graduate: Graduate
) -> None:
    deed = asking(work, graduate)
    work.campus.save()
    first, second = together(sessions, deed, deed)
    assert first == second


def test_issued_while_she_accepts_an_invitation(
    work: Signwork, sessions: sessionmaker[Session], graduate: Graduate
) -> None:
    request, invitation = paper.ask(work, graduate), work.invite(graduate)
    first, second = issuing(work, request), accepting(work, graduate, invitation)
    work.campus.save()
    assert after_another(sessions, first, second) == "already_accepted"
    assert states(work, request) == (OfflineRequestState.ISSUED, [AgreementState.ISSUED])


def test_accepted_while_the_paper_is_issued(
    work: Signwork, sessions: sessionmaker[Session], graduate: Graduate
) -> None:
    request, invitation = paper.ask(work, graduate), work.invite(graduate)
    first, second = accepting(work, graduate, invitation), issuing(work, request)
    work.campus.save()
    assert after_another(sessions, first, second) == "already_accepted"
    assert states(work, request) == (OfflineRequestState.OVERTAKEN, [AgreementState.IN_REVIEW])
    assert live(work) == 1


def test_her_year_is_closed_while_she_hands_in(
    work: Signwork, sessions: sessionmaker[Session], graduate: Graduate
) -> None:
    request, agreement = paper.issued(work, graduate)
    first, second = closing(work, rules_of(work, graduate)), handing_in(work, graduate, request)
    work.campus.save()
    assert after_another(sessions, first, second) == "season_closed"
    assert states(work, request)[1] == [AgreementState.ISSUED]
    assert agreement.application_id is None


@pytest.mark.parametrize("issued_first", [True, False])
def test_issued_and_withdrawn_the_first_holds(
    work: Signwork, sessions: sessionmaker[Session], graduate: Graduate, *, issued_first: bool
) -> None:
    request = paper.ask(work, graduate)
    deeds = [issuing(work, request), withdrawing(work, graduate, request)]
    work.campus.save()
    first, second = deeds if issued_first else deeds[::-1]
    assert after_another(sessions, first, second) == "request_over"
    state = OfflineRequestState.ISSUED if issued_first else OfflineRequestState.WITHDRAWN
    assert states(work, request) == (state, [AgreementState.ISSUED] if issued_first else [])


def test_two_of_a_school_answer_at_once(
    work: Signwork, sessions: sessionmaker[Session], graduate: Graduate
) -> None:
    request = paper.ask(work, graduate)
    first, second = issuing(work, request), sending_back(work, request)
    work.campus.save()
    assert after_another(sessions, first, second) == "request_over"


def test_handed_in_twice_at_once_is_one_review(
    work: Signwork, sessions: sessionmaker[Session], graduate: Graduate
) -> None:
    request, _ = paper.issued(work, graduate)
    deed = handing_in(work, graduate, request)
    work.campus.save()
    assert together(sessions, deed, deed) == [AgreementState.IN_REVIEW] * 2


@pytest.mark.parametrize("handed_in_first", [True, False])
def test_handed_in_while_the_clock_ends_it(
    work: Signwork, sessions: sessionmaker[Session], graduate: Graduate, *, handed_in_first: bool
) -> None:
    """The last moment belongs to one of both: what is in time is in review, what is late lapses."""
    request, agreement = paper.issued(work, graduate)
    assert agreement.due_by is not None
    late = agreement.due_by
    work.at = late - timedelta(minutes=1) if handed_in_first else late

    def lapse(session: Session) -> object:
        return agreement_ends.lapse(session, late)

    hand_in = handing_in(work, graduate, request)
    work.campus.save()
    deeds = (hand_in, lapse) if handed_in_first else (lapse, hand_in)
    came = after_another(sessions, *deeds)
    state = AgreementState.IN_REVIEW if handed_in_first else AgreementState.FAILED
    assert came in ({0} if handed_in_first else {"not_issued", "handed_in_late"})
    assert states(work, request)[1] == [state]


def test_passed_while_she_takes_it_back(
    work: Signwork, sessions: sessionmaker[Session], graduate: Graduate
) -> None:
    request, agreement = paper.handed_in(work, graduate)
    work.decide(Role.DEPARTMENT, work.review_of(agreement))
    first, second = passing(work, agreement), taking_back(work, graduate, request)
    work.campus.save()
    assert after_another(sessions, first, second) == "not_issued"
    assert states(work, request)[1] == [AgreementState.SIGNED]


def test_taken_back_while_it_is_passed(
    work: Signwork, sessions: sessionmaker[Session], graduate: Graduate
) -> None:
    request, agreement = paper.handed_in(work, graduate)
    work.decide(Role.DEPARTMENT, work.review_of(agreement))
    first, second = taking_back(work, graduate, request), passing(work, agreement)
    work.campus.save()
    assert after_another(sessions, first, second) == Outcome.CHANGED_MEANWHILE
    assert states(work, request)[1] == [AgreementState.ISSUED]


@pytest.mark.parametrize("handed_in_first", [True, False])
def test_handed_in_and_given_up_the_first_holds(
    work: Signwork, sessions: sessionmaker[Session], graduate: Graduate, *, handed_in_first: bool
) -> None:
    request, _ = paper.issued(work, graduate)
    deeds = [handing_in(work, graduate, request), giving_up(work, graduate, request)]
    work.campus.save()
    first, second = deeds if handed_in_first else deeds[::-1]
    assert after_another(sessions, first, second) == "not_issued"
    state = AgreementState.IN_REVIEW if handed_in_first else AgreementState.FAILED
    assert states(work, request)[1] == [state]


def test_voided_while_it_is_handed_in(
    work: Signwork, sessions: sessionmaker[Session], graduate: Graduate
) -> None:
    request, agreement = paper.issued(work, graduate)
    first, second = voided(work, agreement), handing_in(work, graduate, request)
    work.campus.save()
    assert after_another(sessions, first, second) == "not_issued"
    assert states(work, request)[1] == [AgreementState.VOIDED]


def test_a_paper_of_a_record_that_left_is_not_issued(work: Signwork, graduate: Graduate) -> None:
    request = paper.ask(work, graduate)
    agreement_ends.leave(work.session, [graduate.id], work.at)
    with pytest.raises(RuleError) as refused:
        paper.issue(work, request)
    assert refused.value.code == "request_over"
