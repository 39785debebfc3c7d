"""Whether the audit log is as it was written: every row, every link, against the heads elsewhere.

Link by link, so that a log of any length is read in the same memory.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from registry.accounts import audit
from registry.accounts.audit_log import chain
from registry.accounts.audit_log.chain import LATE
from registry.accounts.audit_log.tables import AuditDetail, AuditLink
from registry.accounts.tables import AuditEntry
from registry.base.database import one_of, one_of_texts

MOST = 200
"""Findings that are named; more are counted."""
ERASED = "graduate.erased"


class Tampering(StrEnum):
    """What can be found."""

    CHANGED = "changed"
    MISSING = "missing"
    INSERTED = "inserted"
    BACKDATED = "backdated"
    DETAIL_CHANGED = "detail_changed"
    DETAIL_MISSING = "detail_missing"
    LINK_CHANGED = "link_changed"
    LINK_MISSING = "link_missing"
    TRUNCATED = "truncated"
    REWRITTEN = "rewritten"


SENTENCES = {
    Tampering.CHANGED: "row {number} was changed",
    Tampering.MISSING: "row {number} is missing",
    Tampering.INSERTED: "row {number} was put in later",
    Tampering.BACKDATED: "row {number} says another time than the rows around it",
    Tampering.DETAIL_CHANGED: "the detail of row {number} was changed",
    Tampering.DETAIL_MISSING: "the detail of row {number} is missing, and nobody was erased",
    Tampering.LINK_CHANGED: "link {number} was changed",
    Tampering.LINK_MISSING: "links before {number} are missing",
    Tampering.TRUNCATED: "link {number} was written elsewhere and is missing: the end is cut off",
    Tampering.REWRITTEN: "link {number} is another than the one written elsewhere",
}


@dataclass(frozen=True)
class Discrepancy:
    """One thing that is not as it was written: `number` is a row's or a link's."""

    what: Tampering
    number: int

    @property
    def sentence(self) -> str:
        """Return it for people."""
        return SENTENCES[self.what].format(number=self.number)


@dataclass
class ChainReport:
    """What was looked at and what was found."""

    links: int = 0
    rows: int = 0
    waiting: int = 0
    """Rows that are not chained yet."""
    oldest_waiting: datetime | None = None
    forgotten: int = 0
    """Links that were deleted when their time was over."""
    found: Counter[Tampering] = field(default_factory=Counter)
    named: list[Discrepancy] = field(default_factory=list)

    def say(self, what: Tampering, number: int) -> None:
        """Keep a finding."""
        self.found[what] += 1
        if len(self.named) < MOST:
            self.named.append(Discrepancy(what, number))

    @property
    def is_whole(self) -> bool:
        """Say whether everything is as it was written."""
        return not self.found


def verify(session: Session, heads: Mapping[int, str]) -> ChainReport:
    """Read the whole log, in a transaction that has read nothing yet.

    `heads` are the hashes of links that were written elsewhere.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    walk = _Walk(session, heads)
    walk.links()
    walk.end()
    return walk.report


