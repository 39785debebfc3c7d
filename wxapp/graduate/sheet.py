"""The information sheet (去向登记信息表): seen on a page, downloaded as PDF."""

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from registry.base import printed, typesetting
from registry.base.errors import RuleError
from registry.base.printed import Sheet
from registry.record import information_sheet
from registry.record.confirmation.states import ConfirmationState
from registry.record.own_record import OwnRecord, own_record
from wxapp.core import downloads
from wxapp.core.db import reading
from wxapp.core.refusals import status_of
from wxapp.core.resources import now
from wxapp.core.who import current_graduate

blueprint = Blueprint("sheet", __name__, url_prefix="/g/sheet")


@blueprint.before_request
def _let_in() -> None:
    current_graduate()


@blueprint.get("")
def page() -> ResponseReturnValue:
    """Show the sheet; before she confirmed, say what comes first."""
    own = _own()
    if own.state is not ConfirmationState.CONFIRMED:
        return render_template("graduate/sheet_later.html", own=own)
    return _show(own, information_sheet.sheet(own))


@blueprint.get("/download")
def download() -> ResponseReturnValue:
    """Send the sheet as PDF."""
    own = _own()
    if own.state is not ConfirmationState.CONFIRMED:
        return redirect(url_for("sheet.page"), 303)
    sheet = information_sheet.sheet(own)
    try:
        pdf = typesetting.typeset(printed.TEMPLATE, sheet.content(), now())
    except RuleError as refusal:
        return _show(own, sheet, refusal), status_of(refusal)
    return downloads.pdf(pdf, f"{sheet.title}-{own.graduate.name}.pdf")


def _own() -> OwnRecord:
    with reading() as session:
        return own_record(session, current_graduate())


def _show(own: OwnRecord, sheet: Sheet, refusal: RuleError | None = None) -> str:
    return render_template("graduate/sheet.html", own=own, sheet=sheet, refusal=refusal)
