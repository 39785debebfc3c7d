"""The page by which who looks after schools or provinces makes the first account of one."""

from dataclasses import dataclass

from flask import render_template, request
from flask.typing import ResponseReturnValue

from registry.accounts import account_facts, audit, first_accounts, passwords
from registry.accounts.audit import AuditRecord
from registry.accounts.staff import NewStaff
from registry.accounts.tables import LOGIN_LENGTH, NAME_LENGTH, Role
from registry.base.errors import RuleError
from wxapp.core.db import reading, writing
from wxapp.core.refusals import status_of
from wxapp.core.resources import now
from wxapp.core.who import current_staff


@dataclass(frozen=True)
class Place:
    """Whose first account it is, and the page around the form."""

    name: str
    role: Role
    frame: str
    """The template that the door's pages extend."""
    entry: str
    """The entry of the door's menu."""
    action: str
    """The address of the form, and of the page."""
    back: str
    school_id: int | None = None
    province: str | None = None
    employer_id: int | None = None


def show(place: Place) -> str:
    """Show the form, or that there is an account already."""
    return _page(place)


def create(place: Place) -> ResponseReturnValue:
    """Make the account; the first password is shown in this answer and never again."""
    name, login = request.form.get("name", ""), request.form.get("login", "")
    password = passwords.made_up()
    try:
        with writing() as session:
            made = first_accounts.create(session, _new(place, name, login), password, now())
            me, changed = current_staff(), account_facts.changes(session, {}, made)
            said = {"role": made.role, "first": True, "changes": changed}
            school_id = me.school_id or place.school_id
            record = AuditRecord(me.actor, "staff_create", made.actor, school_id, said)
            audit.note(session, record, now())
            page = _page(place, login=made.login, name=made.name, password=password)
    except RuleError as refusal:
        return _page(place, refusal, name=name, login=login), status_of(refusal)
    return page


def _new(place: Place, name: str, login: str) -> NewStaff:
    return NewStaff(
        *(login, name, place.role, place.school_id),
        province=place.province,
        employer_id=place.employer_id,
    )


def _page(place: Place, refusal: RuleError | None = None, **shown: str) -> str:
    with reading() as session:
        has_one = first_accounts.has_one(session, _new(place, "", ""))
    return render_template(
        "account/first_account.html",
        place=place,
        refusal=refusal,
        has_one=has_one,
        name=shown.get("name", ""),
        login=shown.get("login", ""),
        password=shown.get("password", ""),
        name_length=NAME_LENGTH,
        login_length=LOGIN_LENGTH,
        days=passwords.GOOD_FOR.days,
    )