class _Walk:
    """One reading of the chain, from its first link to its end."""

    def __init__(self, session: Session, heads: Mapping[int, str]) -> None:
        self.session, self.heads = session, heads
        self.report = ChainReport()
        self.before: AuditLink | None = None
        self.unexplained: set[int] = set()
        """Rows that were passed and stand in no link so far."""
        self.latest: datetime | None = None
        """When the youngest row so far was written."""

    def links(self) -> None:
        after = 0
        while link := self._next(after):
            self._link(link)
            self._rows(link)
            self.before, after = link, link.id
            self.session.expunge_all()  # or every row read would stay in memory

    def end(self) -> None:
        """Look at what is behind the last link."""
        last = self.before
        reached = last.last_entry if last else 0
        waiting = select(func.count(), func.min(AuditEntry.at)).where(AuditEntry.id > reached)
        self.report.waiting, self.report.oldest_waiting = self.session.execute(waiting).one()
        self._late(last)
        for number in self.heads:
            if number > (last.id if last else 0):
                self.report.say(Tampering.TRUNCATED, number)

    def _next(self, after: int) -> AuditLink | None:
        wanted = select(AuditLink).where(AuditLink.id > after).order_by(AuditLink.id).limit(1)
        return self.session.scalar(wanted)

    def _link(self, link: AuditLink) -> None:
        """Look at the link itself: its hash, the one before, the one that was written elsewhere."""
        self.report.links += 1
        if chain.link_hash(link) != link.hash:
            self.report.say(Tampering.LINK_CHANGED, link.id)
        elif self.heads.get(link.id, link.hash) != link.hash:
            self.report.say(Tampering.REWRITTEN, link.id)
        if not self._follows(link):
            self.report.say(Tampering.LINK_MISSING, link.id)

    def _follows(self, link: AuditLink) -> bool:
        if self.before is not None:
            return (link.id, link.previous) == (self.before.id + 1, self.before.hash)
        if link.id == 1:
            return link.previous == chain.FIRST
        newest = select(AuditLink).where(AuditLink.forgotten.is_not(None))
        said = self.session.scalar(newest.order_by(AuditLink.id.desc()).limit(1))
        self.report.forgotten = link.id - 1
        return said is not None and (said.forgotten, said.forgotten_hash) == (
            link.id - 1,
            link.previous,
        )

    def _rows(self, link: AuditLink) -> None:
        members = chain.members_of(link)
        passed = self.before.last_entry if self.before else 0
        rows = {row.id: row for row in self._read(list(members), passed, link.last_entry)}
        self.report.rows += len(members)
        for number, kept in members.items():
            row = rows.get(number)
            if row is None:
                self.report.say(Tampering.MISSING, number)
            elif chain.row_hash(row) != kept:
                self.report.say(Tampering.CHANGED, number)
        known = [row for number, row in sorted(rows.items()) if number in members]
        self._times(known, link)
        self._details(known)
        self.unexplained = (self.unexplained | rows.keys()) - members.keys()

    def _read(self, members: Sequence[int], passed: int, last: int) -> list[AuditEntry]:
        """Return the rows of a link, and what else stands between the numbers it passes."""
        late = [number for number in members if number <= passed]
        beside = AuditEntry.id.between(passed + 1, last) if last > passed else None
        found: list[AuditEntry] = []
        if late:
            wanted = select(AuditEntry).where(one_of(self.session, AuditEntry.id, late))
            found.extend(self.session.scalars(wanted))
        if beside is not None:
            found.extend(self.session.scalars(select(AuditEntry).where(beside)))
        return found

    def _times(self, rows: Iterable[AuditEntry], link: AuditLink) -> None:
        for row in rows:
            early = self.latest is not None and row.at < self.latest - LATE
            if early or row.at > link.at + LATE:
                self.report.say(Tampering.BACKDATED, row.id)
            else:
                self.latest = max(row.at, self.latest or row.at)

    def _details(self, rows: Sequence[AuditEntry]) -> None:
        digests = [row.detail for row in rows if row.detail]
        wanted = select(AuditDetail).where(one_of_texts(self.session, AuditDetail.digest, digests))
        kept = {each.digest: each for each in self.session.scalars(wanted)} if digests else {}
        for row in rows:
            detail = kept.get(row.detail or "")
            if row.detail and detail is None and not self._erased(row):
                self.report.say(Tampering.DETAIL_MISSING, row.id)
            if detail and audit.digest_of(detail.salt, detail.content) != detail.digest:
                self.report.say(Tampering.DETAIL_CHANGED, row.id)

    def _erased(self, row: AuditEntry) -> bool:
        """Say whether the person that a row is about was erased after it."""
        later = select(AuditEntry.id).where(
            AuditEntry.subject == row.subject, AuditEntry.action == ERASED, AuditEntry.id > row.id
        )
        return self.session.scalar(later.limit(1)) is not None

    def _late(self, last: AuditLink | None) -> None:
        """Look at rows that no link has: those written just before the last may yet get one."""
        wanted = select(AuditEntry.id, AuditEntry.at)
        rows = self.session.execute(
            wanted.where(one_of(self.session, AuditEntry.id, sorted(self.unexplained)))
        )
        for number, at in rows:
            if last is None or at < last.at - LATE:
                self.report.say(Tampering.INSERTED, number)
