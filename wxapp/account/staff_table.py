"""Many accounts of a school at once from a table: checked first, then made."""

import base64
import json
from io import BytesIO

from flask import render_template, request, send_file
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from registry.accounts import account_facts, audit, passwords
from registry.accounts.tables import ROLE_TITLES, Role, Staff
from registry.base import workbook
from registry.base.errors import RuleError
from registry.roster import staff_table
from registry.roster.reading import SENTENCES, refuse_other_ending
from registry.roster.staff_table import CheckedRow, NewAccount, StaffRow
from wxapp.account.door import blueprint, caretaker
from wxapp.core import downloads, uploads
from wxapp.core.db import writing
from wxapp.core.refusals import status_of
from wxapp.core.resources import now, resources
from wxapp.core.who import WrongRole

FILE_BYTES = 1 << 20
MADE = ("姓名", "登录名", "身份", "初始密码")


@blueprint.record
def _check_csrf_later(state: BlueprintSetupState) -> None:
    """Leave the token's check to `uploaded`, which allows the body first."""
    uploads.csrf_of(state.app.extensions).exempt("wxapp.account.staff_table.check_table")


def _of_school() -> Staff:
    """Return who is asking for a school; raise WrongRole for all others."""
    staff = caretaker()
    if staff.role != Role.SCHOOL:
        raise WrongRole
    return staff


@blueprint.get("/members/table", endpoint="staff_table")
def show_table_form() -> str:
    """Ask for a table."""
    _of_school()
    return _form(None)


@blueprint.get("/members/table/template", endpoint="staff_template")
def fetch_template() -> Response:
    """Send the table to fill in."""
    content = BytesIO(staff_table.template_workbook(_of_school()))
    return send_file(
        content, workbook.MEDIA_TYPE, as_attachment=True, download_name=staff_table.NAME
    )


@blueprint.post("/members/table/check")
def check_table() -> ResponseReturnValue:
    """Show what would come of each row; nothing is made."""
    me = _of_school()
    try:
        rows = staff_table.read(_uploaded())
    except RuleError as refusal:
        return _form(refusal), status_of(refusal)
    return _checked(me, rows)


def _uploaded() -> bytes:
    too_large = RuleError("too_large", SENTENCES["too_large"], "file")
    file = uploads.uploaded("file", FILE_BYTES, too_large)
    if file is None:
        raise RuleError("file_missing", "请先选择文件。", "file")
    refuse_other_ending(file.filename or "")
    content: bytes = file.read()
    return content


@blueprint.post("/members/table")
def make_accounts() -> ResponseReturnValue:
    """Make the accounts of the rows that were checked; the passwords are shown in this answer."""
    me = _of_school()
    rows = _sent_rows(request.form.get("rows", ""))
    try:
        with writing() as session:
            made = staff_table.make(session, me, rows, now())
            for each in made:
                member = each.member
                said = {"role": member.role, "changes": account_facts.changes(session, {}, member)}
                record = audit.by_staff(me, "staff_create", member.actor, said)
                audit.note(session, record, now())
            page = _made(made)
    except RuleError as refusal:
        return _checked(me, rows, refusal)
    return page


def _sent_rows(text: str) -> list[StaffRow]:
    """Return the rows that the check put into its form; raise RuleError `page_stale` for others."""
    try:
        rows = [StaffRow.from_json(each) for each in json.loads(text)]
    except (TypeError, ValueError, AttributeError):
        raise RuleError("page_stale", "页面已过期，请重新上传文件。") from None
    return rows[: staff_table.MOST]


def _checked(
    me: Staff, rows: list[StaffRow], refusal: RuleError | None = None
) -> ResponseReturnValue:
    with resources().sessions() as session:
        checked = staff_table.check(session, me, rows, now())
        session.rollback()  # only tried
    good = [each.row.as_json() for each in checked if not each.refusal]
    page = render_template(
        "account/staff_checked.html",
        checked=checked,
        good=good,
        refused=_refused(checked),
        rows=json.dumps(good, ensure_ascii=False),
        refusal=refusal,
    )
    return (page, status_of(refusal)) if refusal else page


def _refused(checked: list[CheckedRow]) -> list[CheckedRow]:
    return [each for each in checked if each.refusal]


def _made(made: list[NewAccount]) -> str:
    lines = [
        (each.member.name, each.member.login, ROLE_TITLES[Role(each.member.role)], each.password)
        for each in made
    ]
    file = BytesIO()
    workbook.write(file, [MADE, *lines], stamp=downloads.stamp())
    encoded = base64.b64encode(file.getvalue()).decode()
    return render_template(
        "account/staff_made.html",
        titles=MADE,
        lines=lines,
        workbook=f"data:{workbook.MEDIA_TYPE};base64,{encoded}",
        days=passwords.GOOD_FOR.days,
    )


def _form(refusal: RuleError | None) -> str:
    return render_template("account/staff_table.html", refusal=refusal, most=staff_table.MOST)
