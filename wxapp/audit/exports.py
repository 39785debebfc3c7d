"""The audit log as a workbook: a short one at once, a long one made in the background.

Whatever way, it is a row of the log, and the file is whose who asked for it alone.
"""

from io import BytesIO

from flask import redirect, request, send_file, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from registry.accounts import audit
from registry.accounts.audit_log import reading as log
from registry.accounts.audit_log.reading import AuditScope
from registry.base import workbook
from registry.base.clock import SHANGHAI
from registry.base.errors import NotFound, RuleError
from registry.record import log_query
from registry.record.log_query import LogQuery
from registry.tasks import audit_export, own_tasks
from registry.tasks.kinds import PROCEDURES
from registry.tasks.own_tasks import OwnTask
from registry.tasks.states import MOVING, TITLES, TaskKind, TaskState
from runtime import wakeups
from runtime.jobs import Job
from wxapp.audit.pages import own_scope, shown
from wxapp.core import downloads
from wxapp.core.db import reading, writing
from wxapp.core.resources import now, resources
from wxapp.core.who import current_staff

TITLE = "操作日志"


def export_log() -> Response:
    """Send the rows that the address asks for, or have them made a file where they are many."""
    scope, procedure = own_scope(), PROCEDURES[TaskKind.AUDIT_LOG]
    most = procedure.most or 0
    with reading() as session:
        query = log_query.read(session, resources().vault, scope, request.args)
        rows = log.count(session, log.conditions(session, scope, query.wanted), most)
    if rows > most:
        sentence = f"一次最多导出 {most:,} 行，请缩小时间范围后再导出。"
        raise RuleError("too_many_rows", sentence)
    if rows > procedure.soon:
        return _begin(query, rows)
    return _send(scope, query, rows)


def _begin(query: LogQuery, rows: int) -> Response:
    with writing() as session:
        wanted = OwnTask(TaskKind.AUDIT_LOG, query.kept, rows)
        task = own_tasks.begin_for_staff(session, current_staff(), wanted, now())
        wakeups.ask(session, Job.DO_TASK)
    return redirect(url_for(".audit_export", key=task.key), 303)


def _send(scope: AuditScope, query: LogQuery, most: int) -> Response:
    file = BytesIO()
    with resources().readers.begin() as session:  # a thousand rows at a time: a transaction
        lines = audit_export.lines(session, scope, query, most)
        rows = workbook.write(file, lines, TITLE, stamp=downloads.stamp())
    with writing() as session:
        record = audit.by_staff(current_staff(), "export_audit", query.about, {"lines": rows})
        audit.note(session, record, now())
    file.seek(0)
    name = f"{TITLE}_{now().astimezone(SHANGHAI):%Y%m%d_%H%M}.xlsx"
    return send_file(file, workbook.MEDIA_TYPE, as_attachment=True, download_name=name)


def show_export(key: str) -> str:
    """Show how an export stands; asked by htmx, only the part that moves."""
    own_scope()
    with reading() as session:
        task = own_tasks.find_for_staff(session, current_staff().id, TaskKind.AUDIT_LOG, key)
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
        task = own_tasks.find_for_staff(session, current_staff().id, TaskKind.AUDIT_LOG, key)
        file = own_tasks.file_of(session, task, now())
        if file is None:
            raise NotFound("文件（保存 24 小时）")
        record = audit.by_staff(current_staff(), "audit_file", "audit", {"lines": task.done})
        audit.note(session, record, now())
    return downloads.stored(file)
