"""Inviting by a spreadsheet, as the employer's door asks for it: begin, approve, abandon.

A door that has begun or approved a file asks for the job that does it.
"""

from datetime import datetime

from sqlalchemy.orm import Session

from registry.accounts.school_tables import School
from registry.accounts.tables import Staff
from registry.base.crypto import Vault
from registry.base.errors import RuleError
from registry.roster import titled_sheets
from registry.roster.problems import Policy
from registry.tasks import lookup, sheet_files
from registry.tasks.sheet_files import Upload
from registry.tasks.states import TaskEvent, TaskKind, TaskState
from registry.tasks.tables import Task


def begin(
    session: Session, vault: Vault, staff: Staff, upload: Upload, policy: Policy, at: datetime
) -> Task:
    """Store an uploaded file for checking; raise RuleError for what is certainly no such file."""
    titled_sheets.refuse_unfit(upload.content)
    name, stored = sheet_files.keep_upload(session, vault, upload, "邀请名单", at)
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
    moved_on = RuleError("sheet_moved_on", "这份文件的状态刚刚有变化，请看最新情况后再操作。")
    return sheet_files.decide(session, found, event, moved_on)


def school_of(session: Session, found: Task) -> School:
    """Return at which school a file invites."""
    return session.get_one(School, found.of_school)
