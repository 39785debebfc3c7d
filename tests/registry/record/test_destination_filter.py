"""Whom a list is narrowed to by what their destination in force says, by sex, by counsellor."""

from dataclasses import replace

import pytest
from sqlalchemy.orm import Session

from registry.accounts.tables import Role, StaffCharge
from registry.base.paging import Place
from registry.record import graduates
from registry.record.destination_filter import UNFILLED, DestinationFilter
from registry.record.graduate_filter import GraduateFilter
from tests.clock import StandingClock
from tests.wxapp.school.records import Campus, open_campus

ALL = GraduateFilter(year=2026)


@pytest.fixture
def campus(session: Session, clock: StandingClock) -> Campus:
    """Give one with an agreement, one with a national project, one without a destination."""
    campus = open_campus(session, clock())
    campus.report(
        campus.graduate("李娟"),
        unit_nature="31",
        unit_industry="34",
        unit_location_code="370202",
        job_class="13",
    )
    campus.report(campus.graduate("王建国", sex="1"), category="502", unit_name="某县团委")
    campus.graduate("赵敏", sex="", department=1, class_name="化工2201", major="化学工程")
    return campus


def names(campus: Campus, wanted: GraduateFilter) -> list[str]:
    found = graduates.page(campus.session, campus.scope, wanted, Place())
    return [row.name for row in found.rows]


def placed(**said: str | tuple[str, ...]) -> GraduateFilter:
    return replace(ALL, destination=DestinationFilter(**said))  # type: ignore[arg-type]  # by name


def test_a_category_finds_those_below_it_and_several_find_any(campus: Campus) -> None:
    assert names(campus, placed(categories=("50",))) == ["王建国"]
    assert names(campus, placed(categories=("10", "502"))) == ["李娟", "王建国"]
    assert names(campus, placed(categories=("11",))) == []


@pytest.mark.parametrize(
    "said",
    [
        {"unit_name": "青岛海纳软件有限公司"},
        {"unit_nature": "31"},
        {"unit_industry": "34"},
        {"unit_province": "37"},
        {"job_class": "13"},
    ],
)
def test_what_is_said_of_the_unit_finds_who_is_there(campus: Campus, said: dict[str, str]) -> None:
    assert names(campus, placed(**said)) == ["李娟"]


def test_what_is_not_filled_in_is_found_among_those_who_have_a_destination(campus: Campus) -> None:
    assert names(campus, placed(unit_nature=UNFILLED)) == ["王建国"]
    assert names(campus, placed(unit_province=UNFILLED)) == ["王建国"]


def test_a_sex_finds_its_people_and_those_of_whom_none_is_known(campus: Campus) -> None:
    assert names(campus, replace(ALL, sex="1")) == ["王建国"]
    assert names(campus, replace(ALL, sex=UNFILLED)) == ["赵敏"]


def test_a_counsellor_finds_her_people_once_and_others_find_who_has_none(campus: Campus) -> None:
    hers = campus.staff(Role.COUNSELLOR)
    of_department = {"staff_id": hers.id, "department_id": campus.departments[0].id}
    campus.session.add(StaffCharge(**of_department, class_name="软件2201"))
    campus.session.add(StaffCharge(**of_department, major="软件工程"))
    assert names(campus, replace(ALL, counsellor=hers.key)) == ["李娟", "王建国"]
    assert names(campus, replace(ALL, counsellor=UNFILLED)) == ["赵敏"]


def test_a_counsellor_of_another_school_finds_nobody(
    campus: Campus, session: Session, clock: StandingClock
) -> None:
    other = open_campus(session, clock(), "10001").staff(Role.COUNSELLOR)
    department = campus.departments[0].id
    session.add(StaffCharge(staff_id=other.id, department_id=department, class_name="软件2201"))
    assert names(campus, replace(ALL, counsellor=other.key)) == []
    assert names(campus, replace(ALL, counsellor=UNFILLED)) == ["李娟", "王建国", "赵敏"]
