"""Roster imports: the file, a dry run first, then what was planned is applied."""

from collections.abc import Sequence
from io import BytesIO

from flask import redirect, render_template, request, send_file, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from registry.accounts import audit
from registry.base import workbook
from registry.base.errors import RuleError
from registry.record import filter_choices
from registry.roster import template
from registry.roster.plan import Plan
from registry.roster.problems import POLICY_TITLES, Policy
from registry.tasks import roster_import, roster_undo
from registry.tasks.roster_import import ImportChoice, Upload
from registry.tasks.states import IMPORT_TITLES, MOVING, TaskState
from registry.tasks.tables import Task
from runtime import wakeups
from runtime.jobs import Job
from wxapp.core import seeing
from wxapp.core.db import reading, writing
from wxapp.core.refusals import status_of
from wxapp.core.resources import now, resources
from wxapp.school.door import blueprint, school_only, staff_context
from wxapp.school.uploads import uploaded

PAGE = 20
SHOWN_PROBLEMS = 50
MAKE = "new"
"""Chosen for a department of the file that is to be made."""


@blueprint.get("/imports", endpoint="imports")
def show_imports() -> str:
    """Show the form for a file and the imports so far."""
    school_only()
    return _list(None)


@blueprint.get("/imports/template")
def import_template() -> Response:
    """Send the empty roster to fill in."""
    school_only()
    content = BytesIO(template.workbook(destinations=not _system()))
    return send_file(content, workbook.MEDIA_TYPE, as_attachment=True, download_name=template.NAME)


def _system() -> str | None:
    """Return the province's own system, from which destinations come; None where there is none."""
    school = staff_context().staff.school
    return school.correction_system if school else None


def _list(refusal: RuleError | None) -> str:
    before = request.args.get("before", "")
    with reading() as session:
        start = roster_import.find(session, staff_context().scope, before).id if before else None
        found = roster_import.recent(session, staff_context().scope, start, PAGE + 1)
    return render_template(
        "school/imports.html",
        imports=found[:PAGE],
        more=len(found) > PAGE,
        refusal=refusal,
        system=_system(),
        titles=IMPORT_TITLES,
        policies=POLICY_TITLES,
        limit=roster_import.MAX_FILE_BYTES // 1024 // 1024,
    )


@blueprint.post("/imports")
def upload() -> Response | tuple[str, int]:
    """Store the file for a dry run; what is certainly no roster is refused on the same page."""
    school_only()
    try:
        file = uploaded("file")
        scope = staff_context().scope
        sent = Upload(scope.school_id, staff_context().staff.id, file.filename or "", file.read())
        with writing() as session:
            vault = resources().vault
            begun = roster_import.begin(session, vault, sent, ImportChoice(_policy()), now())
            _noted(session, "import_begun", begun)
            wakeups.ask(session, Job.DO_TASK)
    except RuleError as refusal:
        return _list(refusal), status_of(refusal)
    return redirect(url_for("school.import", key=begun.key), 303)


def _policy() -> Policy:
    given = request.form.get("policy", Policy.VALID_ROWS)
    if given not in set(Policy):
        raise RuleError("policy_unknown", "请选择有问题行的处理方式。", "policy")
    return Policy(given)


def _noted(session: Session, action: str, what: Task) -> None:
    audit.note(session, staff_context().audit_record(action, f"import:{what.key}"), now())


@blueprint.get("/imports/<key>", endpoint="import")
def show_import(key: str) -> str:
    """Show how an import stands; asked by htmx, only the part that moves."""
    school_only()
    with reading() as session:
        found = roster_import.find(session, staff_context().scope, key)
        waits = TaskState(found.state) is TaskState.PLANNED
        plan = roster_import.plan_of(session, resources().vault, found) if waits else None
        offered = filter_choices.departments(session, staff_context().scope) if plan else []
        undoable = roster_undo.foreseen(session, found, now()) is not None
    return _shown(found, plan, offered, undoable=undoable)


def _shown(
    found: Task, plan: Plan | None, departments: Sequence[tuple[str, str]], *, undoable: bool
) -> str:
    live = "HX-Request" in request.headers
    problems = found.problems[:SHOWN_PROBLEMS]
    seeing.people([], {"rows": len(problems), "import": found.key})
    return render_template(
        "school/import_live.html" if live else "school/import.html",
        found=found,
        file_name=found.asked["file_name"],
        moving=TaskState(found.state) in MOVING,
        title=IMPORT_TITLES[TaskState(found.state)],
        policy=POLICY_TITLES[Policy(found.asked["policy"])],
        problems=problems,
        can_approve=_can_approve(found),
        new_departments=sorted(plan.departments.items()) if plan else [],
        departments=departments,
        undoable=undoable,
    )


def _can_approve(found: Task) -> bool:
    """Say whether there is something to bring in, and nothing in the way of it."""
    counts = found.counts
    passes = Policy(found.asked["policy"]) is Policy.VALID_ROWS or not counts.get("refused")
    brings = counts.get("new", 0) + counts.get("changed", 0) > 0
    return TaskState(found.state) is TaskState.PLANNED and passes and brings


@blueprint.post("/imports/<key>/approve")
def approve_import(key: str) -> Response:
    """Have the checked file brought in; a second press finds it under way."""
    school_only()
    scope = staff_context().scope
    with writing() as session:
        meant = _departments_meant(session, key)
        _noted(session, "import_approved", roster_import.approve(session, scope, key, meant))
        wakeups.ask(session, Job.DO_TASK)
    return redirect(url_for("school.import", key=key), 303)


def _departments_meant(session: Session, key: str) -> dict[str, str]:
    """Return the departments that were chosen for new names of the file, by name.

    Raises RuleError `department_not_chosen` where the school has departments and one is not said.
    """
    scope = staff_context().scope
    plan = roster_import.plan_of(
        session, resources().vault, roster_import.find(session, scope, key)
    )
    if plan is None or not filter_choices.departments(session, scope):
        return {}
    said = {
        name: request.form.get(f"department-{place}", "")
        for place, name in enumerate(sorted(plan.departments))
    }
    if unsaid := [name for name, chosen in said.items() if not chosen]:
        sentence = f"请选择“{unsaid[0]}”是新建的院系，还是现有院系。"
        raise RuleError("department_not_chosen", sentence, "department")
    return {name: chosen for name, chosen in said.items() if chosen != MAKE}


@blueprint.post("/imports/<key>/abandon")
def abandon_import(key: str) -> Response:
    """Give an import up before anything of it is written."""
    school_only()
    with writing() as session:
        _noted(
            session, "import_abandoned", roster_import.abandon(session, staff_context().scope, key)
        )
    return redirect(url_for("school.import", key=key), 303)


@blueprint.post("/imports/<key>/refused")
def refused_rows(key: str) -> Response:
    """Send the workbook of the refused rows with the reasons."""
    school_only()
    with writing() as session:
        vault = resources().vault
        name, content = roster_import.refused_file(session, vault, staff_context().scope, key)
        record = staff_context().audit_record("import_refused_rows", f"import:{key}")
        audit.note(session, record, now())
    return send_file(BytesIO(content), workbook.MEDIA_TYPE, as_attachment=True, download_name=name)
