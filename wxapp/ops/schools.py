"""The schools that take part: added, found, renamed, and merged when two become one."""

from dataclasses import fields

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from notifier.campaigns import merge, merge_task
from notifier.campaigns.merge import Decision
from registry.accounts import audit, new_schools, place_names, schools
from registry.accounts.new_schools import JoiningSchool
from registry.accounts.school_tables import School
from registry.base.errors import RuleError
from registry.codes import regions
from registry.numbers import listing
from registry.tasks.states import MOVING, TaskState
from runtime import wakeups
from runtime.jobs import Job
from wxapp.core.db import reading, writing
from wxapp.core.lists import read_place
from wxapp.core.refusals import status_of
from wxapp.core.resources import now
from wxapp.core.who import current_staff
from wxapp.ops.door import blueprint

ACTION_TITLES = {"school_create": "新增", "school_rename": "更名", "school_merge": "合并"}


@blueprint.get("/schools", endpoint="schools")
def show_schools() -> str:
    """Show the schools, 50 a page."""
    words = request.args.get("q", "")
    with reading() as session:
        page = schools.page(session, words, read_place(request.args))
    return render_template("ops/schools.html", page=page, words=words, region=regions.region_name)


@blueprint.get("/schools/new", endpoint="new_school")
def show_new_school() -> str:
    """Show the form for a new school."""
    return _form(JoiningSchool("", "", ""))


@blueprint.post("/schools/new")
def create_school() -> ResponseReturnValue:
    """Add a school; its first account is made on the next page."""
    sent = {each.name: request.form.get(each.name, "") for each in fields(JoiningSchool)}
    new = JoiningSchool(**sent)
    try:
        with writing() as session:
            made = new_schools.create_school(session, new, current_staff().actor, now())
            key = made.key
    except RuleError as refusal:
        return _form(new, refusal), status_of(refusal)
    return redirect(url_for("ops.first_account", school=key), 303)


def _form(new: JoiningSchool, refusal: RuleError | None = None) -> str:
    provinces = regions.provinces().items()
    return render_template(
        "ops/new_school.html",
        new=new,
        refusal=refusal,
        provinces=[(f"{digits}0000", name) for digits, name in sorted(provinces)],
        longest=new_schools,
        longest_name=place_names.LONGEST,
    )


@blueprint.get("/schools/<school>", endpoint="school")
def show_school(school: str) -> str:
    """Show one school, and what can be done with it."""
    return _page(school)


def _page(key: str, refusal: RuleError | None = None, name: str | None = None) -> str:
    with reading() as session:
        found = schools.find(session, key)
        numbers = listing.good_of_school(session, found.id, now())
        log = audit.recent(session, found.id, f"school:{key}")
    return render_template(
        "ops/school.html",
        school=found,
        numbers=numbers,
        log=log,
        titles=ACTION_TITLES,
        region=regions.region_name,
        refusal=refusal,
        name=found.name if name is None else name,
    )


@blueprint.post("/schools/<school>/name")
def rename_school(school: str) -> ResponseReturnValue:
    """Give a school another name."""
    name = request.form.get("name", "")
    try:
        with writing() as session:
            found = schools.find(session, school)
            before = place_names.rename_school(session, found, name)
            said = {"before": before, "after": found.name}
            by, subject = current_staff().actor, f"school:{school}"
            record = audit.AuditRecord(by, "school_rename", subject, found.id, said)
            audit.note(session, record, now())
    except RuleError as refusal:
        return _page(school, refusal, name), status_of(refusal)
    return redirect(url_for("ops.school", school=school), 303)


@blueprint.get("/schools/<school>/merge", endpoint="school_merge")
def show_merge(school: str) -> ResponseReturnValue:
    """Show what merging a school into another would do, and what stands against it."""
    return _merge_page(school, request.args.get("into", ""))


def _merge_page(
    key: str, code: str, refusal: RuleError | None = None, reason: str = ""
) -> ResponseReturnValue:
    with reading() as session:
        source, target = schools.find(session, key), schools.find_by_code(session, code)
        if target is None:
            return _nowhere(source, code)
        found = merge.conflicts(session, source, target)
        foreseen = merge.foresee_schools(session, source, target, now())
    return render_template(
        "ops/school_merge.html",
        school=source,
        into=code,
        target=target,
        conflicts=found,
        foreseen=foreseen,
        refusal=refusal,
        reason=reason,
    ), status_of(refusal) if refusal else 200


def _nowhere(source: School, code: str) -> ResponseReturnValue:
    """Show that no school has the code it was to go to."""
    unknown = RuleError("no_such_school", "没有这个院校代码，请核对。", "into")
    about = {"school": source, "target": None, "refusal": unknown, "into": code}
    page = render_template("ops/school_merge.html", **about)
    return page, status_of(unknown)


@blueprint.post("/schools/<school>/merge")
def merge_school(school: str) -> ResponseReturnValue:
    """Have a school merged into another by a worker, for good."""
    code, reason = request.form.get("into", ""), request.form.get("reason", "")
    try:
        with writing() as session:
            source, target = schools.find(session, school), schools.find_by_code(session, code)
            if target is None:
                return _nowhere(source, code)
            decided = Decision(current_staff().actor, reason, now())
            task = merge_task.start(session, source, target, decided, current_staff())
            wakeups.ask(session, Job.DO_TASK)
            key = task.key
    except RuleError as refusal:
        return _merge_page(school, code, refusal, reason)
    return redirect(url_for("ops.merge", merge=key), 303)


@blueprint.get("/merges/<merge>", endpoint="merge")
def show_merging(merge: str) -> str:
    """Show how far a merge has come; asked by htmx, only the part that moves."""
    with reading() as session:
        task = merge_task.find(session, merge)
    live = "HX-Request" in request.headers
    state = TaskState(task.state)
    return render_template(
        "ops/merge_live.html" if live else "ops/merge.html",
        task=task,
        title=merge_task.PROCEDURE.title_of(task.asked),
        state_title=merge_task.TITLES[state],
        moving=state in MOVING,
    )
