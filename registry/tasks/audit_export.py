"""Rows of the audit log as a workbook, for who reads that log, at once or in the background."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import IO

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.accounts import audit
from registry.accounts.audit import AuditRecord
from registry.accounts.audit_log import reading
from registry.accounts.audit_log.reading import AuditScope
from registry.accounts.tables import Staff
from registry.base.clock import SHANGHAI
from registry.base.errors import RuleError
from registry.record import log_query
from registry.record.log_query import LogQuery
from registry.record.logged_rows import SaidRow, said_rows
from registry.tasks.claims import Claim
from registry.tasks.name_lists import write_lines
from registry.tasks.people import Building
from registry.tasks.states import TaskState
from registry.tasks.tables import Task

HEADINGS = ("时间", "操作人", "身份", "操作", "对象", "来源地址代码", "设备", "说明")
CHUNK = 1000
"""Rows whose names are asked for together."""


def write_audit_log(building: Building, file: IO[bytes]) -> None:
    """Write the rows a task asks for; raise RuleError `no_reader` for who reads none any more."""
    session, task = building.session, building.task
    scope = _scope(session, task.by)
    query = log_query.read(session, building.vault, scope, task.asked)
    write_lines(building, file, lines(session, scope, query, task.total))


def _scope(session: Session, actor: str) -> AuditScope:
    key = actor.removeprefix(reading.STAFF)
    staff = session.scalar(select(Staff).where(Staff.key == key, Staff.active, Staff.may_export))
    scope = log_query.scope_of(staff) if staff else None
    if scope is None:
        raise RuleError("no_reader", "您的账号已不能导出操作日志。")
    return scope


def lines(
    session: Session, scope: AuditScope, query: LogQuery, most: int
) -> Iterator[Sequence[str]]:
    """Yield the heading and a line for each row, newest first, a thousand in memory at a time."""
    yield HEADINGS
    those = reading.conditions(session, scope, query.wanted)
    rows = reading.every(session, those, most)
    while some := list(islice(rows, CHUNK)):
        yield from map(_line, said_rows(session, scope, some))


def _line(row: SaidRow) -> Sequence[str]:
    at = f"{row.at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}"
    said = "；".join(row.lines)
    return (at, row.who, row.role, row.what, row.about, row.place, row.device, said)


def audited(claim: Claim, task: Task) -> AuditRecord | None:
    """Return that the rows were exported, and how many; nothing of what was refused."""
    if task.state != TaskState.FINISHED:
        return None
    about = f"{audit.GRADUATE}{claim.asked['person']}" if "person" in claim.asked else "audit"
    school = claim.place.school_id if claim.place else None
    said = {"lines": task.done}
    return AuditRecord(claim.by, "export_audit", about, school, said, province=claim.province)
