"""Values that travel as a table come back as they were given."""

from datetime import UTC, datetime

from sqlalchemy import JSON, BigInteger, String, select
from sqlalchemy.orm import Session

from registry.base.database import UtcDateTime, made_once
from registry.base.value_tables import Columns, parameters_of, rows_of, rows_to_come

AT = datetime(2026, 6, 10, 2, 30, 15, 123456, tzinfo=UTC)
GIVEN: Columns = {
    "number": (BigInteger(), [1, None, 2**62]),
    "text": (String(), ['引"号\\ \n', "", None]),
    "moment": (UtcDateTime(), [AT, None, AT]),
    "content": (JSON(), [{"姓名": "李娟"}, {}, {"n": [1, 2]}]),
}
ROWS = list(zip(*(values for _, values in GIVEN.values()), strict=True))


def test_each_value_is_what_it_was(session: Session) -> None:
    found = session.execute(select(rows_of(session, "given", GIVEN))).all()
    assert [tuple(row) for row in found] == ROWS


def test_a_statement_made_once_is_given_other_values_each_time(session: Session) -> None:
    types = {name: kind for name, (kind, _) in GIVEN.items()}
    asking = made_once(lambda session: select(rows_to_come(session, "given", types)))
    assert asking(session) is asking(session)
    for rows in (ROWS, ROWS[:1], []):
        part: Columns = {
            name: (kind, list(values)[: len(rows)]) for name, (kind, values) in GIVEN.items()
        }
        found = session.execute(asking(session), parameters_of(session, "given", part)).all()
        assert [tuple(row) for row in found] == rows
