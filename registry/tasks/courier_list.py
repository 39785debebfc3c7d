"""Courier's lists, as the school's door asks for them: begin, approve, abandon, list.

A door that has begun or approved a list asks for the job that does it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from registry.base.crypto import Vault
from registry.base.errors import RuleError
from registry.numbers.posting.states import PostingWay
from registry.record.scope import Scope
from registry.roster import titled_sheets
from registry.roster.problems import Policy
from registry.tasks import lookup, sheet_files
from registry.tasks.sheet_files import Upload
from registry.tasks.states import COURIER_LISTS, TaskEvent, TaskKind, TaskState
from registry.tasks.tables import Task


@dataclass(frozen=True)
class CourierChoice:
    """What rows mean that do not say it, and what is to become of the good ones."""

    cohort: int
    way: PostingWay
    policy: Policy


def begin(
    session: Session,
    vault: Vault,
    scope: Scope,
    upload: Upload,
    choice: CourierChoice,
    at: datetime,
) -> Task:
    """Store an uploaded list for checking; raise RuleError for what is certainly no such file."""
    titled_sheets.refuse_unfit(upload.content)
    name, stored = sheet_files.keep_upload(session, vault, upload, "寄送清单", at)
    added = Task(
        school_id=scope.school_id,
        department_id=scope.department_id,
        staff_id=upload.staff_id,
        kind=TaskKind.COURIER_LIST,
        asked={"file_name": name, "policy": choice.policy.value, "way": choice.way.value},
        year=choice.cohort,
        source_file_id=stored.id,
        state=TaskState.WAITING,
        created_at=at,
    )
    session.add(added)
    session.flush()
    return added


def approve(session: Session, scope: Scope, key: str) -> Task:
    """Have a checked list noted; the door then asks for the job.

    Raises NotFound, or RuleError `list_moved_on` where it no longer waits for that.
    """
    return _decide(session, scope, key, TaskEvent.APPROVE)


def abandon(session: Session, scope: Scope, key: str) -> Task:
    """Give a list up before anything of it is noted; raises as `approve` does."""
    return _decide(session, scope, key, TaskEvent.ABANDON)


def _decide(session: Session, scope: Scope, key: str, event: TaskEvent) -> Task:
    moved_on = RuleError("list_moved_on", "这份清单的状态刚刚有变化，请看最新情况后再操作。")
    return sheet_files.decide(session, find(session, scope, key), event, moved_on)


def find(session: Session, scope: Scope, key: str) -> Task:
    """Return a list of the scope; raise NotFound for others'."""
    return lookup.find(session, scope, key, COURIER_LISTS, "寄送清单")


def recent(
    session: Session, scope: Scope, limit: int, before_id: int | None = None
) -> Sequence[Task]:
    """Return the lists of the scope, newest first, from below an id."""
    return lookup.recent(session, scope, limit, kinds=COURIER_LISTS, before_id=before_id)
