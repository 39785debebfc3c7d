"""What a counsellor looks after, department by department, and what an account may not do."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from registry.accounts import account_facts, audit, members
from registry.accounts.tables import Role, Staff
from registry.base.errors import NotFound, RuleError
from registry.record import charges, departments, filter_choices
from registry.record.scope import Scope
from wxapp.account.door import blueprint, caretaker, note
from wxapp.core.db import reading, writing
from wxapp.core.refusals import status_of
from wxapp.core.resources import now

CHARGES = {"class_name": "分管班级", "major": "分管专业"}
"""Titles of what the audit log says was changed."""


@blueprint.get("/members/<key>/charges", endpoint="charges")
def show_charges(key: str) -> str:
    """Show what a counsellor looks after, and what there is of the department that is chosen."""
    return _page(key, request.args.get("department", ""))


def _page(key: str, department_key: str, refusal: RuleError | None = None) -> str:
    with reading() as session:
        counsellor = _counsellor(session, key)
        school_id = counsellor.school_id or 0
        department, offered = None, None
        if department_key:
            department = departments.find(session, school_id, department_key)
            offered = charges.offered(session, counsellor.id, department, now())
        return render_template(
            "account/charges.html",
            member=counsellor,
            charges=charges.of_counsellor(session, counsellor.id),
            departments=filter_choices.departments(session, Scope(school_id)),
            department=department,
            offered=offered,
            refusal=refusal,
        )


@blueprint.post("/members/<key>/charges")
def set_charges(key: str) -> ResponseReturnValue:
    """Set what a counsellor looks after in one department; felt on her next page."""
    form = request.form
    department_key, classes, majors = (
        form.get("department", ""),
        form.getlist("class"),
        form.getlist("major"),
    )
    try:
        with writing() as session:
            counsellor = _counsellor(session, key)
            department = departments.find(session, counsellor.school_id or 0, department_key)
            before = charges.of_department(session, counsellor.id, department.id)
            charges.charge_with(session, counsellor, department, classes, majors)
            after = charges.of_department(session, counsellor.id, department.id)
            changed = audit.changes(CHARGES, before, after)
            said = {"department": department.name, "changes": changed}
            note(session, "staff_charge", counsellor, said)
    except NotFound:
        raise
    except RuleError as refusal:
        return _page(key, department_key, refusal), status_of(refusal)
    return redirect(url_for("account.charges", key=key), 303)


def _counsellor(session: Session, key: str) -> Staff:
    found = members.find(session, caretaker(), key)
    if found.role != Role.COUNSELLOR:
        raise NotFound("辅导员账号")
    return found


@blueprint.post("/members/<key>/rights")
def set_rights(key: str) -> Response:
    """Set what an account may not do; felt on its next page."""
    read_only, may_export = "read_only" in request.form, "no_export" not in request.form
    with writing() as session:
        member = members.another(session, caretaker(), key)
        before = account_facts.of(session, member)
        if members.limit(session, member, read_only=read_only, may_export=may_export):
            changed = account_facts.changes(session, before, member)
            said = {"read_only": read_only, "may_export": may_export, "changes": changed}
            note(session, "staff_rights", member, said)
    return redirect(url_for("account.member", key=key), 303)
