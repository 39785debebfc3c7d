"""The audit log as a workbook, made by a task: a short one before its page is shown.

That it was made and fetched are rows of the log, and the file is whose who asked for it alone.
"""

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from registry.accounts import audit
from registry.accounts.audit_log import reading as log
from registry.base.errors import NotFound, RuleError
from registry.record import log_query
from registry.tasks import own_tasks
from registry.tasks.kinds import PROCEDURES
from registry.tasks.own_tasks import OwnTask
from registry.tasks.states import MOVING, TITLES, TaskKind, TaskState
from wxapp.audit.pages import own_scope, shown
from wxapp.core import downloads, own_exports
from wxapp.core.db import reading, writing
from wxapp.core.resources import now, resources
from wxapp.core.who import current_staff

KINDS = frozenset({TaskKind.AUDIT_LOG})


def export_log() -> Response:
    """Have the rows that the address asks for made a file, and show its page."""
    scope, procedure = own_scope(), PROCEDURES[TaskKind.AUDIT_LOG]
    most = procedure.most or 0
    with reading() as session:
        query = log_query.read(session, resources().vault, scope, request.args)
        rows = log.count(session, log.conditions(session, scope, query.wanted), most)
    if rows > most:
        sentence = f"一次最多导出 {most:,} 行，请缩小时间范围后再导出。"
        raise RuleError("too_many_rows", sentence)
    task = own_exports.begin(OwnTask(TaskKind.AUDIT_LOG, query.kept, rows))
    return redirect(url_for(".audit_export", key=task.key), 303)


def show_export(key: str) -> str:
    """Show how an export stands; asked by htmx, only the part that moves."""
    own_scope()
    with reading() as session:
        task = own_tasks.find_for_staff(session, current_staff().id, KINDS, key)
        file = own_tasks.file_of(session, task, now())
    state = TaskState(task.state)
    return shown(
        "audit/export_live.html" if "HX-Request" in request.headers else "audit/export.html",
        task=task,
        file=file,
        moving=state in MOVING,
        state_title=TITLES[state],
    )


def fetch_export(key: str) -> ResponseReturnValue:
    """Send the file to who asked for it, and keep in the log that it was taken."""
    own_scope()
    with writing() as session:
        task = own_tasks.find_for_staff(session, current_staff().id, KINDS, key)
        file = own_tasks.file_of(session, task, now())
        if file is None:
            raise NotFound("文件（保存 24 小时）")
        record = audit.by_staff(current_staff(), "audit_file", "audit", {"lines": task.done})
        audit.note(session, record, now())
    return downloads.stored(file)
