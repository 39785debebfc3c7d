"""What pages ask by statements that are made once is what SQLAlchemy would have answered."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Engine, Select, bindparam, event, func, literal, null, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from notifier.ledger.tables import Message
from registry.accounts.tables import WebSession
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


@pytest.mark.parametrize("numbers", [[], [1], [1, 2, 3]])
def test_a_list_of_any_length_is_one_value(page: Session, numbers: list[int]) -> None:
    query = select(func.count()).select_from(Message).where(is_listed(Message.graduate_id, "those"))
    assert read_rows(page, query, {"those": numbers}) == [(0,)]
