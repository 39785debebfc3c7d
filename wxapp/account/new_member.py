"""A new account for somebody one looks after, with a first password."""

from flask import render_template, request
from flask.typing import ResponseReturnValue

from registry.accounts import account_facts, members, passwords
from registry.accounts.members import MemberDetails
from registry.accounts.tables import LOGIN_LENGTH, NAME_LENGTH
from registry.base.errors import RuleError
from registry.record import filter_choices
from registry.record.scope import Scope
from wxapp.account.door import blueprint, caretaker, note
from wxapp.account.members import page_of
from wxapp.core.db import reading, writing
from wxapp.core.refusals import status_of
from wxapp.core.resources import now


@blueprint.get("/members/new", endpoint="new_member")
def show_form() -> str:
    """Show the empty form."""
    return _form(MemberDetails(may_sign=True))


@blueprint.post("/members/new")
def create_member() -> ResponseReturnValue:
    """Make the account; the first password is shown in this answer and never again."""
    form = request.form
    wanted = MemberDetails(
        role=form.get("role", ""),
        department=form.get("department", ""),
        name=form.get("name", ""),
        login=form.get("login", ""),
        manages="manages" in form,
        may_sign="may_sign" in form,
    )
    password = passwords.made_up()
    try:
        with writing() as session:
            member = members.create(session, caretaker(), wanted, password, now())
            made = {"role": member.role, "changes": account_facts.changes(session, {}, member)}
            note(session, "staff_create", member, made)
    except RuleError as refusal:
        return _form(wanted, refusal), status_of(refusal)
    return page_of(member, password, new=True)


def _form(wanted: MemberDetails, refusal: RuleError | None = None) -> str:
    staff = caretaker()
    departments = []
    if staff.school_id is not None:
        with reading() as session:
            departments = filter_choices.departments(session, Scope(staff.school_id))
    return render_template(
        "account/new_member.html",
        wanted=wanted,
        refusal=refusal,
        roles=members.looked_after(staff),
        departments=departments,
        name_length=NAME_LENGTH,
        login_length=LOGIN_LENGTH,
        days=passwords.GOOD_FOR.days,
    )
