"""A second of the clockwork follows what is due, however much there was before."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, event, text, update

from notifier.delivery.sweep import sweep
from notifier.ledger import states
from notifier.ledger.tables import Campaign
from registry.base.clock import utc_now
from tests.notifier.delivery.test_plans import MESSAGES_OF_THE_PAST
from tests.notifier.stage import Stage
from tests.registry.plans import plans, read_through

GROWING = ("campaign", "message", "task", "inbox_event")
SECONDS = 12
"""Until PostgreSQL has a plan for each statement that it keeps for all values."""
_READ_THROUGH = text(
    "SELECT relname FROM pg_stat_xact_user_tables WHERE seq_scan > 0 AND relname = ANY(:tables)"
)
_OF_THE_PAST = (
    MESSAGES_OF_THE_PAST,
    """
    INSERT INTO campaign (key, school_id, created_by, title, kind, texts, audience, prefers,
        created_at, state, reason, started_at, finished_at, settled_at)
    SELECT 'past' || i, school.id, 'staff', '', 'confirmation_reminder', '{}', '{"year": 2026}',
        'no_duplicate', now(), CASE i % 10 WHEN 7 THEN 'cancelled' ELSE 'finished' END, '', now(),
        now(), now() FROM school, generate_series(1, 5000) AS i
    """,
    """
    INSERT INTO task (key, school_id, kind, asked, state, done, total, resume_after, counts,
        problems, message, attempts, created_at)
    SELECT 'past' || i, school.id, 'export', '{}', 'finished', 1, 1, 0, '{}', '[]', '', 1, now()
    FROM school, generate_series(1, 5000) AS i
    """,
    """
    INSERT INTO inbox_event (dedup_key, event, openid, status, content, happened_at, received_at,
        next_at, done_at, outcome)
    SELECT 'past' || i, 'CLICK', 'o', '', '{}', now(), now(), now(), now(), ''
    FROM generate_series(1, 5000) AS i
    """,
)


@pytest.fixture
def busy(stage: Stage) -> Stage:
    """Give a stage with a campaign that was cancelled while a worker held some of it."""
    stage.start_campaign()
    stage.message(state=states.MessageState.SENDING, lease_until=utc_now() + timedelta(hours=1))
    with stage.resources.sessions.begin() as session:
        session.execute(update(Campaign).values(state=states.CampaignState.CANCELLED))
    return stage


@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
def test_no_table_that_grows_is_read_through_each_second(busy: Stage) -> None:
    with busy.resources.sessions.begin() as session:
        for statement in _OF_THE_PAST:
            session.execute(text(statement))
        session.execute(text("ANALYZE"))
    with watched(busy) as found:
        for _ in range(SECONDS):
            sweep(busy.resources)
            busy.deliver()
    assert found == set()


@contextmanager
def watched(stage: Stage) -> Iterator[set[str]]:
    """Have statements planned for all values, and give the tables that are read through."""
    found, engine = set[str](), stage.resources.engine
    engine.dispose()  # what comes is a new session, which has counted nothing

    def plan_for_all_values(connection: Any, _entry: object) -> None:  # noqa: ANN401 - the driver's
        connection.execute("SET plan_cache_mode = force_generic_plan")
        connection.commit()

    def look(connection: Connection) -> None:
        found.update(connection.execute(_READ_THROUGH, {"tables": list(GROWING)}).scalars())

    event.listen(engine, "connect", plan_for_all_values)
    event.listen(engine, "commit", look)
    yield found
    event.remove(engine, "commit", look)
    event.remove(engine, "connect", plan_for_all_values)


@pytest.mark.parametrize("database_kind", ["sqlite"], indirect=True)
def test_no_table_that_grows_is_read_through_on_sqlite(busy: Stage) -> None:
    with busy.resources.sessions() as session:
        with plans(session) as found:
            sweep(busy.resources)
            busy.deliver()
        assert found
        assert [each for table in GROWING for each in read_through(found, table)] == []
