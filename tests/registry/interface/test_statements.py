"""A batch of many schools costs as many statements as one of one, and is each school's own."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from notifier.ledger import notices
from notifier.ledger.tables import Message
from registry.interface.in_force import Pusher
from registry.interface.pushing import push
from registry.interface.reading import PushedRow
from registry.interface.tables import SyncDay
from registry.record import events
from registry.record.tables import Registration
from tests.clock import StandingClock
from tests.registry.interface.test_convergence import UNITS, Version, members, new_school, rows_of
from tests.registry.statements import statements
from tests.wxapp.school.records import Campus

PEOPLE = 2


def batch(campuses: Sequence[Campus], number: int) -> list[PushedRow]:
    rows = chain.from_iterable(_rows(each, number) for each in campuses)
    return [replace(row, index=index) for index, row in enumerate(rows)]


def _rows(campus: Campus, number: int) -> Iterator[PushedRow]:
    said = [Version(each, number, UNITS[number]) for each in range(PEOPLE)]
    yield from rows_of(campus, members(campus), said)


def cost(sessions: sessionmaker[Session], rows: Sequence[PushedRow], clock: StandingClock) -> int:
    """Push a batch; return how many statements it took, messages included."""
    with sessions() as session, statements(session) as heard:
        push(session, Pusher("370000", "37-test", clock()), rows)
        session.commit()
    return len(heard)


def test_a_batch_of_three_schools_takes_no_more_statements_than_one_of_one(
    sessions: sessionmaker[Session], clock: StandingClock
) -> None:
    events.tell_before_commit(sessions, notices.write)
    one, *three = [new_school(sessions, clock, PEOPLE) for _ in range(4)]
    seasons = len(three) - 1  # what a first report says is until when this school registers
    for number, more in ((1, seasons), (2, 0)):
        alone = cost(sessions, batch([one], number), clock)
        assert cost(sessions, batch(three, number), clock) == alone + more


def test_each_school_of_a_batch_has_its_own_source_count_and_messages(
    sessions: sessionmaker[Session], clock: StandingClock
) -> None:
    events.tell_before_commit(sessions, notices.write)
    campuses = [new_school(sessions, clock, PEOPLE) for _ in range(2)]
    for campus in campuses:
        campus.school.correction_system = f"{campus.school.name}的系统"
        campus.save()
    for number in (1, 2):
        cost(sessions, batch(campuses, number), clock)
    for campus in campuses:
        ids = [each.id for each in members(campus)]
        with sessions() as session:
            theirs = Registration.graduate_id.in_(ids)
            names = set(session.scalars(select(Registration.source_name).where(theirs)))
            day = session.scalars(select(SyncDay).where(SyncDay.school_id == campus.school.id))
            counted = [(each.created, each.updated) for each in day]
            told = select(Message.graduate_id).where(Message.school_id == campus.school.id)
            heard = set(session.scalars(told))
        assert names == {f"{campus.school.name}的系统"}
        assert counted == [(PEOPLE, PEOPLE)]
        assert heard == set(ids)


def test_what_is_unchanged_costs_one_query_and_two_counts(
    sessions: sessionmaker[Session], clock: StandingClock
) -> None:
    campus = new_school(sessions, clock, PEOPLE)
    rows = batch([campus], 1)
    cost(sessions, rows, clock)
    with sessions() as session, statements(session) as heard:
        told = push(session, Pusher("370000", "37-test", clock()), rows)
        session.commit()
    assert [each.outcome for each in told] == ["unchanged"] * PEOPLE
    assert [each.school_id for each in told] == [campus.school.id] * PEOPLE
    assert len([each for each in heard if not each.startswith("BEGIN")]) == 3


def test_who_is_another_in_the_roster_by_now_is_told_though_nothing_changed(
    sessions: sessionmaker[Session], clock: StandingClock
) -> None:
    campus = new_school(sessions, clock, PEOPLE)
    rows = batch([campus], 1)
    cost(sessions, rows, clock)
    first, second = members(campus)
    first.name, second.year = "改名了", -2026
    campus.save()
    with sessions() as session:
        told = push(session, Pusher("370000", "37-test", clock()), rows)
    codes = [[error.code for error in each.errors] for each in told]
    assert codes == [["name_disagrees"], ["graduate_unknown"]]


def test_a_school_that_registers_here_by_now_is_told_though_nothing_changed(
    sessions: sessionmaker[Session], clock: StandingClock
) -> None:
    campus = new_school(sessions, clock, PEOPLE)
    rows = batch([campus], 1)
    cost(sessions, rows, clock)
    campus.school.correction_system = None
    campus.save()
    with sessions() as session:
        told = push(session, Pusher("370000", "37-test", clock()), rows)
    assert {error.code for each in told for error in each.errors} == {"registers_here"}
