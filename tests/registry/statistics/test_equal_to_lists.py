"""Whatever the school, every figure of the statistics is as many people as the list it leads to."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from sqlalchemy.orm import Session

from registry.accounts.tables import Role, Staff, StaffCharge
from registry.base.clock import SHANGHAI
from registry.record import graduates
from registry.record.confirmation.confirm import Reply, answer
from registry.record.confirmation.states import ConfirmationState
from registry.record.destination_filter import DestinationFilter
from registry.record.graduate_filter import GraduateFilter
from registry.record.scope import Scope
from registry.record.tables import Answer, Graduate
from registry.review import void
from registry.statistics.rate_table import RateLine, RateTable, rate_table, rate_tables
from registry.statistics.season_days import confirmed_by, placed_by, season_days
from registry.statistics.structure import structure
from registry.statistics.tally import By
from tests.clock import StandingClock
from tests.profiles import examples
from tests.wxapp.school.records import Campus, open_campus

YEARS = some.sampled_from([2026, 2026, 2026, 2025, -2026])
DESTINATIONS = some.fixed_dictionaries(
    {
        "category": some.sampled_from(["10", "12", "271", "502", "50", "46", "75", "76"])
        | some.sampled_from(["80", "801", "85", "70", "71", "72"]),
        "unit_name": some.sampled_from(["甲公司", "乙大学", ""]),
        "unit_nature": some.sampled_from(["31", "39", ""]),
        "unit_industry": some.sampled_from(["34", "22", ""]),
        "unit_location_code": some.sampled_from(["370202", "110101", ""]),
        "job_class": some.sampled_from(["13", ""]),
    }
)
STEPS = some.lists(
    DESTINATIONS | some.sampled_from([Answer.CORRECT, Answer.WRONG, "void"]), max_size=4
)


@dataclass(frozen=True)
class Someone:
    """A graduate of a random school, and what happens to her, a day after each other."""

    department: int
    about: dict[str, str]
    year: int
    steps: list[object]


PEOPLE = some.lists(
    some.builds(
        Someone,
        some.integers(0, 1),
        some.fixed_dictionaries(
            {
                "level": some.sampled_from(["31", "33", "11", "19", ""]),
                "major": some.sampled_from(["软件工程", "化学工程", ""]),
                "class_name": some.sampled_from(["一班", "二班", ""]),
                "sex": some.sampled_from(["1", "2", ""]),
            }
        ),
        YEARS,
        STEPS,
    ),
    max_size=7,
)
CHARGES = some.lists(
    some.tuples(
        some.integers(0, 1),
        some.integers(0, 1),
        some.sampled_from([("class_name", "一班"), ("major", "软件工程"), ("major", "化学工程")]),
    ),
    max_size=4,
)


@pytest.fixture
def campus(session: Session, clock: StandingClock) -> Campus:
    campus = open_campus(session, clock())
    campus.save()
    return campus


def populate(campus: Campus, people: list[Someone]) -> None:
    for each in people:
        graduate = campus.graduate("某某", each.department, year=each.year, **each.about)
        for number, step in enumerate(each.steps):
            campus.at += timedelta(days=number)
            play(campus, graduate.id, step)


def play(campus: Campus, ident: int, step: object) -> None:
    graduate = campus.session.get_one(Graduate, ident, populate_existing=True)
    if isinstance(step, dict):
        campus.report(graduate, **step)
    elif step == "void":
        void.void(campus.session, [ident], campus.at)
    elif graduate.confirmation == ConfirmationState.UNCONFIRMED:
        said = Reply(Answer(str(step)), graduate.registration_id or 0, ["destination"])
        answer(campus.session, ident, said, channel="wechat", at=campus.at)


def scopes(campus: Campus, counsellors: list[Staff]) -> Iterator[Scope]:
    yield campus.scope
    yield campus.department_scope(1)
    yield Scope(campus.school.id, counsellor_id=counsellors[0].id)


def figures(table: RateTable) -> Iterator[tuple[int, GraduateFilter]]:
    for line in [*table.lines, table.whole]:
        yield from of_line(table, line)


def of_line(table: RateTable, line: RateLine) -> Iterator[tuple[int, GraduateFilter]]:
    yield line.numbers.graduates, line.meant
    yield line.rate(table.placed).number, line.registered_as(table.placed)
    for group in table.groups:
        yield line.numbers.of(group.categories), line.registered_as(group.categories)
    for state in ConfirmationState:
        yield line.numbers.states[state], line.standing(state)
    yield line.numbers.categories[""], line.standing(ConfirmationState.NOT_REPORTED)


@pytest.mark.slow
@settings(
    max_examples=examples(5, thorough=400),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    deadline=None,
)
@given(PEOPLE, CHARGES)
def test_every_figure_is_as_many_people_as_its_list(
    campus: Campus, people: list[Someone], charges: list[tuple[int, int, tuple[str, str]]]
) -> None:
    session, began = campus.session, campus.at
    counsellors = [campus.staff(Role.COUNSELLOR) for _ in range(2)]
    for who, department, (column, value) in charges:
        about = {"staff_id": counsellors[who].id, column: value}
        session.add(StaffCharge(**about, department_id=campus.departments[department].id))
    populate(campus, people)
    for scope in scopes(campus, counsellors):
        together = rate_tables(session, scope, GraduateFilter(2026))
        for by in By:
            table = rate_table(session, scope, GraduateFilter(2026), by)
            assert list(figures(together[by])) == list(figures(table)), by
            for number, meant in dict.fromkeys(figures(table)):
                assert graduates.total(session, scope, meant) == number, (by, meant)
        hold_structure(session, scope)
        hold_days(campus, scope)
    campus.at = began
    session.rollback()


def hold_structure(session: Session, scope: Scope) -> None:
    found = structure(session, scope, GraduateFilter(2026), "370000")
    for share in [found.staying, *(each for part in found.parts for each in part.shares)]:
        assert graduates.total(session, scope, share.meant) == share.number, share.meant
    sums = {part.name: sum(each.number for each in part.shares) for part in found.parts}
    assert {sums[name] for name in ("nature", "industry", "region", "post")} == {found.employed}
    assert all(sums[part.name] == part.total for part in found.parts)


def hold_days(campus: Campus, scope: Scope) -> None:
    """Hold that the last day is what the table says, and no day has more than all."""
    wanted, today = GraduateFilter(2026), campus.at.astimezone(SHANGHAI).date()
    table = rate_table(campus.session, scope, wanted, By.SEX)
    days = season_days(campus.session, scope, wanted, today).days
    last = days[-1].placed.number if days else 0
    assert last == table.whole.rate(table.placed).number
    people = graduates.total(campus.session, scope, wanted)
    assert all(0 <= each.placed.number <= people for each in days)
    assert all(0 <= each.confirmed.number <= people for each in days)
    for each in days:
        for trait, figure in (
            (placed_by(each.day, wanted.year), each.placed),
            (confirmed_by(each.day), each.confirmed),
        ):
            meant = replace(wanted, traits=(trait,))
            assert graduates.total(campus.session, scope, meant) == figure.number, trait


def test_a_figure_does_not_count_another_school(campus: Campus, clock: StandingClock) -> None:
    other = open_campus(campus.session, clock(), "10001")
    other.report(other.graduate("张远"))
    campus.report(campus.graduate("李娟"))
    wanted = GraduateFilter(2026)
    table = rate_table(campus.session, campus.scope, wanted, By.DEPARTMENT)
    assert table.whole.numbers.graduates == 1
    found = structure(campus.session, campus.scope, wanted, "370000")
    assert found.employed == 1
    narrowed = replace(wanted, destination=DestinationFilter(categories=("10",)))
    assert graduates.total(campus.session, campus.scope, narrowed) == 1
