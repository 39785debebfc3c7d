"""The school's departments (院系): renamed, and merged when the school merges them."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from notifier.campaigns import merge
from notifier.campaigns.merge import Decision
from registry.accounts import audit, place_names
from registry.accounts.school_tables import Department
from registry.base.errors import RuleError
from registry.record import departments
from wxapp.core.db import reading, writing
from wxapp.core.refusals import status_of
from wxapp.core.resources import now
from wxapp.school.door import blueprint, school_only, staff_context


@blueprint.get("/departments", endpoint="departments")
def show_departments() -> str:
    """List the departments with how many people and accounts they have."""
    school_only()
    with reading() as session:
        found = departments.of_school(session, staff_context().scope.school_id)
    return render_template("school/departments.html", departments=found)


@blueprint.get("/departments/<key>", endpoint="department")
def show_department(key: str) -> str:
    """Show one department, and what renaming or merging it would do."""
    school_only()
    return _page(key)


@blueprint.post("/departments/<key>/name")
def rename_department(key: str) -> ResponseReturnValue:
    """Give a department another name."""
    school_only()
    name = request.form.get("name", "")
    try:
        with writing() as session:
            found = departments.find(session, staff_context().scope.school_id, key)
            before = place_names.rename_department(session, found, name)
            said = {"before": before, "after": found.name}
            record = staff_context().audit_record("department_rename", f"department:{key}", said)
            audit.note(session, record, now())
    except RuleError as refusal:
        return _page(key, refusal, name=name), status_of(refusal)
    return redirect(url_for("school.departments"), 303)


@blueprint.post("/departments/<key>/merge")
def merge_department(key: str) -> ResponseReturnValue:
    """Merge a department into another, for good."""
    school_only()
    into, reason = request.form.get("into", ""), request.form.get("reason", "")
    try:
        with writing() as session:
            school_id = staff_context().scope.school_id
            source = departments.find(session, school_id, key)
            target = _target(session, school_id, into)
            decided = Decision(staff_context().actor, reason, now())
            merge.merge_departments(session, source, target, decided)
    except RuleError as refusal:
        return _page(key, refusal, into=into, reason=reason), status_of(refusal)
    return redirect(url_for("school.departments"), 303)


def _target(session: Session, school_id: int, key: str) -> Department:
    if not key:
        raise RuleError("same_department", "请选择要并入的另一个院系。", "into")
    return departments.find(session, school_id, key)


def _page(key: str, refusal: RuleError | None = None, **written: str) -> str:
    school_id = staff_context().scope.school_id
    with reading() as session:
        found = departments.find(session, school_id, key)
        foreseen = merge.foresee_departments(session, found)
        others = [each for each in departments.of_school(session, school_id) if each.key != key]
    return render_template(
        "school/department.html",
        department=found,
        foreseen=foreseen,
        others=others,
        refusal=refusal,
        written=written,
    )
