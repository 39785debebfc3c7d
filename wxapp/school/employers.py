"""Employers (用人单位) whose people a school lets invite its graduates to sign."""

from collections.abc import Mapping

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from registry.accounts import audit, employer_people, members, passwords
from registry.accounts.tables import Role
from registry.base.errors import NotFound, RuleError
from registry.base.written_reason import REASON_LENGTH
from registry.record import province_lock
from registry.record.scope import school_of
from registry.record.validation import Refused
from registry.signing import (
    certification_decisions,
    employer_list,
    employers,
    listing,
    takeovers,
    termination_lists,
)
from registry.signing.employer_states import CERTIFICATION_TITLES
from registry.signing.states import QUALIFICATION_TITLES
from registry.signing.tables import Qualification
from wxapp.core import first_account, region_picker
from wxapp.core.db import reading, writing
from wxapp.core.first_account import Place
from wxapp.core.lists import read_place
from wxapp.core.refusals import status_of
from wxapp.core.resources import now
from wxapp.core.unit_inputs import unit_inputs
from wxapp.school.door import blueprint, school_only, staff_context

FRAME, ENTRY = "base/console.html", "school.employers"


@blueprint.get("/employers", endpoint="employers")
def show_employers() -> str:
    """Show the employers, 50 a page."""
    school_only()
    with reading() as session:
        school = school_of(session, staff_context().scope)
        page = employers.page(session, school.id, read_place(request.args))
        waiting = certification_decisions.count_waiting(session, staff_context().staff)
        asked = takeovers.of_school(session, school.id)
        settled = employer_list.settings(session, school.province)
    return render_template(
        "school/employers.html",
        page=page,
        titles=QUALIFICATION_TITLES,
        school=school,
        waiting=waiting,
        takeovers=asked,
        by_province=settled is not None and settled.qualifies,
    )


@blueprint.get("/employers/new", endpoint="new_employer")
def show_form() -> str:
    """Show the empty form."""
    school_only()
    return _form({})


@blueprint.post("/employers/new")
def register_employer() -> ResponseReturnValue:
    """Register an employer, or let one that another school has registered invite here, too."""
    school_only()
    typed = _typed(request.form)
    if request.form.get("go") == "unit_location_code":  # without scripts: list what lies below
        return _form(typed)
    try:
        with writing() as session:
            province_lock.refuse_elsewhere(session, staff_context().scope.school_id)
            made = employers.register(session, staff_context().staff, typed, now())
            key = made.key
    except RuleError as refusal:
        return _form(typed, refusal), status_of(refusal)
    return redirect(url_for("school.employer", key=key), 303)


def _typed(given: Mapping[str, str]) -> dict[str, str]:
    typed = employers.read(given)
    if "unit_location_code-province" in given:
        typed["unit_location_code"] = region_picker.picked(given, "unit_location_code")
    return typed


def _form(typed: Mapping[str, str], refusal: RuleError | None = None) -> str:
    problems = refusal.problems if isinstance(refusal, Refused) else []
    said = {each.field: each.sentence for each in problems}
    if refusal and refusal.field:
        said.setdefault(refusal.field, refusal.sentence)
    return render_template(
        "school/new_employer.html", inputs=unit_inputs(typed, said), refusal=refusal
    )


@blueprint.get("/employers/<key>", endpoint="employer")
def show_employer(key: str) -> str:
    """Show an employer, its accounts, and what can be done about it."""
    school_only()
    return _page(key)


def _page(
    key: str,
    refusal: RuleError | None = None,
    reason: str = "",
    password: str = "",
    whose: str = "",
) -> str:
    with reading() as session:
        found = employers.find(session, staff_context().scope.school_id, key)
        accounts = employers.accounts(session, found.employer)
        lines = employers.lines(found.employer)
        figures = termination_lists.figures(session, found.school_id, found.employer_id)
        listed = listing.holding(session, found.employer_id, now())
        papers = certification_decisions.history(session, staff_context().staff, found.employer_id)
    return render_template(
        "school/employer.html",
        listed=listed,
        where_it_holds=listing.where_it_holds,
        papers=papers,
        paper_titles=CERTIFICATION_TITLES,
        duty_title=employer_people.title,
        qualification=found,
        employer=found.employer,
        lines=lines,
        figures=figures,
        accounts=accounts,
        ours=found.employer.school_id == staff_context().scope.school_id,
        titles=QUALIFICATION_TITLES,
        refusal=refusal,
        reason=reason,
        longest=REASON_LENGTH,
        password=password,
        whose=whose,
        days=passwords.GOOD_FOR.days,
    )


@blueprint.post("/employers/<key>/<move>", endpoint="move_employer")
def move_employer(key: str, move: str) -> ResponseReturnValue:
    """Suspend an employer, or let it invite again; said twice, it is once."""
    school_only()
    if move not in {"suspend", "resume"}:
        abort(404)
    reason = request.form.get("reason", "")
    try:
        with writing() as session:
            staff = staff_context().staff
            found = employers.find(session, staff_context().scope.school_id, key)
            if move == "suspend":
                employers.suspend(session, staff, found, reason, now())
            else:
                employers.resume(session, staff, found, now())
    except NotFound:
        raise
    except RuleError as refusal:
        return _page(key, refusal, reason), status_of(refusal)
    return redirect(url_for("school.employer", key=key), 303)


@blueprint.get("/employers/<key>/account", endpoint="employer_account")
def show_account(key: str) -> str:
    """Show the form for an employer's first account."""
    school_only()
    return first_account.show(_place(key))


@blueprint.post("/employers/<key>/account")
def create_account(key: str) -> ResponseReturnValue:
    """Make an employer's first account."""
    school_only()
    return first_account.create(_place(key))


def _place(key: str) -> Place:
    with reading() as session:
        found = _looked_after(employers.find(session, staff_context().scope.school_id, key))
    return Place(
        *(found.employer.unit_name, Role.EMPLOYER, FRAME, ENTRY),
        action=url_for("school.employer_account", key=key),
        back=url_for("school.employer", key=key),
        employer_id=found.employer_id,
    )


def _looked_after(found: Qualification) -> Qualification:
    """Return an employer whose accounts this school looks after; raise NotFound for others."""
    if found.employer.school_id != found.school_id:
        raise NotFound("用人单位")
    return found


@blueprint.post("/employers/<key>/accounts/<account>/password")
def give_employer_password(key: str, account: str) -> ResponseReturnValue:
    """Give somebody of an employer a first password anew, shown once."""
    school_only()
    password = passwords.made_up()
    with writing() as session:
        found = _looked_after(employers.find(session, staff_context().scope.school_id, key))
        member = employers.account(session, found.employer, account)
        passwords.give_first(session, member, password, now())
        record = audit.by_staff(staff_context().staff, "password_give", member.actor)
        audit.note(session, record, now())
        name = member.name
    return _page(key, password=password, whose=name)


@blueprint.post("/employers/<key>/accounts/<account>/<move>")
def move_employer_account(key: str, account: str, move: str) -> ResponseReturnValue:
    """End an account of an employer that this school looks after, or let it sign in again."""
    school_only()
    if move not in members.MOVES:
        abort(404)
    with writing() as session:
        found = _looked_after(employers.find(session, staff_context().scope.school_id, key))
        member = employers.account(session, found.employer, account)
        if members.MOVES[move](session, member):
            record = audit.by_staff(staff_context().staff, f"staff_{move}", member.actor)
            audit.note(session, record, now())
    return redirect(url_for("school.employer", key=key), 303)
