"""Importing a roster, as a door asks for it: begin, look at the plan, approve or abandon it.

A door that has begun or approved an import asks for the job that runs it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from registry.base import files
from registry.base.crypto import Vault
from registry.base.errors import NotFound, RuleError
from registry.record.scope import Scope
from registry.roster.reading import MAX_FILE_BYTES, refuse_hostile
from registry.tasks import roster_claims as claims
from registry.tasks import roster_steps as running
from registry.tasks.earlier_tables import RosterImport
from registry.tasks.roster_states import MOVES, Event, Policy, State, sources
from registry.tasks.roster_steps import KEPT_FOR, Desk

__all__ = ["MAX_FILE_BYTES", "Choice", "Desk", "Report", "Upload"]

PAGE = 20
MAX_NAME = 100


@dataclass(frozen=True)
class Upload:
    """A file somebody uploaded for a school."""

    school_id: int
    staff_id: int | None
    """None for the command line."""
    name: str
    content: bytes


@dataclass(frozen=True)
class Choice:
    """What is to become of it."""

    policy: Policy = Policy.VALID_ROWS
    dry_run: bool = True
    """Stop after checking, with a plan that waits to be approved."""


@dataclass(frozen=True)
class Report:
    """How an import stands: what a command prints."""

    key: str
    state: State
    message: str
    year: int | None
    counts: dict[str, int]
    """rows, refused, warnings, new, changed, unchanged, reported, reset."""
    problems: list[dict[str, Any]]
    """row, column, code, sentence, severity; notes on the whole file have row 0."""

    def as_json(self) -> dict[str, Any]:
        """Return it for printing."""
        return {
            "import": self.key,
            "state": self.state,
            "message": self.message,
            "year": self.year,
            "counts": self.counts,
            "problems": self.problems,
        }


def begin(
    session: Session, vault: Vault, upload: Upload, choice: Choice, at: datetime
) -> RosterImport:
    """Store an uploaded file for checking; the door then asks for the job.

    Raises RuleError with a code of `reading.SENTENCES` for what is certainly no roster.
    """
    refuse_hostile(upload.content)
    name = PurePath(upload.name.replace("\\", "/")).name[-MAX_NAME:] or "名单"
    incoming = files.Incoming(upload.school_id, name, "application/octet-stream", upload.content)
    stored = files.store(session, vault, incoming, at, at + KEPT_FOR)
    added = RosterImport(
        school_id=upload.school_id,
        staff_id=upload.staff_id,
        file_id=stored.id,
        file_name=name,
        state=State.WAITING if choice.dry_run else State.APPROVED,
        policy=choice.policy,
        created_at=at,
    )
    session.add(added)
    session.flush()
    return added


def approve(session: Session, scope: Scope, key: str) -> RosterImport:
    """Have a checked file brought in; the door then asks for the job.

    Raises NotFound, or RuleError `import_moved_on` where it no longer waits for that.
    """
    return _decide(session, scope, key, Event.APPROVE)


def abandon(session: Session, scope: Scope, key: str) -> RosterImport:
    """Give an import up before it is written; raises as `approve` does."""
    return _decide(session, scope, key, Event.ABANDON)


def _decide(session: Session, scope: Scope, key: str, event: Event) -> RosterImport:
    found = find(session, scope, key)
    (target,) = {state for (_, candidate), state in MOVES.items() if candidate is event}
    moved = session.scalars(
        update(RosterImport)
        .where(RosterImport.id == found.id, RosterImport.state.in_(sources(event)))
        .values(state=target, attempts=0, done=0)
        .returning(RosterImport.id)
        .execution_options(synchronize_session=False)
    ).all()
    if not moved:
        raise RuleError("import_moved_on", "这次导入的状态刚刚有变化，请看最新情况后再操作。")
    session.refresh(found)
    return found


def find(session: Session, scope: Scope, key: str) -> RosterImport:
    """Return an import of the school; departments have none. Raises NotFound."""
    wanted = select(RosterImport).where(
        RosterImport.key == key, RosterImport.school_id == scope.school_id
    )
    found = session.scalar(wanted) if scope.department_id is None else None
    if found is None:
        raise NotFound("导入记录")
    return found


def recent(
    session: Session, scope: Scope, before_id: int | None = None, limit: int = PAGE
) -> Sequence[RosterImport]:
    """Return the school's imports, newest first, from below an id."""
    if scope.department_id is not None:
        return []
    wanted = select(RosterImport).where(RosterImport.school_id == scope.school_id)
    if before_id is not None:
        wanted = wanted.where(RosterImport.id < before_id)
    return session.scalars(wanted.order_by(RosterImport.id.desc()).limit(limit)).all()


def refused_file(session: Session, vault: Vault, scope: Scope, key: str) -> tuple[str, bytes]:
    """Return name and content of the workbook of refused rows; raise NotFound where gone."""
    found = find(session, scope, key)
    stored = files.find(session, scope.school_id, found.refused_file_id)
    if stored is None:
        raise NotFound("文件（保存 7 天）")
    return stored.name, files.opened(vault, stored)


def run_next(desk: Desk) -> bool:
    """Run one import that waits, or whose worker was lost; say whether there was one."""
    with desk.sessions.begin() as session:
        claimed = claims.claim(session)
    if claimed is None:
        return False
    running.run(desk, claimed)
    return True


def import_now(desk: Desk, upload: Upload, choice: Choice) -> Report:
    """Import a file at once, in this process; raise RuleError for what is certainly no roster."""
    with desk.sessions.begin() as session:
        ident = begin(session, desk.vault, upload, choice, desk.clock()).id
        claimed = claims.claim(session, only=ident)
    while claimed is not None:
        running.run(desk, claimed)
        with desk.sessions.begin() as session:
            claimed = claims.claim(session, only=ident)
    with desk.readers.begin() as session:
        return report(session.get_one(RosterImport, ident))


def report(done: RosterImport) -> Report:
    """Return how an import stands."""
    return Report(
        key=done.key,
        state=State(done.state),
        message=done.message,
        year=done.year,
        counts=done.counts,
        problems=done.problems,
    )
