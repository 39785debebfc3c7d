"""The files around a spreadsheet that is checked first: uploaded, its plan, its result."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath

from sqlalchemy.orm import Session

from registry.base import files, moves, retention
from registry.base.crypto import Vault
from registry.base.errors import NotFound, RuleError
from registry.base.file_tables import StoredFile
from registry.tasks.procedure import Running
from registry.tasks.states import TASK, TaskEvent
from registry.tasks.tables import Task

KEPT_FOR = retention.IMPORT_FILE
"""How long the uploaded file, what is planned and the result are kept."""
PLAN_NAME = "核对结果"
MAX_NAME = 100
"""Characters of a file's name."""


@dataclass(frozen=True)
class Upload:
    """A file somebody uploaded for a school."""

    school_id: int
    staff_id: int | None
    """None for the command line."""
    name: str
    content: bytes


def keep_upload(
    session: Session, vault: Vault, upload: Upload, otherwise: str, at: datetime
) -> tuple[str, StoredFile]:
    """Store an uploaded file; return its name, `otherwise` for one without, and the file."""
    name = PurePath(upload.name.replace("\\", "/")).name[-MAX_NAME:] or otherwise
    incoming = files.Incoming(upload.school_id, name, "application/octet-stream", upload.content)
    return name, files.store(session, vault, incoming, at, at + KEPT_FOR)


def uploaded(session: Session, vault: Vault, task: Task) -> bytes:
    """Return the uploaded file of a task; raise RuleError `file_gone`."""
    stored = files.find(session, task.of_school, task.source_file_id)
    if stored is None:
        raise gone()
    return files.opened(vault, stored)


def decide(session: Session, found: Task, event: TaskEvent, moved_on: RuleError) -> Task:
    """Approve or abandon a checked file; raise `moved_on` where it waits for that no longer."""
    anew = {"attempts": 0, "done": 0, "message": ""}
    if not moves.move(session, TASK, Task.state, event, Task.id == found.id, **anew):
        raise moved_on
    session.refresh(found)
    return found


def gone() -> RuleError:
    """Return the refusal of a task whose files are kept no more."""
    return RuleError("file_gone", "上传的文件已过保存期限，请重新上传。")


def keep(
    session: Session, running: Running, name: str, media_type: str, content: bytes
) -> StoredFile:
    """Store a plan or a result of a task, for its school."""
    at = running.resources.clock()
    incoming = files.Incoming(running.claim.scope.school_id, name, media_type, content)
    return files.store(session, running.resources.vault, incoming, at, at + KEPT_FOR)


def planned(session: Session, vault: Vault, task: Task) -> bytes | None:
    """Return the plan of a task; None where it is gone."""
    stored = files.find_by_key(session, task.of_school, task.plan_key)
    return files.opened(vault, stored) if stored else None


def result(session: Session, vault: Vault, task: Task) -> tuple[str, bytes]:
    """Return name and content of the workbook of results; raise NotFound where it is gone."""
    stored = files.find(session, task.of_school, task.file_id)
    if stored is None:
        raise NotFound("文件（保存 7 天）")
    return stored.name, files.opened(vault, stored)
