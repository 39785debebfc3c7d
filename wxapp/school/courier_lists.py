"""Courier's lists (寄送清单): the file, a check first, then what was good of it is noted."""

from io import BytesIO

from flask import redirect, render_template, request, send_file, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from registry.accounts import audit
from registry.base import workbook
from registry.base.errors import RuleError
from registry.numbers.posting.states import WAY_TITLES, PostingWay
from registry.roster.problems import Policy
from registry.roster.reading import row_of
from registry.roster.titled_sheets import MAX_SHEET_BYTES
from registry.tasks import courier_list, courier_rows, courier_steps, sheet_files
from registry.tasks.courier_list import CourierChoice
from registry.tasks.courier_plan import COURIER_OUTCOMES, CourierOutcome, CourierPlan
from registry.tasks.courier_rows import MOST_ROWS
from registry.tasks.sheet_files import Upload
from registry.tasks.states import COURIER_TITLES, MOVING, TaskState
from registry.tasks.tables import Task
from runtime import wakeups
from runtime.jobs import Job
from wxapp.core import seeing
from wxapp.core.db import reading, writing
from wxapp.core.lists import numbered_page
from wxapp.core.refusals import status_of
from wxapp.core.resources import now, resources
from wxapp.school.door import blueprint, staff_context
from wxapp.school.uploads import uploaded

PAGE = 20
POLICIES = {Policy.VALID_ROWS: "只登记核对通过的行", Policy.ALL_OR_NOTHING: "全部通过才登记"}


@blueprint.get("/courier-lists", endpoint="courier_lists")
def show_courier_lists() -> str:
    """Show the form for a file and the lists so far."""
    return _list(None)


@blueprint.get("/courier-lists/template")
def courier_template() -> Response:
    """Send the empty table to fill in."""
    content, name = BytesIO(courier_rows.template_workbook()), courier_rows.NAME
    return send_file(content, workbook.MEDIA_TYPE, as_attachment=True, download_name=name)


def _list(refusal: RuleError | None) -> str:
    before, scope = request.args.get("before", ""), staff_context().scope
    with reading() as session:
        start = courier_list.find(session, scope, before).id if before else None
        found = courier_list.recent(session, scope, PAGE + 1, start)
    return render_template(
        "school/courier_lists.html",
        lists=found[:PAGE],
        more=len(found) > PAGE,
        refusal=refusal,
        titles=COURIER_TITLES,
        policies=POLICIES,
        ways=WAY_TITLES,
        chosen=request.form.get("way", ""),
        most_rows=MOST_ROWS,
        megabytes=MAX_SHEET_BYTES >> 20,
    )


@blueprint.post("/courier-lists")
def upload_courier_list() -> Response | tuple[str, int]:
    """Store the file for a check; what is certainly no such file is refused on the same page."""
    try:
        file, choice = uploaded("file"), _choice()
        scope, staff = staff_context().scope, staff_context().staff
        sent = Upload(scope.school_id, staff.id, file.filename or "", file.read())
        with writing() as session:
            begun = courier_list.begin(session, resources().vault, scope, sent, choice, now())
            _noted(session, "courier_list_begun", begun)
            wakeups.ask(session, Job.DO_TASK)
    except RuleError as refusal:
        return _list(refusal), status_of(refusal)
    return redirect(url_for("school.courier_list", key=begun.key), 303)


def _choice() -> CourierChoice:
    policy, way = (request.form.get(each, "") for each in ("policy", "way"))
    if policy not in set(Policy):
        raise RuleError("policy_unknown", "请选择有问题行的处理方式。", "policy")
    if way not in set(PostingWay):
        raise RuleError("way_unknown", "请选择寄送方式。", "way")
    return CourierChoice(staff_context().year, PostingWay(way), Policy(policy))


def _noted(session: Session, action: str, what: Task) -> None:
    record = staff_context().audit_record(action, f"courier_list:{what.key}")
    audit.note(session, record, now())


@blueprint.get("/courier-lists/<key>", endpoint="courier_list")
def show_courier_list(key: str) -> str:
    """Show how a list stands and its rows; asked by htmx, only the part that moves."""
    with reading() as session:
        found = courier_list.find(session, staff_context().scope, key)
        plan = courier_steps.plan_of(session, resources().vault, found)
    asked = request.args.get("what", "")
    outcome = CourierOutcome(asked) if asked in set(CourierOutcome) else None
    shown = numbered_page((plan or CourierPlan()).of(outcome), request.args)
    ids = [each.graduate_id for each in shown.rows if each.graduate_id]
    seeing.people(ids, {"courier_list": key})
    state = TaskState(found.state)
    live = "HX-Request" in request.headers
    return render_template(
        "school/courier_list_live.html" if live else "school/courier_list.html",
        found=found,
        file_name=found.asked["file_name"],
        policy=POLICIES[Policy(found.asked["policy"])],
        moving=state in MOVING,
        title=COURIER_TITLES[state],
        shown=shown,
        outcome=outcome,
        kinds=plan.by_outcome() if plan else {},
        outcome_titles=COURIER_OUTCOMES,
        row_of=row_of,
        can_approve=_can_approve(found),
    )


def _can_approve(found: Task) -> bool:
    """Say whether there is something to note."""
    return TaskState(found.state) is TaskState.PLANNED and bool(found.counts.get("ready"))


@blueprint.post("/courier-lists/<key>/approve")
def approve_courier_list(key: str) -> Response:
    """Have the checked list noted; a second press finds it under way."""
    with writing() as session:
        approved = courier_list.approve(session, staff_context().scope, key)
        _noted(session, "courier_list_approved", approved)
        wakeups.ask(session, Job.DO_TASK)
    return redirect(url_for("school.courier_list", key=key), 303)


@blueprint.post("/courier-lists/<key>/abandon")
def abandon_courier_list(key: str) -> Response:
    """Give a list up before anything of it is noted."""
    with writing() as session:
        abandoned = courier_list.abandon(session, staff_context().scope, key)
        _noted(session, "courier_list_abandoned", abandoned)
    return redirect(url_for("school.courier_list", key=key), 303)


@blueprint.post("/courier-lists/<key>/result")
def courier_result(key: str) -> Response:
    """Send the rows as they came, with what became of each."""
    with writing() as session:
        found = courier_list.find(session, staff_context().scope, key)
        name, content = sheet_files.result(session, resources().vault, found)
        _noted(session, "courier_list_result", found)
    return send_file(BytesIO(content), workbook.MEDIA_TYPE, as_attachment=True, download_name=name)
