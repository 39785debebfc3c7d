"""Inviting many by a spreadsheet: the file, a check first, then what was good of it is sent."""

from dataclasses import replace
from io import BytesIO

from flask import redirect, render_template, request, send_file, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from registry.accounts import audit
from registry.base import workbook
from registry.base.errors import RuleError
from registry.roster.problems import Policy
from registry.roster.reading import row_of
from registry.roster.titled_sheets import MAX_SHEET_BYTES
from registry.signing import employers, sheet_columns
from registry.signing.sheet_plan import (
    OUTCOME_TITLES,
    InvitationPlan,
    RowOutcome,
)
from registry.signing.sheet_rows import MOST_ROWS
from registry.tasks import invitation_sheet, invitation_steps, lookup, sheet_files
from registry.tasks.sheet_files import Upload
from registry.tasks.states import INVITING_TITLES, MOVING, TaskState
from registry.tasks.tables import Task
from runtime import wakeups
from runtime.jobs import Job
from wxapp.core import seeing
from wxapp.core.db import reading, writing
from wxapp.core.lists import numbered_page
from wxapp.core.refusals import status_of
from wxapp.core.resources import now, resources
from wxapp.employer.door import blueprint, me, my_employer
from wxapp.employer.uploads import uploaded

PAGE = 20
POLICY_TITLES = {
    Policy.VALID_ROWS: "只发送核对通过的行",
    Policy.ALL_OR_NOTHING: "全部通过才发送",
}


@blueprint.get("/sheets", endpoint="sheets")
def show_sheets() -> str:
    """Show the form for a file and the files so far."""
    return _list(None)


@blueprint.get("/sheets/template", endpoint="sheet_template")
def send_template() -> Response:
    """Send the empty table to fill in."""
    content = BytesIO(sheet_columns.template_workbook())
    name = sheet_columns.NAME
    return send_file(content, workbook.MEDIA_TYPE, as_attachment=True, download_name=name)


def _list(refusal: RuleError | None) -> str:
    before, mine = request.args.get("before", ""), my_employer().id
    with reading() as session:
        start = lookup.find_of_employer(session, mine, before).id if before else None
        found = lookup.recent_of_employer(session, mine, PAGE + 1, before_id=start)
        schools = employers.schools_of(session, mine, now())
    return render_template(
        "employer/sheets.html",
        sheets=found[:PAGE],
        more=len(found) > PAGE,
        schools=schools,
        chosen=request.form.get("school", ""),
        refusal=refusal,
        titles=INVITING_TITLES,
        policies=POLICY_TITLES,
        most_rows=MOST_ROWS,
        megabytes=MAX_SHEET_BYTES >> 20,
    )


@blueprint.post("/sheets")
def upload_sheet() -> Response | tuple[str, int]:
    """Store the file for a check; what is certainly no such file is refused on the same page."""
    try:
        file = uploaded()
        with writing() as session:
            begun = _begun(session, file.filename or "", file.read())
            wakeups.ask(session, Job.DO_TASK)
    except RuleError as refusal:
        return _list(refusal), status_of(refusal)
    return redirect(url_for("employer.sheet", key=begun.key), 303)


def _begun(session: Session, name: str, content: bytes) -> Task:
    chosen = request.form.get("school", "")
    schools = employers.schools_of(session, my_employer().id, now())
    school = next((each for each in schools if each.key == chosen), None)
    if school is None:
        raise RuleError("school_missing", "请选择学校。", "school")
    given = request.form.get("policy", Policy.VALID_ROWS)
    if given not in set(Policy):
        raise RuleError("policy_unknown", "请选择有问题行的处理方式。", "policy")
    upload = Upload(school.id, me().id, name, content)
    vault, at = resources().vault, now()
    begun = invitation_sheet.begin(session, vault, me(), upload, Policy(given), at)
    _note(session, "invitations_uploaded", begun)
    return begun


def _note(session: Session, action: str, about: Task) -> None:
    record = audit.by_staff(me(), action, f"invitations:{about.key}")
    audit.note(session, replace(record, school_id=about.school_id), now())


@blueprint.get("/sheets/<key>", endpoint="sheet")
def show_sheet(key: str) -> str:
    """Show how a file stands and its rows; asked by htmx, only the part that moves."""
    with reading() as session:
        found = lookup.find_of_employer(session, my_employer().id, key)
        plan = invitation_steps.plan_of(session, resources().vault, found)
        school = invitation_sheet.school_of(session, found)
    asked = request.args.get("what", "")
    outcome = RowOutcome(asked) if asked in set(RowOutcome) else None
    shown = numbered_page((plan or InvitationPlan()).of(outcome), request.args)
    ids = [each.graduate_id for each in shown.rows if each.graduate_id]
    seeing.people(ids, {"sheet": key}, found.school_id)
    state = TaskState(found.state)
    return render_template(
        "employer/sheet_live.html" if "HX-Request" in request.headers else "employer/sheet.html",
        found=found,
        school=school,
        file_name=found.asked["file_name"],
        policy=POLICY_TITLES[Policy(found.asked["policy"])],
        moving=state in MOVING,
        title=INVITING_TITLES[state],
        shown=shown,
        outcome=outcome,
        kinds=plan.by_outcome() if plan else {},
        outcome_titles=OUTCOME_TITLES,
        row_of=row_of,
        can_approve=state is TaskState.PLANNED and bool(found.counts.get("ready")),
    )


@blueprint.post("/sheets/<key>/approve")
def approve_sheet(key: str) -> Response:
    """Have the checked file sent; a second press finds it under way."""
    with writing() as session:
        approved = invitation_sheet.approve(session, my_employer().id, key)
        _note(session, "invitations_approved", approved)
        wakeups.ask(session, Job.DO_TASK)
    return redirect(url_for("employer.sheet", key=key), 303)


@blueprint.post("/sheets/<key>/abandon")
def abandon_sheet(key: str) -> Response:
    """Give a file up before anything of it is sent."""
    with writing() as session:
        abandoned = invitation_sheet.abandon(session, my_employer().id, key)
        _note(session, "invitations_abandoned", abandoned)
    return redirect(url_for("employer.sheet", key=key), 303)


@blueprint.post("/sheets/<key>/result")
def sheet_result(key: str) -> Response:
    """Send the rows as they came, with what became of each."""
    with writing() as session:
        found = lookup.find_of_employer(session, my_employer().id, key)
        name, content = sheet_files.result(session, resources().vault, found)
        _note(session, "invitations_result", found)
    return send_file(BytesIO(content), workbook.MEDIA_TYPE, as_attachment=True, download_name=name)
