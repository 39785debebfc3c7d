"""What is asked again and again in the send path is answered by an index."""

from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy import BigInteger, Executable, String, event, select, text
from sqlalchemy.orm import Session

from notifier.delivery.due import AT, Sort, any_due, due, schools_with_events, values
from notifier.delivery.school_queues import SchoolQueue
from notifier.ledger.receipts import sent_to
from notifier.ledger.tables import Campaign
from registry.base.clock import utc_now
from registry.base.database import UtcDateTime
from registry.base.value_tables import Columns, rows_of
from tests.notifier.stage import Stage

MESSAGES_OF_THE_PAST = """
    INSERT INTO message (client_msg_id, business_key, kind, school_id, graduate_id, facts, state,
        reason, detail, next_at, tries, crashes, created_at)
    SELECT md5(id || ' ' || number), 'past ' || id || ' ' || number, 'to_confirm', school_id, id,
        '{}', 'delivered', '', '', now(), 1, 0, now()
    FROM graduate, generate_series(1, 400) AS number
"""
"""A ledger like a real one: nearly all of it is over, so that only the right index is cheap."""


def plan(session: Session, query: Executable, given: Mapping[str, Any] | None = None) -> str:
    """Return how PostgreSQL would look, were the ledger too long to be read through."""
    session.execute(text("SET LOCAL enable_seqscan = off"))
    connection = session.connection()
    asked: list[Any] = []
    event.listen(connection, "before_cursor_execute", lambda *heard: asked.extend(heard[2:4]))
    connection.execute(query, given)
    statement, parameters = asked[:2]
    lines = connection.exec_driver_sql(f"EXPLAIN {statement}", parameters)
    return "\n".join(str(row[0]) for row in lines)


@pytest.mark.parametrize("of", ["events", "campaign"])
@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
def test_the_claim_finds_what_is_due_along_the_lane(stage: Stage, of: str) -> None:
    stage.start_campaign()
    with stage.resources.sessions.begin() as session:
        session.execute(text(MESSAGES_OF_THE_PAST))
        session.execute(text("ANALYZE"))
        campaign = SchoolQueue(session.scalars(select(Campaign.id)).one(), "confirmation_reminder")
        queue = campaign if of == "campaign" else SchoolQueue(None, school_id=stage.scope.school_id)
        sort, given = Sort.of(queue, 0), values(stage.resources.settings, queue, utc_now(), 0)
        found = plan(session, due(sort).limit(100), given)
        assert session.scalar(any_due(sort), given) == (of == "campaign")
    assert ("ix_message_lane" if of == "campaign" else "ix_message_event") in found
    assert "Seq Scan on message" not in found


@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
def test_the_schools_with_events_are_found_along_theirs(stage: Stage) -> None:
    with stage.resources.sessions.begin() as session:
        found = plan(session, schools_with_events(), {AT.key: utc_now()})
    assert "ix_message_event" in found
    assert "ix_message_lane" not in found
    assert "Seq Scan on message" not in found


@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
def test_receipts_without_an_id_find_theirs_along_the_person(stage: Stage) -> None:
    now = utc_now()
    receipt: Columns = {
        "push_id": (BigInteger(), [1]),
        "openid": (String(), ["somebody"]),
        "after": (UtcDateTime(), [now]),
        "before": (UtcDateTime(), [now]),
    }
    stage.start_campaign()
    with stage.resources.sessions.begin() as session:
        session.execute(text(MESSAGES_OF_THE_PAST))
        session.execute(text("ANALYZE"))
        found = plan(session, sent_to(rows_of(session, "came", receipt)))
    assert "ix_message_graduate" in found
    assert "Seq Scan on message" not in found
