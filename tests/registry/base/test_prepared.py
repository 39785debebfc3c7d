"""What pages ask by statements that are made once is what SQLAlchemy would have answered."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import (
    Dialect,
    Engine,
    Integer,
    Select,
    String,
    bindparam,
    cast,
    event,
    func,
    literal,
    literal_column,
    null,
    select,
    text,
    type_coerce,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeDecorator
from typing_extensions import override

from notifier.ledger.tables import Message
from registry.accounts.tables import WebSession
from registry.base import prepared
from registry.base.clock import utc_now
from registry.base.database import UtcDateTime, open_engine, open_page_readers, open_readers
from registry.base.detached import read_rows
from registry.base.listed import is_listed

pytestmark = pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)

AT = utc_now().replace(microsecond=0)
_ASKED = select(
    WebSession.token_hash,
    WebSession.content,
    WebSession.seen_at,
    func.greatest(WebSession.seen_at, WebSession.expires_at).label("later"),
    null().label("nothing"),
    literal("国家").label("word"),
).where(WebSession.seen_at <= bindparam("until", type_=UtcDateTime()))


@pytest.fixture
def pages(database_url: str) -> Iterator[Engine]:
    engine = open_engine(database_url, threads=2)
    with Session(engine) as session, session.begin():
        row = WebSession(token_hash="a" * 64, content={"词": [1, None]}, created_at=AT, seen_at=AT)
        row.expires_at = AT + timedelta(days=1)
        session.add(row)
    yield engine
    engine.dispose()


@pytest.fixture
def page(pages: Engine) -> Iterator[Session]:
    with open_page_readers(pages)() as session:
        yield session


def test_a_page_reads_what_a_transaction_reads(pages: Engine, page: Session) -> None:
    with open_readers(pages)() as session:
        expected = read_rows(session, _ASKED, {"until": AT})
    found = read_rows(page, _ASKED, {"until": AT})
    assert [tuple(each) for each in found] == [tuple(each) for each in expected]
    assert found[0].seen_at == AT
    assert found[0].content == {"词": [1, None]}
    assert [found[0].later, found[0].nothing] == [AT + timedelta(days=1), None]
    assert found[0].word == "国家"
    assert read_rows(page, _ASKED, {"until": AT - timedelta(seconds=1)}) == []


class Backwards(TypeDecorator[str]):
    """Text that is kept backwards."""

    impl = String
    cache_ok = True

    @override
    def process_bind_param(self, value: str | None, dialect: Dialect) -> str:
        return (value or "")[::-1]

    @override
    def process_result_value(self, value: str | None, dialect: Dialect) -> str:
        return (value or "")[::-1]


def test_values_and_columns_are_converted_as_their_types_say(page: Session) -> None:
    given = bindparam("given", type_=Backwards())
    query = select(type_coerce(literal_column("'去向'"), Backwards()), cast(given, String), given)
    assert read_rows(page, query, {"given": "登记"}) == [("向去", "记登", "登记")]


def test_whoever_listens_to_statements_hears_those_of_pages(pages: Engine, page: Session) -> None:
    heard: list[str] = []
    read_rows(page, _ASKED, {"until": AT})
    event.listen(pages, "before_cursor_execute", lambda *said: heard.append(said[2]))
    read_rows(page, _ASKED, {"until": AT})
    assert len(heard) == 1


def test_an_error_is_of_the_usual_kind_and_names_no_value(page: Session) -> None:
    broken: Select[*tuple[object, ...]] = select(1 / func.length(bindparam("name")).label("share"))
    with pytest.raises(DBAPIError) as raised:
        read_rows(page, broken, {"name": ""})
    assert "division" in str(raised.value.orig)
    unreadable: Select[*tuple[object, ...]] = select(cast(bindparam("number"), Integer))
    with pytest.raises(DBAPIError) as named:
        read_rows(page, unreadable, {"number": 10**12})
    assert str(10**12) not in str(named.value)
    assert read_rows(page, broken, {"name": "李"}) == [(1,)]


def test_a_lost_connection_is_given_up(pages: Engine, page: Session, engine: Engine) -> None:
    number = page.scalar(text("SELECT pg_backend_pid()"))
    with engine.connect() as other:
        other.execute(text("SELECT pg_terminate_backend(:number, 5000)"), {"number": number})
    with pytest.raises(DBAPIError) as lost:
        read_rows(page, _ASKED, {"until": AT})
    assert lost.value.connection_invalidated
    page.close()
    assert len(read_rows(page, _ASKED, {"until": AT})) == 1


def test_a_query_whose_text_its_values_finish_is_not_asked_half_written(page: Session) -> None:
    query = select(WebSession.seen_at).where(WebSession.token_hash.in_(["a" * 64, "b"]))
    assert prepared._prepared(query, page.connection().dialect) is None
    assert [tuple(each) for each in read_rows(page, query, {})] == [(AT,)]


@pytest.mark.parametrize("numbers", [[], [1], [1, 2, 3]])
def test_a_list_of_any_length_is_one_value(page: Session, numbers: list[int]) -> None:
    query = select(func.count()).select_from(Message).where(is_listed(Message.graduate_id, "those"))
    assert read_rows(page, query, {"those": numbers}) == [(0,)]
