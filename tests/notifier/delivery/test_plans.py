"""What is asked again and again in the send path is answered by an index."""

from typing import Any

import pytest
from sqlalchemy import Select, select, text
from sqlalchemy.orm import Session

from notifier.delivery.due import any_due, due
from notifier.delivery.lanes import EVENTS, Lane
from notifier.tables import Campaign
from registry.clock import utc_now
from tests.notifier.stage import Stage


def plan(session: Session, query: Select[*tuple[Any, ...]]) -> str:
    """Return how PostgreSQL would look, were the ledger too long to be read through."""
    session.execute(text("SET LOCAL enable_seqscan = off"))
    connection = session.connection()
    compiled = query.compile(dialect=connection.dialect)
    lines = connection.exec_driver_sql(f"EXPLAIN {compiled.string}", dict(compiled.params))
    return "\n".join(str(row[0]) for row in lines)


@pytest.mark.parametrize("of", ["events", "campaign"])
@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
def test_the_claim_finds_what_is_due_along_the_lane(stage: Stage, of: str) -> None:
    stage.start_campaign()
    with stage.resources.sessions.begin() as session:
        session.execute(text("ANALYZE message"))
        campaign_id = session.scalars(select(Campaign.id)).one()
        lane = EVENTS if of == "events" else Lane(campaign_id, "confirmation_reminder")
        found = plan(session, due(stage.resources.settings, lane, utc_now(), 0).limit(100))
        assert any_due(session, lane, utc_now(), 0) == (of == "campaign")
    assert "ix_message_lane" in found
    assert "Seq Scan on message" not in found
