"""Transactions that PostgreSQL gives up for another's: by real deadlocks, and by chance anywhere.

A deadlock needs two who lock the same rows in opposite order. One of them is the suite, which has
more patience than the others, so that PostgreSQL mostly gives up them. By chance, a trigger on
every table ends some transactions with the two codes that mean: try again.
"""

import psycopg
from psycopg import sql
from psycopg.errors import DeadlockDetected

from faults.run import Run, Scenario
from faults.visitors import confirm_in_a_crowd, each_confirmed_once

REFUSE = """
CREATE SEQUENCE faults_refused;
CREATE FUNCTION faults_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF random() * 60 < 1 THEN
        PERFORM nextval('faults_refused');
        RAISE EXCEPTION USING
            ERRCODE = CASE WHEN random() < 0.5 THEN '40P01' ELSE '40001' END,
            MESSAGE = 'given up for another transaction';
    END IF;
    RETURN NULL;
END $$;
"""
TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
EACH_WRITE = """
CREATE TRIGGER faults BEFORE INSERT OR UPDATE OR DELETE ON {}
FOR EACH STATEMENT EXECUTE FUNCTION faults_refuse()
"""
RIGHT_AGAIN = """
CREATE OR REPLACE FUNCTION faults_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RETURN NULL; END $$
"""
LEAST_REFUSED = 20
TIMES = 4
PATIENCE = "3s"  # longer than the others', so that they are given up first


def _refuse_by_chance(run: Run) -> None:
    with psycopg.connect(_address(run), autocommit=True) as connection:
        confirm_in_a_crowd(run, lambda _run: _refuse_from_now_on(connection))
        run.reach(0.8, 0.9)
        refused = connection.execute("SELECT last_value FROM faults_refused").fetchone()
        connection.execute(RIGHT_AGAIN)
    number = refused[0] if refused else 0
    run.hold(number >= LEAST_REFUSED, f"only {number} transactions were given up")


def _refuse_from_now_on(connection: psycopg.Connection) -> None:
    """Lay triggers, table by table: two locks at a time would make deadlocks of their own."""
    connection.execute(REFUSE)
    for (table,) in connection.execute(TABLES).fetchall():
        connection.execute(sql.SQL(EACH_WRITE).format(sql.Identifier(table)))


def _lock_backwards(run: Run) -> None:
    """Lock the people, whom each writer locks first, after what he locks last, again and again."""
    before, own = _deadlocks(run), 0
    for _ in range(TIMES):
        own += not _is_served(run)
        run.sleep(run.chance.uniform(0.2, 0.6))
    made = _deadlocks(run) - before - own
    run.hold(made >= TIMES, f"PostgreSQL gave up only {made} writers")


def _is_served(run: Run) -> bool:
    """Lock everything once; say whether that came through, and was not given up itself."""
    try:
        with psycopg.connect(_address(run)) as connection:
            connection.execute(sql.SQL("SET deadlock_timeout = {}").format(PATIENCE))
            connection.execute("LOCK TABLE confirmation IN SHARE ROW EXCLUSIVE MODE")
            run.sleep(run.chance.uniform(0.1, 0.4))
            connection.execute("SELECT id FROM graduate ORDER BY id FOR UPDATE")
    except DeadlockDetected:
        return False
    return True


def _deadlocks(run: Run) -> int:
    """Return how many PostgreSQL has ended; a session reports some time after its own."""
    with psycopg.connect(_address(run)) as connection:
        counted = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
        row = connection.execute(counted).fetchone()
    return int(row[0]) if row else 0


def _address(run: Run) -> str:
    return run.house.own_postgresql.address(run.house.database)


COLLISIONS = (
    Scenario(
        "deadlocks",
        "50 writers, and somebody who locks what they lock in the opposite order",
        lambda run: confirm_in_a_crowd(run, _lock_backwards),
        after=each_confirmed_once,
    ),
    Scenario(
        "given_up",
        "one of 60 writes of any process ends its transaction (40P01, 40001), 50 writers",
        _refuse_by_chance,
        after=each_confirmed_once,
    ),
)
