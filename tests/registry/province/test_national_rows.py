"""What goes out in a national layout is what a roster in it would bring in: nothing is lost."""

import io
from collections.abc import Sequence
from typing import Any

import pytest
from sqlalchemy.orm import Session

from registry.base import workbook
from registry.codes import identity
from registry.province import national_rows
from registry.province.national_layouts import LAYOUTS
from registry.province.national_rows import ProvinceExport
from registry.record.tables import Graduate
from registry.roster.checking import Checker, Record
from registry.roster.layouts import Layout
from registry.roster.opened import opened
from tests.clock import StandingClock
from tests.wxapp.school.records import IDENTITY, PHONE, Campus, open_campus

HERS: dict[str, Any] = {
    "candidate_number": "22370001150123",
    "major_code": "080902",
    "origin_code": "370202",
    "origin": "山东省青岛市市南区",
    "programme_length": "4",
    "training_mode": "1",
}
DESTINATION: dict[str, Any] = {
    "category": "10",
    "unit_code": "91350100M000100Y43",
    "unit_nature": "31",
    "unit_industry": "34",
    "unit_location_code": "370202",
    "unit_location": "山东省青岛市市南区",
    "unit_contact": "孙经理",
    "unit_phone": "13800001234",
    "job_class": "13",
    "file_address": "香港中路1号",
    "file_postcode": "266071",
}
PARTICULARS = '{"ethnicity": "回族", "political": "共青团员", "email": "a@example.com"}'
COHORT = ProvinceExport("370000", 2026)


@pytest.fixture
def campus(session: Session, clock: StandingClock) -> Campus:
    return open_campus(session, clock())


@pytest.fixture
def graduate(campus: Campus) -> Graduate:
    """Add one of whom all is known that the layouts have columns for."""
    found = campus.report(campus.graduate("李娟", 0, **HERS), by="学校", **DESTINATION)
    sealed = campus.vault.seal(identity.PARTICULARS, found.id, PARTICULARS)
    found.particulars_sealed = sealed
    campus.session.flush()
    return found


def lines(campus: Campus, layout: Layout, wanted: ProvinceExport = COHORT) -> list[Sequence[str]]:
    found = national_rows.rows(campus.session, wanted)
    return list(national_rows.lines(campus.vault, LAYOUTS[layout], found))


def read(campus: Campus, layout: Layout) -> Record:
    """Return what our own reader of rosters makes of the file."""
    made = io.BytesIO()
    workbook.write(made, lines(campus, layout), stamp=None)
    with opened(made.getvalue()) as roster:
        assert roster.header.layout is layout
        ((number, texts),) = roster.rows
        record, problems = Checker(roster.header, campus.school.code, campus.at).check(
            number, texts
        )
    assert record is not None
    errors = {each.code for each in problems if each.severity == "error"}
    assert errors <= {"identity_check"}, "all test graduates have one number, which is made up"
    return record


@pytest.mark.parametrize("layout", [Layout.NATIONAL, Layout.UPLOAD])
def test_a_roster_reads_back_what_went_out(
    campus: Campus, graduate: Graduate, layout: Layout
) -> None:
    record = read(campus, layout)
    assert (record.identity, record.phone) == (IDENTITY, PHONE)
    assert (record.student_number, record.year) == (graduate.student_number, 2026)
    assert {name: record.basics.get(name) for name in HERS if name != "candidate_number"} == {
        name: value for name, value in HERS.items() if name != "candidate_number"
    }
    assert {name: record.registration.get(name) for name in DESTINATION} == DESTINATION
    assert record.particulars["ethnicity"] == "回族"
    assert record.particulars["email"] == "a@example.com"


def test_the_export_of_2024_names_the_destination(campus: Campus, graduate: Graduate) -> None:
    record = read(campus, Layout.EXPORT_2024)
    assert record.registration["category"] == "10"
    assert record.registration["unit_code"] == DESTINATION["unit_code"]
    assert record.department == "计算机学院" or not record.department


def test_the_layouts_are_as_long_as_the_official_ones(campus: Campus) -> None:
    widths = {layout: len(found.columns) for layout, found in LAYOUTS.items()}
    assert (widths[Layout.NATIONAL], widths[Layout.EXPORT_2024]) == (74, 39)
    codes, titles = LAYOUTS[Layout.UPLOAD].headings
    assert (codes[0], titles[0]) == ("yxdm", "院校代码")
    assert len(codes) == len(set(codes))


def test_who_has_no_destination_goes_out_without_one(campus: Campus) -> None:
    campus.graduate("赵敏")
    heading, row = lines(campus, Layout.NATIONAL)
    said: dict[str, Any] = dict(zip(heading, row, strict=True))
    assert (said["姓名"], said["毕业去向代码"], said["单位名称"]) == ("赵敏", "", "")
    assert said["出生日期"] == "20030307"


def test_only_the_province_s_schools_go_out_and_one_school_alone(
    campus: Campus, graduate: Graduate, clock: StandingClock
) -> None:
    far = open_campus(campus.session, clock(), "10001")
    far.school.province = "110000"
    near = open_campus(campus.session, clock(), "10002")
    for each in (far, near):
        each.graduate("金丝雀")
    campus.session.flush()
    assert national_rows.count(campus.session, COHORT) == 2
    alone = ProvinceExport("370000", 2026, school=near.school.key)
    assert [row[2] for row in lines(campus, Layout.EXPORT_2024, alone)[1:]] == ["金丝雀"]
    assert national_rows.count(campus.session, alone) == 1
    elsewhere = ProvinceExport("370000", 2026, school=far.school.key)
    assert lines(campus, Layout.EXPORT_2024, elsewhere)[1:] == []
