"""Statements that are made once for all schools answer each with its own rows."""

import pytest
from sqlalchemy.orm import Session

from registry.accounts.tables import Role, StaffCharge
from registry.base.paging import Place
from registry.record import filter_choices, graduates
from registry.record.graduate_filter import GraduateFilter
from registry.record.scope import Scope
from tests.clock import StandingClock
from tests.wxapp.school.records import Campus, open_campus


@pytest.fixture
def schools(session: Session, clock: StandingClock) -> tuple[Campus, Campus]:
    """Found two schools: of the first's departments one has graduates of 2026, one of 2025."""
    one, other = open_campus(session, clock()), open_campus(session, clock(), "10001")
    one.graduate(department=0, year=2026)
    one.graduate(department=1, year=2025)
    other.graduate(department=0, year=2024)
    return one, other


def counsellor_of(campus: Campus, department: int) -> Scope:
    member = campus.staff(Role.COUNSELLOR)
    hers = campus.departments[department].id
    campus.session.add(StaffCharge(staff_id=member.id, department_id=hers, class_name="软件2201"))
    campus.session.flush()
    return Scope(campus.school.id, counsellor_id=member.id)


def test_each_school_and_each_part_of_it_has_its_own_rows_by_turns(
    schools: tuple[Campus, Campus],
) -> None:
    one, other = schools
    expected = [
        (one.scope, [2026, 2025]),
        (other.scope, [2024]),
        (one.department_scope(0), [2026]),
        (one.department_scope(1), [2025]),
        (other.department_scope(0), [2024]),
        (counsellor_of(one, 0), [2026]),
        (counsellor_of(one, 1), [2025]),
        (counsellor_of(other, 0), [2024]),
    ]
    for scope, years in (*expected, *reversed(expected)):
        assert filter_choices.years(one.session, scope) == years, scope


def test_each_school_is_offered_its_own_departments_by_turns(
    schools: tuple[Campus, Campus],
) -> None:
    for _ in range(2):
        for campus in schools:
            offered = filter_choices.departments(campus.session, campus.scope)
            assert {key for key, _ in offered} == {each.key for each in campus.departments}


def test_each_school_and_department_is_listed_and_counted_by_turns(
    schools: tuple[Campus, Campus],
) -> None:
    one, other = schools
    expected = [
        (one.scope, 2026, 1),
        (other.scope, 2026, 0),
        (other.scope, 2024, 1),
        (one.department_scope(0), 2026, 1),
        (one.department_scope(1), 2026, 0),
        (counsellor_of(one, 0), 2026, 1),
        (counsellor_of(other, 0), 2026, 0),
    ]
    for scope, year, number in (*expected, *reversed(expected)):
        wanted = GraduateFilter(year)
        page = graduates.page(one.session, scope, wanted, Place())
        assert len(page.rows) == number, scope
        assert sum(graduates.counts(one.session, scope, wanted).values()) == number, scope
