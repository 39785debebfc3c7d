"""Undoing an import: what it would do, who is in the way, and the act with its reason."""

from flask import redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from notifier.ledger import undone_imports
from registry.accounts import audit
from registry.tasks import roster_import, roster_undo, undo_obstacles
from registry.tasks.start import NameList
from registry.tasks.states import TaskKind
from registry.tasks.tables import Task
from registry.tasks.undo_obstacles import Obstacles
from runtime import wakeups
from runtime.jobs import Job
from wxapp.core import seeing
from wxapp.core.db import reading, writing
from wxapp.core.resources import now
from wxapp.school import name_lists
from wxapp.school.door import blueprint, school_only, staff_context

PAGE = 50


@blueprint.get("/imports/<key>/undo", endpoint="import_undo")
def show_undo(key: str) -> str:
    """Show what undoing would do, and who is in the way, a page at a time."""
    school_only()
    page = max(request.args.get("page", 1, int), 1)
    with reading() as session:
        found = roster_import.find(session, staff_context().scope, key)
        foreseen = roster_undo.foreseen(session, found, now())
        blocking = _obstacles(session, found)
        people = undo_obstacles.named(session, blocking, (page - 1) * PAGE, page * PAGE)
    seeing.people(list(blocking.found)[(page - 1) * PAGE : page * PAGE], {"import": key})
    pages = -(-blocking.people // PAGE)
    return render_template(
        "school/import_undo.html",
        found=found,
        file_name=found.asked["file_name"],
        foreseen=foreseen,
        number=blocking.people,
        people=people,
        page=page,
        pages=pages,
        previous=page - 1 if page > 1 else None,
        next=page + 1 if page < pages else None,
        kept_days=roster_undo.KEPT_FOR.days,
    )


def _obstacles(session: Session, found: Task) -> Obstacles:
    return undo_obstacles.obstacles(session, found, undone_imports.in_the_way)


@blueprint.post("/imports/<key>/undo")
def undo_import(key: str) -> Response:
    """Have the import undone as a whole; who is in the way by then stops it."""
    school_only()
    scope, who = staff_context().scope, staff_context().actor
    reason = request.form.get("reason", "")
    with writing() as session:
        asked = roster_undo.ask(session, scope, key, (who, reason), now())
        details = {"reason": asked.asked["undone_why"]}
        record = staff_context().audit_record("import_undo_asked", f"import:{key}", details)
        audit.note(session, record, now())
        wakeups.ask(session, Job.DO_TASK)
    return redirect(url_for("school.import", key=key), 303)


@blueprint.post("/imports/<key>/undo/people")
def download_blocking(key: str) -> Response:
    """Have all who are in the way written into a workbook."""
    school_only()
    with reading() as session:
        found = roster_import.find(session, staff_context().scope, key)
        total = _obstacles(session, found).people
    listed = NameList(TaskKind.OBSTACLES, found.year, total, asked={"import": key})
    record = staff_context().audit_record("import_undo_people", f"import:{key}")
    return name_lists.begin(listed, record)
