"""Having a destination voided (作废): asked for with a reason, reviewed, taken back."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from registry.base.errors import RuleError
from registry.base.text import clean
from registry.base.written_reason import REASON_LENGTH
from registry.numbers.shape import Kind
from registry.numbers.verification import authorize
from registry.record import own_record
from registry.review import applications, own_application, void
from registry.review.own_application import OwnApplication
from registry.review.states import Purpose
from registry.signing import agreement_moves, agreement_sources
from wxapp.core import unsent
from wxapp.core.db import reading, writing
from wxapp.core.incoming import whole
from wxapp.core.refusals import status_of
from wxapp.core.who import current_graduate
from wxapp.graduate.register_door import words, writer

blueprint = Blueprint("voiding", __name__, url_prefix="/g/void")
blueprint.context_processor(words)


@blueprint.before_request
def _let_in() -> None:
    current_graduate()


@blueprint.get("")
def page() -> ResponseReturnValue:
    """Ask for the reason, or show how the request stands."""
    return _show(unsent.typed().get("note", ""))


@blueprint.post("")
def request_it() -> ResponseReturnValue:
    """Keep the request; the same sent twice is one."""
    note, who = request.form.get("note", ""), writer()
    try:
        with writing() as session:
            situation = own_application.find(session, who.graduate, who.at)
            if not _asked_already(situation, note):
                void.request_void(session, who, note)
    except RuleError as refusal:
        return _show(note, refusal), status_of(refusal)
    return redirect(url_for("voiding.page"), 303)


@blueprint.post("/withdraw")
def withdraw() -> ResponseReturnValue:
    """Have nothing voided after all."""
    who, revision = writer(), request.form.get("revision", 0, type=whole)
    with writing() as session:
        open_one = own_application.find(session, who.graduate, who.at).open
        if open_one and open_one.purpose == Purpose.VOID:
            applications.withdraw(session, who, revision)
    return redirect(url_for("voiding.page"), 303)


def _asked_already(situation: OwnApplication, note: str) -> bool:
    return situation.voiding and situation.open is not None and situation.open.note == clean(note)


def _show(note: str, refusal: RuleError | None = None) -> str:
    who = writer()
    with reading() as session:
        situation = own_application.find(session, who.graduate, who.at)
        own = own_record.own_record(session, who.graduate)
        ending = authorize.would_end(session, who.graduate.id, list(Kind), who.at)
        agreement = agreement_moves.of_destination(session, who.graduate)
        began_as = agreement_sources.key_of(session, agreement) if agreement else ""
    return render_template(
        "graduate/void.html",
        ending=ending,
        situation=situation,
        agreement=agreement,
        began_as=began_as,
        own=own,
        note=note,
        longest=REASON_LENGTH,
        refusal=refusal,
    )
