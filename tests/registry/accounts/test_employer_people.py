"""An employer keeps a manager, whoever ends whom, in whatever order."""

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session, sessionmaker

from registry.accounts import employer_people, members
from registry.accounts.tables import Role, Staff
from tests.clock import StandingClock
from tests.registry.review.at_once import after_another
from tests.wxapp.school.records import Campus, open_campus

Deed = Callable[[Session], object]


@pytest.fixture
def campus(session: Session, clock: StandingClock) -> Campus:
    return open_campus(session, clock())


def two_managers(campus: Campus) -> tuple[Staff, Staff]:
    employer = campus.employer()
    one, other = campus.staff(Role.EMPLOYER), campus.staff(Role.EMPLOYER)
    for each in (one, other):
        each.employer_id = employer.id
    campus.session.flush()
    return one, other


def ending(staff: Staff) -> Deed:
    """End an account as its employer's page does."""
    ident = staff.id

    def deed(session: Session) -> object:
        member = session.get_one(Staff, ident)
        ended = members.disable(session, member)
        employer_people.keep_a_manager(session, member)
        return ended

    return deed


def relieving(staff: Staff) -> Deed:
    """Let an account manage no more."""
    ident = staff.id

    def deed(session: Session) -> object:
        member = session.get_one(Staff, ident)
        return employer_people.set_duties(session, member, manages=False, may_sign=True)

    return deed


@pytest.mark.parametrize("first", [ending, relieving])
@pytest.mark.parametrize("second", [ending, relieving])
def test_two_managers_who_end_each_other_leave_one(
    campus: Campus,
    sessions: sessionmaker[Session],
    first: Callable[[Staff], Deed],
    second: Callable[[Staff], Deed],
) -> None:
    one, other = two_managers(campus)
    theirs, hers = first(other), second(one)
    campus.save()
    assert after_another(sessions, theirs, hers) == "last_manager"
    campus.session.expire_all()
    assert list(employer_people.managers(campus.session, one.employer_id or 0)) == [one.id]
