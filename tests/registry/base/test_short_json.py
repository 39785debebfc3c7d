"""JSON columns hold a character as itself, and give back what they were given."""

from datetime import UTC, datetime

from sqlalchemy import String, cast, select
from sqlalchemy.orm import Session

from registry.accounts.school_tables import School
from registry.review.tables import Season

LEVELS = ["院系", 'a "b" \\ \n', "王𬭎"]


def test_a_character_is_written_as_itself(session: Session) -> None:
    at = datetime(2026, 6, 10, tzinfo=UTC)
    school = School(code="10001", name="某某大学", created_at=at)
    session.add(school)
    session.flush()
    day = at.date()
    season = Season(school_id=school.id, year=2026, levels=LEVELS, closes_on=day, updated_at=at)
    season.updated_by = "test"
    session.add(season)
    session.flush()
    written = session.scalars(select(cast(Season.levels, String))).one()
    assert written == '["院系","a \\"b\\" \\\\ \\n","王𬭎"]'
    session.expire_all()
    assert session.scalars(select(Season.levels)).one() == LEVELS
