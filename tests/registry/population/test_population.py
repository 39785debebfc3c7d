"""Synthetic people are valid, distinct, and the same from the same seed."""

from functools import partial

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from notifier.binding.synthetic import bind_share
from notifier.ledger.tables import Binding, Follower
from registry.accounts.school_tables import School
from registry.codes import identity
from registry.codes.code_tables import CATEGORY
from registry.codes.regions import region_name
from registry.numbers.posting.tables import Posting
from registry.population import create as population
from registry.population.create import NewSchool, PopulationSize, create
from registry.record import validation
from registry.record.tables import Graduate, Registration
from registry.record.validation import Severity
from registry.review import applications
from tests.clock import StandingClock
from tests.registry.staff_context import VAULT

SCHOOL = NewSchool("99001", "青禾大学", helpline="010-5550 0100")


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(population, "BATCH", 100)


def people(session: Session) -> list[Graduate]:
    return list(session.scalars(select(Graduate).order_by(Graduate.id)))


def test_everybody_is_valid_and_nobody_is_twice(
    sessions: sessionmaker[Session], clock: StandingClock, small_batches: None
) -> None:
    made = create(sessions, VAULT, SCHOOL, PopulationSize(2026, 250, reported=0.8), clock())
    with sessions() as session:
        found = people(session)
        registered = session.scalars(select(Registration)).all()
    assert len(found) == made.graduates == 250
    assert len(registered) == made.reported
    assert 160 < made.reported < 240
    numbers = [VAULT.open(identity.IDENTITY, each.id, each.identity_sealed) for each in found]
    for number, each in zip(numbers, found, strict=True):
        identity.check(number)
        assert region_name(number[:6])
        assert each.sex == identity.sex(number)
        assert each.identity_index == identity.identity_index(VAULT, number)
        assert identity.is_mobile(VAULT.open(identity.PHONE, each.id, each.phone_sealed or ""))
    assert len(set(numbers)) == len({each.phone_index for each in found}) == 250
    assert {each.category for each in registered} <= CATEGORY.codes.keys()


def test_who_is_reported_is_unconfirmed_with_a_registration(
    sessions: sessionmaker[Session], clock: StandingClock
) -> None:
    create(sessions, VAULT, SCHOOL, PopulationSize(2026, 60, reported=0.5), clock())
    with sessions() as session:
        for each in people(session):
            assert (each.registration_id is not None) == (each.confirmation == "unconfirmed")
            assert (each.reported_at is not None) == (each.registration_id is not None)


def test_what_is_registered_could_have_been_written_in_the_form(
    sessions: sessionmaker[Session], clock: StandingClock
) -> None:
    create(sessions, VAULT, SCHOOL, PopulationSize(2026, 250, reported=1.0), clock())
    with sessions() as session:
        wrong = {
            (each.field, each.code, row.category)
            for row, her in session.execute(
                select(Registration, Graduate).where(Registration.graduate_id == Graduate.id)
            )
            for each in validation.problems(
                validation.cleaned(applications.said(row)), applications.person(VAULT, her)
            )
            if each.severity is Severity.REFUSE
        }
    assert wrong == set()


def test_running_again_adds_as_many_again(
    sessions: sessionmaker[Session], clock: StandingClock
) -> None:
    for _ in range(2):
        create(sessions, VAULT, SCHOOL, PopulationSize(2026, 30), clock())
    with sessions() as session:
        assert len({each.student_number for each in people(session)}) == 60
        assert session.scalar(select(func.count()).select_from(School)) == 1


def test_a_share_is_bound_in_the_same_transaction(
    sessions: sessionmaker[Session], clock: StandingClock, small_batches: None
) -> None:
    then = partial(bind_share, share=0.5, at=clock())
    create(sessions, VAULT, SCHOOL, PopulationSize(2026, 250), clock(), then)
    with sessions() as session:
        bound = session.scalars(select(Binding)).all()
        followers = set(session.scalars(select(Follower.openid).where(Follower.subscribed)))
    assert 80 < len(bound) < 170
    assert {each.openid for each in bound} == followers
    assert all(len(each) == 28 for each in followers)


def test_some_files_are_posted_and_most_of_them_came_in(
    sessions: sessionmaker[Session], clock: StandingClock
) -> None:
    create(sessions, VAULT, SCHOOL, PopulationSize(2026, 200, posted=0.5), clock())
    with sessions() as session:
        found = session.scalars(select(Posting)).all()
    states = [each.state for each in found]
    assert 60 <= len(found) <= 140
    assert states.count("received") == len(found) * 3 // 4
    assert all(each.unit and each.posted_on < clock().date() for each in found)
    assert {each.state for each in found} == {"posted", "received"}
