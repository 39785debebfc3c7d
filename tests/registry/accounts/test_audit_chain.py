"""The chain over the audit log: what was changed, deleted, put in or cut off is found."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.orm import Session, sessionmaker

from registry.accounts import audit
from registry.accounts.audit import AuditRecord
from registry.accounts.audit_log import chain
from registry.accounts.audit_log.tables import AuditDetail, AuditLink
from registry.accounts.audit_log.verify import Tampering, verify
from registry.accounts.tables import AuditEntry
from registry.base.database import is_sqlite
from tests.clock import StandingClock

Sessions = sessionmaker[Session]
ROWS = 5


class Log:
    """A log of rows about one person, chained two rows a link."""

    def __init__(self, sessions: Sessions, clock: StandingClock) -> None:
        self.sessions, self.clock = sessions, clock

    def write(self, number: int = 1, at: datetime | None = None) -> None:
        with self.sessions.begin() as session:
            for place in range(number):
                said = {"reason": f"原因{place}"}
                record = AuditRecord("staff:k", "end_binding", "graduate:hers", 1, said)
                audit.note(session, record, at or self.clock())

    def chain(self) -> int:
        return chain.extend_all(self.sessions, self.clock())

    def found(self, heads: dict[int, str] | None = None) -> set[tuple[Tampering, int]]:
        with self.sessions() as session:
            return {(each.what, each.number) for each in verify(session, heads or {}).named}

    @contextmanager
    def tampering(self) -> Iterator[Session]:
        """Give a session of somebody who owns the database: its guards are taken down."""
        with self.sessions.begin() as session:
            if is_sqlite(session):
                names = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
                for name in session.scalars(text(names)).all():
                    session.execute(text(f"DROP TRIGGER {name}"))
            else:
                session.execute(text("SET LOCAL session_replication_role = replica"))
            yield session

    def pass_over_numbers(self) -> None:
        """Leave 5 to 49 out, as if transactions that had them were lost."""
        with self.tampering() as session:
            session.execute(text("UPDATE audit_entry SET id = 50 WHERE id = 5"))
            session.execute(delete(AuditLink).where(AuditLink.id == 3))
            if not is_sqlite(session):
                session.execute(text("SELECT setval('audit_entry_id_seq', 50)"))
        self.chain()


@pytest.fixture
def log(sessions: Sessions, clock: StandingClock, monkeypatch: pytest.MonkeyPatch) -> Log:
    monkeypatch.setattr(chain, "ROWS", 2)
    kept = Log(sessions, clock)
    kept.write(ROWS)
    assert kept.chain() == ROWS
    return kept


def test_a_log_that_nobody_touched_is_whole(log: Log) -> None:
    assert log.found() == set()
    assert log.chain() == 0
    with log.sessions() as session:
        report = verify(session, {})
    assert (report.rows, report.links, report.waiting) == (ROWS, 3, 0)


def test_rows_that_wait_for_their_link_are_counted_and_are_no_finding(log: Log) -> None:
    log.write()
    with log.sessions() as session:
        report = verify(session, {})
    assert report.is_whole
    assert (report.waiting, report.oldest_waiting) == (1, log.clock())


Deed = Callable[[Session], object]
TAMPERINGS: dict[str, tuple[Deed, set[tuple[Tampering, int]]]] = {
    "changed": (
        lambda session: session.execute(
            update(AuditEntry).where(AuditEntry.id == 2).values(actor="staff:another")
        ),
        {(Tampering.CHANGED, 2)},
    ),
    "deleted": (
        lambda session: session.execute(delete(AuditEntry).where(AuditEntry.id == 3)),
        {(Tampering.MISSING, 3)},
    ),
    "swapped": (
        lambda session: session.execute(
            text(
                "UPDATE audit_entry SET detail = (CASE id WHEN 1 THEN :b ELSE :a END)"
                " WHERE id IN (1, 2)"
            ),
            dict(
                zip(
                    "ab",
                    session.scalars(
                        select(AuditEntry.detail).where(AuditEntry.id < 3).order_by(AuditEntry.id)
                    ),
                    strict=True,
                )
            ),
        ),
        {(Tampering.CHANGED, 1), (Tampering.CHANGED, 2)},
    ),
    "a detail changed": (
        lambda session: session.execute(
            update(AuditDetail)
            .where(AuditDetail.digest == _detail(session, 4))
            .values(content={"reason": "本人同意"})
        ),
        {(Tampering.DETAIL_CHANGED, 4)},
    ),
    "a detail deleted": (
        lambda session: session.execute(
            delete(AuditDetail).where(AuditDetail.digest == _detail(session, 4))
        ),
        {(Tampering.DETAIL_MISSING, 4)},
    ),
    "a link changed": (
        lambda session: session.execute(
            update(AuditLink).where(AuditLink.id == 2).values(members=b"")
        ),
        {(Tampering.LINK_CHANGED, 2)},
    ),
    "the beginning cut off": (
        lambda session: (
            session.execute(delete(AuditEntry).where(AuditEntry.id <= 2)),
            session.execute(delete(AuditLink).where(AuditLink.id == 1)),
        ),
        {(Tampering.LINK_MISSING, 2)},
    ),
}


def _detail(session: Session, number: int) -> str | None:
    return session.get_one(AuditEntry, number).detail


@pytest.mark.parametrize("deed", TAMPERINGS)
def test_tampering_is_found_where_it_was_done(log: Log, deed: str) -> None:
    tamper, expected = TAMPERINGS[deed]
    with log.tampering() as session:
        tamper(session)
    assert expected <= log.found()


def test_an_end_that_was_cut_off_is_found_by_the_head_written_elsewhere(log: Log) -> None:
    with log.sessions() as session:
        head = chain.head(session)
    assert head is not None
    with log.tampering() as session:
        session.execute(delete(AuditEntry).where(AuditEntry.id > 2))
        session.execute(delete(AuditLink).where(AuditLink.id > 1))
    assert log.found() == set()
    assert log.found({head.link: head.hash}) == {(Tampering.TRUNCATED, head.link)}


def test_a_chain_made_anew_is_found_by_the_head_written_elsewhere(log: Log) -> None:
    with log.sessions() as session:
        head = chain.head(session)
    assert head is not None
    with log.tampering() as session:
        session.execute(update(AuditEntry).values(actor="staff:another"))
        session.execute(delete(AuditLink))
    assert log.chain() == ROWS
    assert log.found() == set()
    assert log.found({head.link: head.hash}) == {(Tampering.REWRITTEN, head.link)}


def test_a_row_put_into_the_past_is_found_however_its_number_was_chosen(log: Log) -> None:
    earlier = log.clock() - timedelta(days=2)
    log.write(at=earlier)
    log.clock.move(timedelta(hours=3))
    log.write()
    log.chain()
    assert log.found() == {(Tampering.BACKDATED, ROWS + 1)}


def test_a_row_put_between_others_is_found(log: Log) -> None:
    log.pass_over_numbers()
    log.clock.move(timedelta(hours=3))
    log.write()
    log.chain()
    assert log.found() == set()
    _put(log, 20)
    log.chain()
    assert log.found() == {(Tampering.INSERTED, 20)}


def _put(log: Log, number: int) -> None:
    with log.sessions.begin() as session:
        row = {"id": number, "at": log.clock() - timedelta(hours=3), "actor": "staff:k"}
        session.add(AuditEntry(**row, action="sign_in", subject="staff:k", details={}))


def test_a_row_whose_transaction_took_long_is_chained_late(log: Log) -> None:
    log.pass_over_numbers()
    log.clock.move(timedelta(minutes=30))
    with log.sessions.begin() as session:
        at = log.clock() - timedelta(minutes=31)
        row = AuditEntry(id=20, at=at, actor="system", action="sign_in", subject="s", details={})
        session.add(row)
    log.write()
    assert log.chain() == 2
    assert log.found() == set()


def test_an_erasure_takes_the_detail_and_leaves_the_log_whole(log: Log) -> None:
    with log.sessions.begin() as session:
        session.execute(delete(AuditDetail))
        erased = AuditRecord("command", "graduate.erased", "graduate:hers", 1)
        audit.note(session, erased, log.clock())
    log.chain()
    assert log.found() == set()


def test_what_is_over_is_deleted_and_the_rest_stays_whole(
    sessions: Sessions, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chain, "ROWS", 2)
    log = Log(sessions, clock)
    now = clock()
    clock.move(timedelta(days=-1200))
    log.write(ROWS)
    log.chain()
    clock.move(now - clock())
    log.write()
    log.chain()
    with sessions.begin() as session:
        assert chain.forget(session, now - timedelta(days=1096), now) == ROWS
        assert chain.forget(session, now - timedelta(days=1096), now) == 0
    log.chain()
    assert log.found() == set()
    with sessions() as session:
        left = session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
        assert left == ["end_binding", "audit_forgotten"]
    with sessions() as session:
        assert verify(session, {}).forgotten == 3
    with log.tampering() as session:
        session.execute(delete(AuditLink).where(AuditLink.id == 4))
    assert log.found() >= {(Tampering.LINK_MISSING, 5)}
