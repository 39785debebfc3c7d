"""Importing a roster, as a door asks for it: begin, look at the plan, approve or abandon it.

A door that has begun or approved an import asks for the job that runs it.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.accounts.staff import find_department
from registry.base.crypto import Vault
from registry.base.errors import RuleError
from registry.record.scope import Scope, lock_school
from registry.roster.problems import Policy
from registry.roster.reading import MAX_FILE_BYTES, refuse_hostile
from registry.tasks import claims, kinds, lookup, run, sheet_files
from registry.tasks.procedure import Running, TaskResources
from registry.tasks.roster_steps import KEEPS_DEPARTMENTS, plan_of
from registry.tasks.sheet_files import Upload
from registry.tasks.states import IMPORTS, MOVING, TaskEvent, TaskKind, TaskState
from registry.tasks.tables import Task

__all__ = ["MAX_FILE_BYTES", "ImportChoice", "Report", "Upload", "plan_of"]

PAGE = 20


@dataclass(frozen=True)
class ImportChoice:
    """What is to become of it."""

    policy: Policy = Policy.VALID_ROWS
    dry_run: bool = True
    """Stop after checking, with a plan that waits to be approved."""
    makes_departments: bool = True
    """Without a dry run: make the departments that the school has not, or refuse the file."""


@dataclass(frozen=True)
class Report:
    """How an import stands: what a command prints."""

    key: str
    state: TaskState
    message: str
    year: int | None
    counts: dict[str, int]
    """rows, the sum of new, changed, unchanged, refused, skipped and held_back; warnings; of the
    new and changed, reported and reset."""
    problems: list[dict[str, Any]]
    """sheet, row, column, code, sentence, severity; notes on the whole file have row 0."""

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
    session: Session, vault: Vault, upload: Upload, choice: ImportChoice, at: datetime
) -> Task:
    """Store an uploaded file for checking; the door then asks for the job.

    Raises RuleError with a code of `reading.SENTENCES` for what is certainly no roster.
    """
    refuse_hostile(upload.content)
    name, stored = sheet_files.keep_upload(session, vault, upload, "名单", at)
    added = Task(
        school_id=upload.school_id,
        staff_id=upload.staff_id,
        kind=TaskKind.ROSTER_IMPORT,
        asked={
            "file_name": name,
            "policy": choice.policy.value,
            **({} if choice.makes_departments else {KEEPS_DEPARTMENTS: "yes"}),
        },
        source_file_id=stored.id,
        state=TaskState.WAITING if choice.dry_run else TaskState.APPROVED,
        created_at=at,
    )
    session.add(added)
    session.flush()
    return added


def approve(
    session: Session, scope: Scope, key: str, departments: Mapping[str, str] | None = None
) -> Task:
    """Have a checked file brought in; the door then asks for the job.

    `departments` says for names of the file, by its key, which department of the school is meant;
    other new ones are made. Raises NotFound, or RuleError `import_moved_on` where it no longer
    waits for that.
    """
    lock_school(session, scope.school_id)  # so that no department is merged meanwhile
    meant = {
        name: find_department(session, scope.school_id, key=chosen).id
        for name, chosen in (departments or {}).items()
    }
    found = _decide(session, scope, key, TaskEvent.APPROVE)
    if meant:
        found.asked = {**found.asked, "departments": json.dumps(meant, ensure_ascii=False)}
        session.flush()
    return found


def abandon(session: Session, scope: Scope, key: str) -> Task:
    """Give an import up before it is written; raises as `approve` does."""
    return _decide(session, scope, key, TaskEvent.ABANDON)


def _decide(session: Session, scope: Scope, key: str, event: TaskEvent) -> Task:
    return sheet_files.decide(session, find(session, scope, key), event, moved_on())


def moved_on() -> RuleError:
    """Return the refusal of an act on an import that does not wait for it any more."""
    return RuleError("import_moved_on", "这次导入的状态刚刚有变化，请看最新情况后再操作。")


def find(session: Session, scope: Scope, key: str) -> Task:
    """Return an import of the school; departments have none. Raises NotFound."""
    return lookup.find(session, scope, key, IMPORTS, "导入记录")


def is_coming_in(session: Session, school_id: int) -> bool:
    """Say whether a file of the school was approved and is not in yet, or is being undone."""
    open_ones = select(Task.id).where(
        Task.school_id == school_id,
        Task.kind.in_(sorted(IMPORTS)),
        Task.state.in_(sorted(MOVING - {TaskState.WAITING, TaskState.RUNNING})),
    )
    return session.scalar(open_ones.limit(1)) is not None


def recent(
    session: Session, scope: Scope, before_id: int | None = None, limit: int = PAGE
) -> Sequence[Task]:
    """Return the school's imports, newest first, from below an id."""
    return lookup.recent(session, scope, limit, kinds=IMPORTS, before_id=before_id)


def refused_file(session: Session, vault: Vault, scope: Scope, key: str) -> tuple[str, bytes]:
    """Return name and content of the workbook of refused rows; raise NotFound where gone."""
    return sheet_files.result(session, vault, find(session, scope, key))


def import_now(resources: TaskResources, upload: Upload, choice: ImportChoice) -> Report:
    """Import a file at once, in this process; raise RuleError for what is certainly no roster."""
    with resources.sessions.begin() as session:
        ident = begin(session, resources.vault, upload, choice, resources.clock()).id
        claimed = claims.claim(session, only=ident)
    procedure = kinds.PROCEDURES[TaskKind.ROSTER_IMPORT]
    while claimed is not None:
        run.run_claimed(Running(resources, "", procedure, claimed))
        with resources.sessions.begin() as session:
            claimed = claims.claim(session, only=ident)
    with resources.readers.begin() as session:
        return report(session.get_one(Task, ident))


def report(done: Task) -> Report:
    """Return how an import stands."""
    return Report(
        key=done.key,
        state=TaskState(done.state),
        message=done.message,
        year=done.year,
        counts=done.counts,
        problems=done.problems,
    )
