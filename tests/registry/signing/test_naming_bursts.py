"""Forty names or codes that an employer guesses at once get no further than one after another."""

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session, sessionmaker

from registry.accounts import attempts
from registry.accounts.attempts import Counted
from registry.accounts.tables import Staff
from registry.record.own_record import graduate_afresh
from registry.record.tables import Graduate
from registry.signing import given_codes, inviting, naming
from registry.signing.inviting import Offer
from registry.signing.naming import Addressee, Naming
from tests.registry.accounts.test_bursts import AT_ONCE, burst
from tests.registry.signing.signwork import TERMS, Signwork

Guess = Callable[[Session, int], object]


@pytest.fixture
def recruiter(work: Signwork) -> Staff:
    return work.recruiter()


def wrong_names(work: Signwork, staff: Staff, number: Callable[[int], str]) -> Guess:
    school, vault, at, who = work.campus.school.key, work.campus.vault, work.at, staff.id
    work.campus.save()

    def guess(session: Session, place: int) -> object:
        named = Addressee(school, f"某某{place}", number(place))
        return naming.find_graduate(session, vault, session.get_one(Staff, who), named, at)

    return guess


def test_one_employer_guesses_names(
    work: Signwork, recruiter: Staff, sessions: sessionmaker[Session]
) -> None:
    said = burst(sessions, wrong_names(work, recruiter, lambda place: f"S{place:03}"))
    assert said.count("graduate_not_found") == naming.OF_EMPLOYER.free


def test_many_employers_guess_the_name_of_one_number(
    work: Signwork, graduate: Graduate, sessions: sessionmaker[Session]
) -> None:
    codes = [f"913501{place:02}M000100Y43" for place in range(AT_ONCE)]
    guesses = [
        wrong_names(work, work.recruiter(code), lambda _: graduate.student_number) for code in codes
    ]
    before = naming.OF_NUMBER.free - 2
    named = [Addressee(work.campus.school.key, "", graduate.student_number)]
    _, numbers = naming._subjects(work.campus.vault, work.recruiter(), named)
    work.campus.save()
    with sessions.begin() as session:
        attempts.count_failure(session, naming.PURPOSE, [*numbers.values()] * before, work.at)
    said = burst(sessions, lambda session, place: guesses[place](session, place))
    assert said.count("graduate_not_found") == 2


def test_codes_that_graduates_give_are_guessed(
    work: Signwork, recruiter: Staff, sessions: sessionmaker[Session]
) -> None:
    vault, at, who = work.campus.vault, work.at, recruiter.id
    work.campus.save()

    def guess(session: Session, place: int) -> object:
        staff = session.get_one(Staff, who)
        typed = given_codes.CHARACTERS[place % 30] * given_codes.LENGTH
        return given_codes.find_graduate(session, vault, staff, typed, at)

    assert burst(sessions, guess).count("code_unknown") == naming.OF_EMPLOYER.free


def test_one_employer_invites_many(
    work: Signwork, recruiter: Staff, sessions: sessionmaker[Session]
) -> None:
    most, at, who = 7, work.at, recruiter.id
    invited = [work.campus.graduate(f"王{place}").id for place in range(AT_ONCE)]
    until = inviting.last_moment(inviting.default_day(at), at)
    work.campus.save()

    def send(session: Session, place: int) -> object:
        her = graduate_afresh(session, invited[place])
        staff = session.get_one(Staff, who)
        return inviting.send(session, staff, Offer(her, TERMS, until), at, most_a_day=most)

    assert burst(sessions, send).count("through") == most


def test_slips_of_files_that_are_read_together(
    work: Signwork, recruiter: Staff, sessions: sessionmaker[Session]
) -> None:
    """Of twenty that are found one may be wrong without being held against the employer."""
    left, school, vault, at = 3, work.campus.school.key, work.campus.vault, work.at
    who, index = recruiter.id, naming.subject_of(vault, recruiter)
    work.campus.save()
    with sessions.begin() as session:
        attempts.count_failure(session, naming.SLIPS, [index] * (naming.SLIPS_A_DAY - left), at)

    def slip(session: Session, place: int) -> object:
        named = [Addressee(school, "某某", f"S{place:03}")]
        known = Naming(hits=naming.SLIP_EACH)
        return naming.find_graduates(session, vault, session.get_one(Staff, who), named, known, at)

    burst(sessions, slip)
    with sessions() as session:
        counted = [Counted(index.index, naming.DAY, AT_ONCE * naming.SLIPS_A_DAY)]
        assert attempts.tallies(session, naming.SLIPS, counted, at)[index.index].failures == (
            naming.SLIPS_A_DAY
        )
