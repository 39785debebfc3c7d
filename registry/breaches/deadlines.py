"""What time alone does to reports: a school that is silent loses them, old answers stand."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from registry.base.moves import move
from registry.base.working_days import end_of_working_days
from registry.breaches import routing, steps
from registry.breaches.filing import REOPENED_WITHIN
from registry.breaches.kinds import Office
from registry.breaches.states import BREACH, BreachEvent, BreachState
from registry.breaches.steps import Act, Hand
from registry.breaches.tables import BreachReport

BATCH = 100


def raise_overdue(session: Session, at: datetime) -> int:
    """Give what schools have not answered in time to the office above; return how many."""
    overdue = (
        BreachReport.office == Office.SCHOOL,
        BreachReport.state.in_(sorted(BREACH.sources(BreachEvent.RAISE))),
        BreachReport.due_at < at,
    )
    found = session.scalars(
        select(BreachReport).where(*overdue).options(joinedload(BreachReport.school)).limit(BATCH)
    ).all()
    return sum(_raised(session, each, at) for each in found)


def _raised(session: Session, report: BreachReport, at: datetime) -> bool:
    moved = move(
        session,
        BREACH,
        BreachReport.state,
        BreachEvent.RAISE,
        BreachReport.id == report.id,
        BreachReport.office == Office.SCHOOL,
        office=routing.above_school(session, report.school),
        due_at=end_of_working_days(at, routing.WORKING_DAYS),
    )
    if moved:
        steps.add(session, report, Act.RAISED, Hand(at))
    return bool(moved)


def close_answered(session: Session, at: datetime) -> int:
    """Close what was answered and not reopened in time; return how many."""
    stands = BreachReport.answered_at <= at - REOPENED_WITHIN
    ended = (BreachReport.state == BreachState.ANSWERED, stands)
    moved = move(session, BREACH, BreachReport.state, BreachEvent.CLOSE, *ended, closed_at=at)
    return len(moved)
