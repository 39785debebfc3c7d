"""Whose a report is to handle: never the school's that it is about, and upwards on silence."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.accounts.school_tables import School
from registry.accounts.tables import Role, Staff
from registry.breaches.kinds import Accused, BreachKind, Office, school_is_accused

WORKING_DAYS = 5
"""Until an answer is owed. Source: the 2021 notice on checking destinations, complaints."""


def first_office(session: Session, school: School, kind: BreachKind, accused: Accused) -> Office:
    """Return who handles a new report."""
    return above_school(session, school) if school_is_accused(kind, accused) else Office.SCHOOL


def above_school(session: Session, school: School) -> Office:
    """Return who is above a school: its province where that has an account, else the operators."""
    account = select(Staff.id).where(
        Staff.role == Role.PROVINCE, Staff.province == school.province, Staff.active.is_(True)
    )
    return Office.OPERATOR if session.scalar(account.limit(1)) is None else Office.PROVINCE
