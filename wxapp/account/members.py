"""The accounts of those one looks after: disabled, enabled, given a first password."""

from dataclasses import dataclass

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from registry.accounts import (
    account_facts,
    audit,
    campus_accounts,
    employer_people,
    members,
    passwords,
    staff_notices,
)
from registry.accounts.staff_notices import NoticeKind
from registry.accounts.tables import Staff
from registry.base.errors import RuleError
from wxapp.account.door import blueprint, caretaker, note
from wxapp.core.db import reading, writing
from wxapp.core.lists import read_place
from wxapp.core.refusals import status_of
from wxapp.core.resources import now


@dataclass(frozen=True)
class RefusedNumber:
    """A 工号 as it was typed, and why it is not kept."""

    written: str
    refusal: RuleError


@blueprint.get("/members", endpoint="members")
def show_members() -> str:
    """Show the accounts, 50 a page."""
    with reading() as session:
        page = members.page(session, caretaker(), read_place(request.args))
    return render_template("account/members.html", page=page)


@blueprint.get("/members/<key>", endpoint="member")
def show_member(key: str) -> str:
    """Show one account and what can be done with it."""
    with reading() as session:
        member = members.find(session, caretaker(), key)
    return page_of(member)


def page_of(
    member: Staff, password: str = "", refused: RefusedNumber | None = None, *, new: bool = False
) -> str:
    """Show one account, and once only a first password that it was just given."""
    with reading() as session:
        is_bound = campus_accounts.is_bound(session, member.id)
    return render_template(
        "account/member.html",
        member=member,
        password=password,
        new=new,
        limited=members.LIMITED,
        is_bound=is_bound,
        written=refused.written if refused else member.work_number or "",
        refusal=refused and refused.refusal,
    )


@blueprint.post("/members/<key>/<move>")
def move_member(key: str, move: str) -> Response:
    """Disable an account: whoever is signed in with it is out; or enable it.

    Of an employer's managers one stays.
    """
    if move not in members.MOVES:
        abort(404)
    with writing() as session:
        member = members.another(session, caretaker(), key)
        before = account_facts.of(session, member)
        if members.MOVES[move](session, member):
            employer_people.keep_a_manager(session, member)
            changed = account_facts.changes(session, before, member)
            note(session, f"staff_{move}", member, {"changes": changed})
    return redirect(url_for("account.member", key=key), 303)


@blueprint.post("/members/<key>/password")
def give_password(key: str) -> ResponseReturnValue:
    """Give an account a first password, shown in this answer and never again."""
    with writing() as session:
        member, password = members.another(session, caretaker(), key), passwords.made_up()
        before = account_facts.of(session, member)
        passwords.give_first(session, member, password, now())
        by = {"by": caretaker().name}
        staff_notices.tell(session, member.id, NoticeKind.PASSWORD_GIVEN, by, now())
        changed = account_facts.changes(session, before, member)
        note(session, "password_give", member, {"changes": changed})
    return page_of(member, password)


@blueprint.post("/members/<key>/work-number")
def set_work_number(key: str) -> ResponseReturnValue:
    """Set the number by which the campus signs somebody of the school in; empty for none."""
    written = request.form.get("work_number", "")
    try:
        with writing() as session:
            member = _of_a_school(session, key)
            before = account_facts.of(session, member)
            if campus_accounts.set_number(session, member, written):
                changed = account_facts.changes(session, before, member)
                note(session, "work_number_set", member, {"changes": changed})
    except RuleError as refusal:
        with reading() as session:
            member = _of_a_school(session, key)
        return page_of(member, refused=RefusedNumber(written, refusal)), status_of(refusal)
    return redirect(url_for("account.member", key=key), 303)


def _of_a_school(session: Session, key: str) -> Staff:
    member = members.another(session, caretaker(), key)
    return member if member.school_id is not None else abort(404)


@blueprint.post("/members/<key>/duties")
def set_duties(key: str) -> Response:
    """Set what somebody of an employer may do; felt on their next page."""
    wanted = {name: name in request.form for name in employer_people.DUTIES}
    with writing() as session:
        member = members.another(session, caretaker(), key)
        before = employer_people.duties(member)
        if employer_people.set_duties(session, member, **wanted):
            changed = audit.changes(employer_people.DUTIES, before, wanted)
            note(session, "staff_rights", member, {"changes": changed})
    return redirect(url_for("account.member", key=key), 303)
