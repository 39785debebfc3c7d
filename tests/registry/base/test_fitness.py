"""A database that answers may still be one that nobody can work with, and that is said."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import Engine, func, literal, make_url, select, text
from sqlalchemy.exc import OperationalError

from registry.base.clock import utc_now
from registry.base.database import (
    UtcDateTime,
    database_now,
    open_engine,
    open_page_readers,
    open_readers,
    open_sessions,
)
from registry.base.database_fitness import Unfit, unfitness
from tests.pooler import run_pgbouncer
from tests.servers import libpq_address

only_postgresql = pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)


def test_a_database_as_it_should_be_is_fit(engine: Engine) -> None:
    assert unfitness(engine) is None


@only_postgresql
def test_a_server_that_only_reads_is_away_until_it_writes_again(engine: Engine) -> None:
    _set_for_new_sessions(engine, "on")
    engine.dispose()
    assert unfitness(engine) is Unfit.READ_ONLY
    with pytest.raises(OperationalError), engine.begin() as connection:
        connection.execute(text("DELETE FROM school"))
    _set_for_new_sessions(engine, "off")
    assert unfitness(engine) is None  # its old connections are gone: the error ended them
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM school"))


def _set_for_new_sessions(engine: Engine, value: str) -> None:
    with psycopg.connect(libpq_address(engine.url), autocommit=True) as admin:
        admin.execute("SET default_transaction_read_only = off")
        name, setting = sql.Identifier(str(engine.url.database)), sql.Literal(value)
        admin.execute(
            sql.SQL("ALTER DATABASE {} SET default_transaction_read_only = {}").format(
                name, setting
            )
        )


@only_postgresql
@pytest.mark.parametrize("encoding", ["SQL_ASCII", "LATIN1"])
def test_a_database_that_cannot_hold_chinese_is_unfit(engine: Engine, encoding: str) -> None:
    name = f"{engine.url.database}_{encoding.lower()}"
    with psycopg.connect(libpq_address(engine.url), autocommit=True) as admin:
        made = "CREATE DATABASE {} ENCODING {} LOCALE 'C' TEMPLATE template0"
        admin.execute(sql.SQL(made).format(sql.Identifier(name), sql.Literal(encoding)))
        other = open_engine(engine.url.set(database=name).render_as_string(hide_password=False))
        assert unfitness(other) is Unfit.ENCODING
        with pytest.raises(OperationalError, match="not in UTF-8"):
            other.connect()
        admin.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(name)))


@only_postgresql
@pytest.mark.parametrize(("mode", "found"), [("session", None), ("transaction", Unfit.POOLED)])
def test_a_pooler_has_to_keep_sessions(
    database_url: str, tmp_path: Path, mode: str, found: Unfit | None
) -> None:
    with run_pgbouncer(tmp_path, database_url, mode) as address:
        pooled = open_engine(address, lock_seconds=7)
        said = unfitness(pooled)
        with pooled.connect() as connection:
            patience = connection.scalar(text("SHOW lock_timeout"))
        pooled.dispose()
    assert said is found
    assert patience == "7s" or said is Unfit.POOLED


@only_postgresql
def test_behind_a_pooler_by_transaction_our_settings_hold_and_are_left_to_nobody(
    database_url: str, tmp_path: Path
) -> None:
    with run_pgbouncer(tmp_path, database_url, "transaction") as address:
        engine = open_engine(f"{address}?pool_mode=transaction", lock_seconds=7, threads=2)
        assert unfitness(engine) is None
        shown = text("SELECT current_setting('lock_timeout'), current_setting('jit')")
        for opened in (open_sessions(engine), open_readers(engine), open_page_readers(engine)):
            with opened.begin() as session:
                assert session.execute(shown).one() == ("7s", "off")
        with psycopg.connect(libpq_address(make_url(address))) as stranger:
            left = stranger.execute("SHOW lock_timeout").fetchone()
        engine.dispose()
    assert left == ("0",)


@only_postgresql
def test_behind_a_pooler_by_transaction_no_statement_is_prepared(
    database_url: str, tmp_path: Path
) -> None:
    prepared = text("SELECT count(*) FROM pg_prepared_statements")
    with run_pgbouncer(tmp_path, database_url, "transaction") as address:
        engine = open_engine(f"{address}?pool_mode=transaction")
        with engine.connect() as connection:
            for number in range(20):  # psycopg would after the fifth
                connection.execute(text("SELECT 1 + :number"), {"number": number})
            assert connection.scalar(prepared) == 0
        engine.dispose()


@only_postgresql
def test_a_server_of_another_zone_and_tongue_keeps_each_moment(database_url: str) -> None:
    odd = "-ctimezone=Asia/Kathmandu -cdatestyle=SQL,DMY -cintervalstyle=sql_standard"
    own = make_url(database_url).update_query_dict({"options": odd})
    theirs = open_engine(own.render_as_string(hide_password=False))
    at = datetime(2026, 6, 1, 23, 59, 59, 123456, tzinfo=UTC)
    with open_sessions(theirs).begin() as session:
        assert session.scalar(select(literal(at, UtcDateTime()))) == at
        assert abs(database_now(session) - utc_now()) < timedelta(minutes=1)
        assert session.scalar(select(literal(at, UtcDateTime()) < func.now()))
    theirs.dispose()


@only_postgresql
def test_what_an_address_says_of_its_own_holds_beside_what_is_ours(database_url: str) -> None:
    own = make_url(database_url).update_query_dict(
        {"options": "-csearch_path=pg_temp", "application_name": "mine"}
    )
    theirs = open_engine(own.render_as_string(hide_password=False), lock_seconds=3)
    with theirs.connect() as connection:
        shown = [
            connection.scalar(text(f"SHOW {name}"))
            for name in ("search_path", "application_name", "lock_timeout", "tcp_user_timeout")
        ]
    theirs.dispose()
    assert shown[:3] == ["pg_temp", "mine", "3s"]
