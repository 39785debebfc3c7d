"""The audit log: rows that the database lets nobody change, and what goes with a person."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from registry.accounts import audit
from registry.accounts.audit import AuditOrigin, AuditRecord
from registry.accounts.audit_log import reading
from registry.accounts.audit_log.tables import AuditDetail
from registry.accounts.tables import AuditEntry
from tests.clock import StandingClock

HERS = AuditRecord("staff:k", "graduate_corrected", "graduate:hers", 1, {"reason": "改名"})
A_LIST = AuditRecord("staff:k", "seen_list", "list:graduates", 1, {"rows": 3}, [7, 8, 9])


@pytest.fixture
def kept(session: Session, clock: StandingClock) -> AuditEntry:
    audit.note(session, HERS, clock())
    session.commit()
    return session.scalars(select(AuditEntry)).one()


def test_what_a_row_says_of_a_person_stands_apart_and_can_go(
    session: Session, kept: AuditEntry
) -> None:
    assert kept.details == {}
    assert audit.said_in(session, kept) == {"reason": "改名"}
    session.execute(delete(AuditDetail))
    session.commit()
    session.expire_all()
    assert audit.said_in(session, kept) == {}


@pytest.mark.parametrize(
    "tampering",
    [
        update(AuditEntry).values(actor="staff:another"),
        delete(AuditEntry),
        update(AuditDetail).values(content={"reason": ""}),
    ],
    ids=["changed", "deleted", "detail changed"],
)
def test_the_database_refuses_to_change_or_delete_a_row(
    session: Session, kept: AuditEntry, tampering: object
) -> None:
    with pytest.raises(DBAPIError):
        session.execute(tampering)  # type: ignore[call-overload]  # one of three statements
    session.rollback()
    assert session.get_one(AuditEntry, kept.id).actor == "staff:k"


def test_the_database_lets_go_of_what_is_older_than_the_law_wants(
    session: Session, clock: StandingClock
) -> None:
    audit.note(session, HERS, clock() - timedelta(days=400))
    session.commit()
    session.execute(delete(AuditEntry))
    assert session.scalars(select(AuditEntry)).all() == []


def test_postgresql_refuses_to_empty_the_table(session: Session, kept: AuditEntry) -> None:
    if session.get_bind().dialect.name == "sqlite":
        pytest.skip("SQLite has no TRUNCATE")
    with pytest.raises(DBAPIError):
        session.execute(text("TRUNCATE audit_entry"))
    session.rollback()
    assert session.get_one(AuditEntry, kept.id).subject == "graduate:hers"


def test_who_saw_a_person_is_found_in_pages_of_hers_and_in_lists(
    session: Session, clock: StandingClock
) -> None:
    audit.comes_from(session, AuditOrigin("a" * 32, "Windows · Edge"))
    audit.note_all(session, [A_LIST, HERS], clock())
    audit.note(session, AuditRecord("staff:k", "seen_list", "list", 1, {}, [1, 2]), clock())
    session.commit()
    found = reading.sights(session, 8, "hers")
    assert [each.action for each in found] == ["graduate_corrected", "seen_list"]
    assert found[0].details == {"reason": "改名"}
    assert found[0].address == "a" * 32
    assert [each.action for each in reading.sights(session, 9, "another")] == ["seen_list"]
    assert reading.sights(session, 9, "another", before=found[1].id) == []
