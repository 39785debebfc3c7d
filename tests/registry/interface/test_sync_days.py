"""Days of synchronisation: what two schools have of one day is added up when they are merged."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.interface import sync_days
from registry.interface.tables import SyncDay
from tests.clock import StandingClock
from tests.wxapp.school.records import open_campus


def test_days_of_a_merged_school_are_added_to_those_of_the_other(
    session: Session, clock: StandingClock
) -> None:
    mine = open_campus(session, clock(), "10001").school.id
    other = open_campus(session, clock(), "10002").school.id
    sync_days.count(session, [(mine, "created"), (mine, "stale"), (other, "stale")], clock())
    sync_days.settle(session, mine, other)
    found = session.scalars(select(SyncDay)).one()
    assert (found.school_id, found.created, found.stale, found.rejected) == (other, 1, 2, 0)
