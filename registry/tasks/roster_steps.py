"""Runs imports: checks the file and, where that was approved, brings it in.

Progress is written in short transactions of its own, so that it can be watched; the rows come in
by one transaction, so that nothing half-done is ever seen.
"""

from dataclasses import asdict
from datetime import timedelta
from typing import Any, Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from registry.accounts import audit
from registry.accounts.school_tables import School
from registry.base import files
from registry.base.clock import Clock
from registry.base.crypto import Vault
from registry.base.errors import RuleError
from registry.roster import applying, refused
from registry.roster.applying import Applied, Work
from registry.roster.assessing import Assessment, Chunk, assess
from registry.roster.matching import Roll
from registry.roster.problems import refuses
from registry.tasks.roster_claims import Claim, Overtaken, move, write
from registry.tasks.roster_states import Event, Policy, State

MAX_ATTEMPTS = 5
KEPT_FOR = timedelta(days=7)
"""How long the uploaded file and the file of refused rows are kept."""


class Desk(Protocol):
    """What the work needs: where to write and read, the keys, the time."""

    @property
    def sessions(self) -> sessionmaker[Session]:
        """Make sessions that write."""
        ...

    @property
    def readers(self) -> sessionmaker[Session]:
        """Make sessions that only read."""
        ...

    @property
    def vault(self) -> Vault:
        """Give the keys."""
        ...

    @property
    def clock(self) -> Clock:
        """Give the clock."""
        ...


class ChangedMeanwhile(Exception):
    """The record changed between checking and writing, so that a row is refused by now."""


def run(desk: Desk, claimed: Claim) -> None:
    """Check the file and, where that was approved, bring it in; keep a refusal as a sentence."""
    try:
        _run(desk, claimed)
    except Overtaken:
        return


def _run(desk: Desk, claimed: Claim) -> None:
    try:
        content = _content(desk, claimed)
        found = _assessed(desk, claimed, content)
        if claimed.policy is Policy.ALL_OR_NOTHING and found.refused:
            raise _nothing_imported(found)
        step = _plan if claimed.state is State.CHECKING else _bring_in
        step(desk, claimed, found)
    except RuleError as refusal:
        with desk.sessions.begin() as session:
            move(session, claimed, Event.REFUSE, desk.clock(), message=refusal.sentence)
    except ChangedMeanwhile:
        with desk.sessions.begin() as session:
            move(session, claimed, Event.GIVE_BACK)


def _nothing_imported(found: Assessment) -> RuleError:
    return RuleError(
        "nothing_imported",
        f"有 {len(found.refused)} 行没有通过核对。按“全部通过才导入”的选择，什么都没有导入，"
        "请按原因修改后重新上传。",
    )


def _content(desk: Desk, claimed: Claim) -> bytes:
    if claimed.attempts > MAX_ATTEMPTS:
        sentence = "多次尝试都没有完成，请重新上传。如仍然如此，请联系平台。"
        raise RuleError("given_up", sentence)
    with desk.readers.begin() as session:
        stored = files.find(session, claimed.school_id, claimed.file_id)
        if stored is None:
            raise RuleError("file_gone", "上传的文件已过保存期限，请重新上传。")
        return files.opened(desk.vault, stored)


def _assessed(desk: Desk, claimed: Claim, content: bytes) -> Assessment:
    """Check every row, against the record too; keep the problems and the file of refused rows."""
    roll, work = Roll(desk.vault, claimed.school_id), _work(desk, claimed)

    def look(found: Assessment, good: Chunk, height: int) -> None:
        with desk.readers.begin() as session:
            matched = roll.match(session, good)
            for problem in (*matched.problems, *applying.locked(session, work, good, matched)):
                found.take(problem)
        with desk.sessions.begin() as session:
            write(session, claimed, done=found.rows, total=max(height, found.rows))

    found = assess(content, claimed.school_code, desk.clock(), look)
    book = refused.workbook(content, found.header, found.refused) if found.refused else None
    with desk.sessions.begin() as session:
        values = _kept(session, desk, claimed, book)
        write(
            session,
            claimed,
            problems=[problem.as_json() for problem in found.problems],
            year=found.year,
            counts=_counts(found, Applied()),
            done=found.rows,
            total=found.rows,
            **values,
        )
    return found


def _kept(session: Session, desk: Desk, claimed: Claim, book: bytes | None) -> dict[str, Any]:
    if book is None:
        return {"refused_file_id": None}
    at = desk.clock()
    name = f"未导入的行-{claimed.key[:6]}.xlsx"
    incoming = files.Incoming(claimed.school_id, name, refused.MEDIA_TYPE, book)
    return {"refused_file_id": files.store(session, desk.vault, incoming, at, at + KEPT_FOR).id}


def _counts(found: Assessment, outcome: Applied) -> dict[str, int]:
    return {
        "rows": found.rows,
        "refused": len(found.refused),
        "warnings": found.warned.total(),
        **asdict(outcome),
    }


def _work(desk: Desk, claimed: Claim) -> Work:
    return Work(claimed.school_id, desk.vault, claimed.recorded_by, desk.clock())


def _plan(desk: Desk, claimed: Claim, found: Assessment) -> None:
    """Say what bringing the file in would change, and wait for that to be approved."""
    work, outcome = _work(desk, claimed), Applied()
    roll = Roll(desk.vault, claimed.school_id)
    for chunk in found.good():
        with desk.readers.begin() as session:
            applying.load_departments(session, work)
            matched = roll.match(session, chunk)
            outcome += applying.foresee(session, work, chunk, matched)
    with desk.sessions.begin() as session:
        move(session, claimed, Event.PLAN, counts=_counts(found, outcome))


def _bring_in(desk: Desk, claimed: Claim, found: Assessment) -> None:
    """Write the good rows, all in one transaction."""
    work, outcome = _work(desk, claimed), Applied()
    roll = Roll(desk.vault, claimed.school_id)
    with desk.sessions.begin() as session:
        _wait_for_other_imports(session, claimed.school_id)
        write(session, claimed)  # still ours: what follows takes a while
        applying.load_departments(session, work)
        for chunk in found.good():
            matched = roll.match(session, chunk)
            if refuses(matched.problems):
                raise ChangedMeanwhile
            outcome += applying.apply(session, work, chunk, matched)
        counts = _counts(found, outcome)
        move(session, claimed, Event.FINISH, work.at, counts=counts)
        subject = f"roster_import:{claimed.key}"
        deed = audit.AuditRecord(
            claimed.recorded_by, "roster_applied", subject, claimed.school_id, counts
        )
        audit.note(session, deed, work.at)


def _wait_for_other_imports(session: Session, school_id: int) -> None:
    """Lock the school: two imports of the same people would fail on each other's rows."""
    session.execute(select(School.id).where(School.id == school_id).with_for_update())
