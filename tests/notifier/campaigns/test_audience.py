"""Whom a campaign is for, by how her verification authorization stands."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from notifier.campaigns.audience import AUTHORIZATIONS, Audience, check, reach
from notifier.ledger import kinds
from registry.base.errors import RuleError
from registry.numbers.service import Validity
from registry.numbers.shape import Kind
from registry.record.scope import Scope
from tests.clock import StandingClock
from tests.registry.numbers.office import Case, a_case

JULY = datetime(2026, 7, 1, 2, tzinfo=UTC)
INVITATION = "authorization_invitation"


@pytest.fixture
def case(session: Session, clock: StandingClock) -> Case:
    clock.set(JULY)
    case = a_case(session, clock)
    case.report()
    case.confirm()
    case.prove()
    return case


def holding(case: Case) -> set[str]:
    """Return the states in which an audience of her school finds her."""
    scope, kind = Scope(case.school.id), kinds.kinds()[INVITATION]
    return {
        each
        for each in AUTHORIZATIONS
        if reach(
            *(case.session, scope, Audience(case.graduate.year, authorization=(each,)), kind),
            case.clock(),
        ).recipients
    }


def test_an_audience_agrees_with_how_both_authorizations_stand(case: Case) -> None:
    assert holding(case) == {"file:not_authorized", "household:not_authorized"}
    case.authorize(Kind.FILE, Validity.WEEK)
    assert holding(case) == {"file:in_force", "household:not_authorized"}
    case.clock.move(timedelta(days=8))
    assert holding(case) == {"file:expired", "household:not_authorized"}
    assert f"file:{case.authorization()}" == "file:expired"


def test_several_states_widen_it(case: Case) -> None:
    case.authorize(Kind.FILE, Validity.WEEK)
    wanted = ("file:expired", "file:in_force")
    audience = Audience(case.graduate.year, authorization=wanted)
    kind, scope = kinds.kinds()[INVITATION], Scope(case.school.id)
    assert reach(case.session, scope, audience, kind, case.clock()).recipients == 1


def test_another_school_finds_nobody_of_this_one(case: Case) -> None:
    other = a_case(case.session, case.clock)
    assert holding(other) == {"file:not_authorized", "household:not_authorized"}
    case.authorize()
    assert holding(other) == {"file:not_authorized", "household:not_authorized"}


def test_who_confirmed_is_invited_but_not_reminded_to_confirm(case: Case) -> None:
    audience = Audience(case.graduate.year, authorization=("file:not_authorized",))
    counted = [
        reach(case.session, Scope(case.school.id), audience, kinds.kinds()[name], case.clock())
        for name in (INVITATION, "confirmation_reminder")
    ]
    assert [each.recipients for each in counted] == [1, 0]


def test_a_state_nobody_knows_is_refused() -> None:
    with pytest.raises(RuleError, match="audience_state_unknown"):
        check(Audience(2026, authorization=("file:lost",)))
