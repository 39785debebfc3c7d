"""A result's columns are described as psycopg does, but only to whoever looks at them."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg import Column, Connection, Cursor
from sqlalchemy import Engine, text

from registry.base.postgresql_cursor import LazyCursor

pytestmark = pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
COLUMNS = "SELECT 1 AS number, 'x'::varchar(7) AS word, 1.5::numeric(4, 2) AS amount"


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection[Any]]:
    url = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url) as opened:
        yield opened


def told(columns: list[Column] | None) -> list[tuple[Any, ...]]:
    assert columns is not None
    return [tuple(each[at] for at in range(7)) for each in columns]


def test_columns_are_described_as_psycopg_does(connection: Connection[Any]) -> None:
    usual = Cursor(connection).execute(COLUMNS).description
    lazy = LazyCursor(connection).execute(COLUMNS).description
    assert told(lazy) == told(usual)
    assert usual is not None
    assert lazy is not None
    assert len(lazy) == len(usual) == 3
    assert lazy[-1].name == "amount"
    assert told(lazy[1:]) == told(usual)[1:]
    with pytest.raises(IndexError):
        lazy[3]


@pytest.mark.parametrize("statement", ["SET LOCAL jit = off", "SELECT"])
def test_a_result_without_columns_is_told_from_none(
    connection: Connection[Any], statement: str
) -> None:
    usual = Cursor(connection).execute(statement).description
    assert LazyCursor(connection).execute(statement).description == usual


def test_every_connection_of_ours_has_such_cursors(engine: Engine) -> None:
    with engine.connect() as opened:
        assert isinstance(opened.connection.cursor(), LazyCursor)
        row = opened.execute(text(COLUMNS)).one()
        assert (row.number, row.word, float(row.amount)) == (1, "x", 1.5)
