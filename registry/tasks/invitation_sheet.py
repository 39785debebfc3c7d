"""Inviting by a spreadsheet, as the employer's door asks for it: begin, approve, abandon.

A door that has begun or approved a file asks for the job that does it.
"""

from datetime import datetime
from pathlib import PurePath

from sqlalchemy.orm import Session

from registry.accounts.school_tables import School
from registry.accounts.tables import Staff
from registry.base import files, moves
from registry.base.crypto import Vault
from registry.base.errors import NotFound, RuleError
from registry.roster.problems import Policy
from registry.signing import sheet_rows
from registry.tasks import lookup
from registry.tasks.invitation_steps import KEPT_FOR
from registry.tasks.roster_import import MAX_NAME, Upload
from registry.tasks.states import TASK, TaskEvent, TaskKind, TaskState
from registry.tasks.tables import Task


def begin(
    session: Session, vault: Vault, staff: Staff, upload: Upload, policy: Policy, at: datetime
) -> Task:
    """Store an uploaded file for checking; raise RuleError for what is certainly no such file."""
    sheet_rows.refuse_unfit(upload.content)
    name = PurePath(upload.name.replace("\\", "/")).name[-MAX_NAME:] or "邀请名单"
    incoming = files.Incoming(upload.school_id, name, "application/octet-stream", upload.content)
    stored = files.store(session, vault, incoming, at, at + KEPT_FOR)
    added = Task(
        school_id=upload.school_id,
        staff_id=staff.id,
        employer_id=staff.employer_id,
        kind=TaskKind.INVITATIONS,
        asked={"file_name": name, "policy": policy.value},
        source_file_id=stored.id,
        state=TaskState.WAITING,
        created_at=at,
    )
    session.add(added)
    session.flush()
    return added


def approve(session: Session, employer_id: int, key: str) -> Task:
    """Have a checked file sent; the door then asks for the job.

    Raises NotFound, or RuleError `sheet_moved_on` where it no longer waits for that.
    """
    return _decide(session, employer_id, key, TaskEvent.APPROVE)


def abandon(session: Session, employer_id: int, key: str) -> Task:
    """Give a file up before anything of it is sent; raises as `approve` does."""
    return _decide(session, employer_id, key, TaskEvent.ABANDON)


def _decide(session: Session, employer_id: int, key: str, event: TaskEvent) -> Task:
    found = lookup.find_of_employer(session, employer_id, key)
    if not moves.move(session, TASK, Task.state, event, Task.id == found.id, attempts=0, done=0):
        sentence = "这份文件的状态刚刚有变化，请看最新情况后再操作。"
        raise RuleError("sheet_moved_on", sentence)
    session.refresh(found)
    return found


def result_file(session: Session, vault: Vault, found: Task) -> tuple[str, bytes]:
    """Return name and content of the workbook of results; raise NotFound where it is gone."""
    stored = files.find(session, found.of_school, found.file_id)
    if stored is None:
        raise NotFound("文件（保存 7 天）")
    return stored.name, files.opened(vault, stored)


def school_of(session: Session, found: Task) -> School:
    """Return at which school a file invites."""
    return session.get_one(School, found.of_school)
