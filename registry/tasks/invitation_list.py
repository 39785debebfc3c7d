"""An employer's invitations with what became of each, as a workbook for who asks."""

from typing import IO

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.accounts.audit import AuditRecord
from registry.accounts.employer_tables import Employer
from registry.accounts.tables import Staff
from registry.base.errors import RuleError
from registry.signing import invitation_export, lists
from registry.tasks.claims import Claim
from registry.tasks.name_lists import write_lines
from registry.tasks.people import Building
from registry.tasks.states import TaskState
from registry.tasks.tables import Task


def write_invitations(building: Building, file: IO[bytes]) -> None:
    """Write all invitations of who asked; raise RuleError `no_reader` for who reads none now."""
    employer = _employer(building.session, building.task)
    found = lists.every(building.session, employer, building.at)
    write_lines(building, file, invitation_export.lines(found))


def _employer(session: Session, task: Claim) -> int:
    key = task.by.removeprefix("staff:")
    mine = (Staff.key == key, Staff.active, Staff.may_export)
    theirs = (Employer.id == Staff.employer_id, Employer.key == task.asked["employer"])
    found = session.scalar(select(Employer.id).join(Staff, theirs[0]).where(*mine, theirs[1]))
    if found is None:
        raise RuleError("no_reader", "您的账号已不能导出签约邀请。")
    return found


def audited(claim: Claim, task: Task) -> AuditRecord | None:
    """Return that the invitations were exported, and how many; nothing of what was refused."""
    if task.state != TaskState.FINISHED:
        return None
    about = f"employer:{claim.asked['employer']}"
    return AuditRecord(claim.by, "invitations_export", about, None, {"rows": task.done})
