"""A campus (统一身份认证) says that a session of its own is over: so is what it signed in here."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.accounts import audit, sessions
from registry.accounts.tables import Staff


def end(session: Session, campus_session: str, title: str, at: datetime) -> None:
    """End at once the sessions that a session of a campus signed in, and keep whose they were."""
    ended = sessions.end_of_campus(session, campus_session)
    for staff in session.scalars(select(Staff).where(Staff.id.in_(ended))):
        audit.note(session, audit.by_staff(staff, "campus_left", details={"way": title}), at)
