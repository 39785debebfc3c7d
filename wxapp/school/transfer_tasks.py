"""What is done for all a transfer list shows: asked for, watched, and its file fetched."""

from collections.abc import Iterator

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from registry.accounts import audit
from registry.base import large_files
from registry.base.errors import NotFound, RuleError
from registry.base.file_tables import StoredFile
from registry.numbers.shape import Issue, Kind
from registry.tasks import run
from registry.tasks import start as asking
from registry.tasks.earlier_tables import OfficeTask
from registry.tasks.run import SOON
from registry.tasks.start import Asker
from registry.tasks.states import LISTS, MOVING, TITLES, State, Work, title_of
from runtime import wakeups
from runtime.jobs import Job
from wxapp.core import downloads
from wxapp.core.db import reading, writing
from wxapp.core.resources import now, resources
from wxapp.school.door import blueprint, staff_context
from wxapp.school.number_filters import kind_of, read_wanted
from wxapp.school.number_lists import refused_list


@blueprint.post("/transfer/<kind>/office")
def ask_office(kind: str) -> ResponseReturnValue:
    """Have something done for all the list shows: a few at once, many in the background."""
    wanted = read_wanted(request.args, staff_context().year, Issue.TRANSFER, kind_of(kind))
    work = _work()
    try:
        with writing() as session:
            asker = Asker(staff_context().staff.id, staff_context().scope, now())
            task = asking.ask(session, asker, work, wanted)
            soon = task.total <= SOON[work]
            if not soon:
                wakeups.ask(session, Job.DO_OFFICE_TASK)
    except RuleError as refusal:
        return refused_list(wanted, refusal)
    if soon:
        run.run_now(resources(), resources().settings.public_url, task.id)
    return redirect(url_for("school.office_task", key=task.key), 303)


def _work() -> Work:
    given = request.form.get("work", "")
    if given not in set(Work) - LISTS:
        abort(400)
    return Work(given)


def office_title(task: OfficeTask) -> str:
    """Return what a task is called."""
    return title_of(Work(task.work), Kind(task.kind) if task.kind else None)


def _back(task: OfficeTask) -> tuple[str, str]:
    """Return the words and the address of where a task was asked for."""
    if task.kind:
        return "回到转递列表", url_for("school.transfers", kind=task.kind)
    if task.work == Work.RESULTS:
        return "回到这次提醒", url_for("school.campaign", key=task.about["campaign"])
    if task.work == Work.LEFT_OUT:
        return "回到上报省级", url_for("school.reporting")
    return "回到毕业生列表", url_for("school.graduates")


@blueprint.get("/office/<key>", endpoint="office_task")
def show_office_task(key: str) -> str:
    """Show how a task stands; asked by htmx, only the part that moves."""
    with reading() as session:
        task = asking.find(session, staff_context().scope, key)
        file = asking.file_of(session, task, now())
    live = "HX-Request" in request.headers
    return render_template(
        "school/task_live.html" if live else "school/task.html",
        task=task,
        file=file,
        work=Work(task.work),
        title=office_title(task),
        back=_back(task),
        state_title=TITLES[State(task.state)],
        moving=State(task.state) in MOVING,
    )


@blueprint.post("/office/<key>/file")
def fetch_file(key: str) -> ResponseReturnValue:
    """Send what a task made, piece by piece, and keep in the log who took it."""
    with writing() as session:
        task = asking.find(session, staff_context().scope, key)
        stored = asking.file_of(session, task, now())
        if stored is None:
            raise NotFound("文件（保存 24 小时）")
        deed = staff_context().audit_record(
            "office_file", f"office_task:{key}", {"people": task.total}
        )
        audit.note(session, deed, now())
    response = downloads.attachment(_pieces(stored), stored.media_type, stored.name)
    response.headers["Content-Length"] = str(stored.size)
    return response


def _pieces(stored: StoredFile) -> Iterator[bytes]:
    # Asked for now: what is yielded later has no request around it.
    return large_files.pieces(resources().readers, resources().vault, stored)
