"""Ending the records of those who were chosen, and giving their classes to a counsellor."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from registry.accounts import audit
from registry.accounts.tables import Staff
from registry.base.errors import RuleError
from registry.base.paging import Place
from registry.record import charges, filter_choices, graduates, selections
from registry.record.graduate_filter import GraduateFilter
from registry.record.selections import People
from registry.review import ended
from registry.review.ended import RecordDecision
from wxapp.core import seeing
from wxapp.core.db import reading, writing
from wxapp.core.refusals import status_of
from wxapp.core.resources import now
from wxapp.school.door import blueprint, school_only, staff_context


def _key() -> str:
    return request.args.get(selections.PARAMETER, "")


def _members() -> People:
    return selections.members(staff_context().scope, staff_context().staff.id, _key())


@blueprint.get("/graduates/end-many", endpoint="end_many")
def ask_to_end() -> str:
    """Show whose records would be ended, and ask why."""
    school_only()
    return _ending()


def _ending(refusal: str = "") -> str:
    context = staff_context()
    trait = selections.chosen(context.scope, context.staff.id, _key())
    wanted = GraduateFilter(context.year, traits=(trait,))
    with reading() as session:
        chosen = selections.find(session, context.scope, context.staff.id, _key())
        first = graduates.page(session, context.scope, wanted, Place()).rows
        seeing.people(graduates.numbered(session, (each.key for each in first)))
    return render_template(
        "school/end_many.html",
        chosen=chosen,
        first=first,
        occasions=ended.OCCASIONS,
        refusal=refusal,
    )


@blueprint.post("/graduates/end-many")
def end_records() -> ResponseReturnValue:
    """End the records of those who were chosen, and say how many were not and why."""
    school_only()
    context, form = staff_context(), request.form
    decision = RecordDecision(
        context.staff, form.get("reason", ""), now(), form.get("occasion", "")
    )
    try:
        with writing() as session:
            selections.find(session, context.scope, context.staff.id, _key())
            came = ended.end_all(session, context.scope, _members(), decision)
    except RuleError as refusal:
        if refusal.code == "not_found":
            raise
        return _ending(refusal.sentence), status_of(refusal)
    return render_template("school/ended_many.html", came=came)


@blueprint.get("/graduates/assign-many", endpoint="assign_many")
def ask_to_assign() -> str:
    """Show the classes of those who were chosen, and ask which counsellor is to have them."""
    school_only()
    return _assigning()


def _assigning(refusal: str = "") -> str:
    context = staff_context()
    with reading() as session:
        chosen = selections.find(session, context.scope, context.staff.id, _key())
        classes = charges.classes_of(session, context.scope, _members())
        counsellors = filter_choices.counsellors(session, context.scope)
    return render_template(
        "school/assign_many.html",
        chosen=chosen,
        classes=classes,
        counsellors=counsellors,
        refusal=refusal,
    )


@blueprint.post("/graduates/assign-many")
def assign_classes() -> ResponseReturnValue:
    """Give the classes of those who were chosen to a counsellor."""
    school_only()
    context = staff_context()
    try:
        with writing() as session:
            counsellor = charges.find_counsellor(
                session, context.scope.school_id, request.form.get("counsellor", "")
            )
            classes = charges.classes_of(session, context.scope, _members())
            new = charges.add_classes(session, counsellor, classes)
            _note(session, counsellor, [each.class_name for each in new])
    except RuleError as refusal:
        return _assigning(refusal.sentence), status_of(refusal)
    return redirect(url_for("school.graduates", counsellor=counsellor.key), 303)


def _note(session: Session, counsellor: Staff, classes: list[str]) -> None:
    changed = [{"title": "分管班级", "before": "", "after": "、".join(classes)}]
    said = {"changes": changed if classes else []}
    record = audit.by_staff(staff_context().staff, "staff_charge", counsellor.actor, said)
    audit.note(session, record, now())
