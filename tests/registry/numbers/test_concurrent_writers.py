"""Eight at once want numbers for the same people: each gets one, and none is given twice."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker, undefer

from registry.accounts.school_tables import School
from registry.numbers.sealed_number import sealed_number
from registry.numbers.shape import Issue, Kind
from registry.numbers.tables import IssuedNumber
from registry.numbers.transfer import generate as transferring
from registry.numbers.transfer.generate import Generated, IssuingSchool
from registry.record.registration import Origin, Proposal, record
from registry.record.tables import Graduate, Source
from tests.clock import StandingClock
from tests.registry.numbers.conftest import JULY
from tests.registry.numbers.office import WORK, a_case
from tests.registry.staff_context import VAULT

WRITERS = 8
PEOPLE = 40


def a_year_of_graduates(
    sessions: sessionmaker[Session], clock: StandingClock
) -> tuple[School, list[int]]:
    """Add a school and graduates of it who are all reported."""
    with sessions.begin() as session:
        case = a_case(session, clock)
        first = case.graduate
        kept = ("school_id", "department_id", "year", "sex", "level", "major", "graduation_month")
        about = {name: getattr(first, name) for name in kept}
        others = [
            Graduate(
                **about,
                student_number=f"x{number}",
                name=f"同学{number}",
                identity_sealed="",
                identity_index=f"{number}",
                created_at=clock(),
                updated_at=clock(),
            )
            for number in range(PEOPLE)
        ]
        session.add_all(others)
        session.flush()
        ids = [each.id for each in others]
        origin = Origin(case.school.id, Source.IMPORT, "", "学校", "system", clock())
        record(session, origin, [Proposal(each, WORK) for each in ids])
        session.refresh(case.school)
        return case.school, ids


def generate_at_once(
    sessions: sessionmaker[Session],
    school: School,
    shares: Sequence[list[int]],
    clock: StandingClock,
) -> list[Generated]:
    """Have every writer begin at the same moment, each with its share."""
    together = Barrier(len(shares))

    def generate(ids: list[int]) -> Generated:
        together.wait()
        with sessions.begin() as session:
            office = IssuingSchool(school, "staff:clerk", clock())
            return transferring.generate(session, VAULT, office, ids, Kind.FILE)

    with ThreadPoolExecutor(len(shares)) as writers:
        return list(writers.map(generate, shares))


def numbers(sessions: sessionmaker[Session]) -> list[str]:
    with sessions() as session:
        wanted = select(IssuedNumber).where(IssuedNumber.issue == Issue.TRANSFER)
        rows = session.scalars(
            wanted.options(undefer(IssuedNumber.number_sealed), undefer(IssuedNumber.link_sealed))
        ).all()
        return [sealed_number(row).number(VAULT) for row in rows]


def test_eight_writers_of_the_same_people_make_one_number_each(
    sessions: sessionmaker[Session], clock: StandingClock
) -> None:
    clock.set(JULY)
    school, ids = a_year_of_graduates(sessions, clock)
    made = generate_at_once(sessions, school, [ids] * WRITERS, clock)
    assert sum(made, Generated()) == Generated(created=PEOPLE)
    assert len(set(numbers(sessions))) == len(numbers(sessions)) == PEOPLE


def test_eight_writers_of_different_people_give_no_number_twice(
    sessions: sessionmaker[Session], clock: StandingClock
) -> None:
    clock.set(JULY)
    school, ids = a_year_of_graduates(sessions, clock)
    shares = [ids[start::WRITERS] for start in range(WRITERS)]
    assert sum(generate_at_once(sessions, school, shares, clock), Generated()).created == PEOPLE
    assert len(set(numbers(sessions))) == PEOPLE
