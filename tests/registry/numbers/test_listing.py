"""The lists read a state as the rules do, and find whoever stands in it, in either database."""

from datetime import date, timedelta

import pytest
from sqlalchemy import insert
from sqlalchemy.orm import Session

from registry.base.paging import Place
from registry.numbers import listing
from registry.numbers.listing import NumberFilter
from registry.numbers.shape import Issue, Kind
from registry.numbers.states import NumberState
from registry.numbers.tables import IssuedNumber
from registry.numbers.transfer import states as transfer
from registry.numbers.verification import states as authorization
from registry.record.destination_filter import DestinationFilter
from registry.record.graduate_filter import GraduateFilter
from registry.record.tables import Graduate
from tests.clock import StandingClock
from tests.rows import a_row
from tests.wxapp.school.records import Campus, open_campus

TODAY = date(2026, 6, 10)
RULES = {Issue.TRANSFER: transfer.state_of, Issue.VERIFICATION: authorization.state_of}


@pytest.fixture
def campus(session: Session, clock: StandingClock) -> Campus:
    return open_campus(session, clock())


def with_number(campus: Campus, issue: Issue, standing: NumberState, ends_on: date) -> Graduate:
    graduate = campus.report(campus.graduate(f"{standing}{ends_on}"))
    row = {
        "graduate_id": graduate.id,
        "issue": issue,
        "kind": Kind.FILE,
        "sequence": 1,
        "newest": True,
        "standing": standing,
        "number_index": graduate.key,
        "number_sealed": "",
        "link_hash": graduate.key,
        "registration_id": graduate.registration_id,
        "snapshot": {},
        "ends_on": ends_on,
        "issued_at": campus.at,
        "issued_by": "staff:x",
    }
    campus.session.execute(insert(IssuedNumber), [row])
    return graduate


@pytest.mark.parametrize("issue", Issue)
def test_a_list_says_of_each_number_what_the_rules_say(campus: Campus, issue: Issue) -> None:
    days = [TODAY - timedelta(days=1), TODAY, TODAY + timedelta(days=1)]
    expected = {
        with_number(campus, issue, standing, day).key: RULES[issue](standing, day, TODAY)
        for standing in NumberState
        for day in days
    }
    expected[campus.report(campus.graduate("没有的")).key] = RULES[issue](None, None, TODAY)
    wanted = NumberFilter(GraduateFilter(2026), issue, Kind.FILE)
    page = listing.page(campus.session, campus.scope, wanted, Place(), campus.at)
    assert {row.key: row.state for row in page.rows} == expected
    counted = listing.counts(campus.session, campus.scope, wanted, campus.at)
    states = list(expected.values())
    assert counted == {state: states.count(state) for state in listing.STATES[issue]}
    for state in listing.STATES[issue]:
        ids = listing.ids(
            campus.scope, NumberFilter(GraduateFilter(2026), issue, Kind.FILE, state), campus.at
        )
        assert len(campus.session.scalars(ids).all()) == states.count(state)


def test_files_are_counted_by_stage_as_their_rows_say(campus: Campus) -> None:
    stages = ("posted", "received", "returned", "removed", "resent")
    for state in stages:
        _with_posting(campus, campus.report(campus.graduate(state)), state)
    _with_posting(campus, campus.report(campus.graduate("留下的"), file_type="暂存学校"), "posted")
    _with_posting(campus, campus.graduate("作废的"), "posted")
    _with_posting(campus, campus.report(campus.graduate("往届的", year=2025)), "posted")
    for name in ("未寄的", "未寄的另一位"):
        campus.report(campus.graduate(name))
    changed = campus.report(campus.graduate("改过的"), file_type="暂存学校")
    campus.report(changed)
    campus.report(campus.graduate("留下的另一位"), file_type="暂存学校")
    everybody = GraduateFilter(2026)
    by_rows = GraduateFilter(2026, class_name="软件2201")
    kept, counted = (
        listing.posting_counts(
            *(campus.session, campus.scope),
            *(NumberFilter(people, Issue.TRANSFER, Kind.FILE), campus.at),
        )
        for people in (everybody, by_rows)
    )
    expected = {"posted": 2, "received": 1, "returned": 1, "stays": 1, "not_posted": 5}
    assert kept == counted == expected


def test_files_are_counted_by_stage_of_a_category_and_a_source_too(campus: Campus) -> None:
    _with_posting(campus, campus.report(campus.graduate("寄出的")), "posted")
    campus.report(campus.graduate("未寄的"))
    campus.report(campus.graduate("留下的"), file_type="暂存学校")
    campus.report(campus.graduate("升学的"), category="80")
    category = DestinationFilter(categories=("10",))
    reported = {"posted": 1, "received": 0, "returned": 0, "stays": 1, "not_posted": 1}
    for people in (
        GraduateFilter(2026, destination=category),
        GraduateFilter(2026, destination=category, class_name="软件2201"),
    ):
        wanted = NumberFilter(people, Issue.TRANSFER, Kind.FILE)
        found = listing.posting_counts(campus.session, campus.scope, wanted, campus.at)
        assert found == reported


def _with_posting(campus: Campus, graduate: Graduate, state: str) -> None:
    a_row(
        campus.session,
        Graduate.metadata.tables["posting"],
        graduate_id=graduate.id,
        school_id=graduate.school_id,
        state=state,
    )


def test_who_reported_nothing_is_no_transfer_of_the_school(campus: Campus) -> None:
    campus.graduate("未上报的")
    for issue, number in ((Issue.TRANSFER, 0), (Issue.VERIFICATION, 1)):
        wanted = NumberFilter(GraduateFilter(2026), issue, Kind.FILE)
        counts = listing.counts(campus.session, campus.scope, wanted, campus.at)
        assert sum(counts.values()) == number
