"""Staff are told once when the records of a school stop coming, and anew after it was well."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.accounts.tables import Role, StaffNotice
from registry.interface import sync_alarms, sync_days
from tests.clock import StandingClock
from tests.wxapp.school.records import Campus, open_campus


@pytest.fixture
def synced(session: Session, clock: StandingClock) -> Campus:
    """Give a school whose province has a system of its own, with staff of both."""
    campus = open_campus(session, clock())
    campus.school.correction_system = "省级就业系统"
    for role in (Role.SCHOOL, Role.PROVINCE, Role.OPERATOR):
        campus.staff(role)
    return campus


def push(campus: Campus, clock: StandingClock, outcome: str = "updated", rows: int = 1) -> None:
    sync_days.count(campus.session, [(campus.school.id, outcome)] * rows, clock())
    campus.session.expire_all()


def told(campus: Campus) -> list[str]:
    rows = campus.session.scalars(select(StaffNotice).order_by(StaffNotice.id))
    return [f"{each.details['schools']} {each.details['state']}" for each in rows]


def look(campus: Campus, clock: StandingClock) -> int:
    return sum(len(each.schools) for each in sync_alarms.tell(campus.session, clock()))


def test_a_school_that_never_synchronised_alarms_nobody(
    synced: Campus, clock: StandingClock
) -> None:
    assert (look(synced, clock), told(synced)) == (0, [])


def test_a_sync_that_stops_is_told_once_to_school_and_province(
    synced: Campus, clock: StandingClock
) -> None:
    push(synced, clock)
    assert look(synced, clock) == 0
    clock.move(timedelta(hours=25))
    assert (look(synced, clock), look(synced, clock)) == (1, 0)
    assert told(synced) == [f"{synced.school.name} 超过 24 小时未同步"] * 2


def test_what_was_well_again_is_told_anew(synced: Campus, clock: StandingClock) -> None:
    push(synced, clock)
    clock.move(timedelta(hours=25))
    look(synced, clock)
    push(synced, clock)
    assert look(synced, clock) == 0
    synced.session.refresh(synced.school)
    assert synced.school.sync_alarm is None
    push(synced, clock, "rejected", 20)
    assert look(synced, clock) == 1
    assert told(synced)[-1] == f"{synced.school.name} 未接收的记录偏多"
