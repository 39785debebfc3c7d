"""An employer's invitations as a workbook, made by a task, for who asks alone."""

from collections.abc import Sequence

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from registry.accounts import audit
from registry.base.errors import NotFound
from registry.signing import lists
from registry.tasks import own_tasks
from registry.tasks.file_making import KEPT_FOR
from registry.tasks.own_tasks import OwnTask
from registry.tasks.states import MOVING, TITLES, TaskKind, TaskState
from registry.tasks.tables import Task
from wxapp.core import downloads, own_exports
from wxapp.core.db import reading, writing
from wxapp.core.resources import now
from wxapp.employer.door import blueprint, me, my_employer

KINDS = frozenset({TaskKind.INVITATION_LIST})
SHOWN = 5
"""Exports of the last day that are listed."""


@blueprint.post("/export")
def export_invitations() -> ResponseReturnValue:
    """Have all invitations with what became of them written into a workbook."""
    with reading() as session:
        total = sum(lists.counts(session, my_employer().id).values())
    asked = {"employer": my_employer().key}
    task = own_exports.begin(OwnTask(TaskKind.INVITATION_LIST, asked, total))
    return redirect(url_for("employer.export", key=task.key), 303)


def recent(session: Session) -> Sequence[Task]:
    """Return what who is asking had made in the last day, newest first."""
    return own_tasks.recent_for_staff(session, me().id, KINDS, now() - KEPT_FOR, SHOWN)


@blueprint.get("/exports/<key>", endpoint="export")
def show_export(key: str) -> str:
    """Show how an export stands; asked by htmx, only the part that moves."""
    with reading() as session:
        task = own_tasks.find_for_staff(session, me().id, KINDS, key)
        file = own_tasks.file_of(session, task, now())
    state = TaskState(task.state)
    return render_template(
        "employer/export_live.html" if "HX-Request" in request.headers else "employer/export.html",
        task=task,
        file=file,
        moving=state in MOVING,
        state_title=TITLES[state],
    )


@blueprint.post("/exports/<key>/file", endpoint="fetch_export")
def fetch_export(key: str) -> ResponseReturnValue:
    """Send the file to who asked for it, and keep in the log that it was taken."""
    with writing() as session:
        task = own_tasks.find_for_staff(session, me().id, KINDS, key)
        file = own_tasks.file_of(session, task, now())
        if file is None:
            raise NotFound("文件（保存 24 小时）")
        about = f"employer:{my_employer().key}"
        record = audit.by_staff(me(), "invitations_file", about, {"rows": task.done})
        audit.note(session, record, now())
    return downloads.stored(file)
