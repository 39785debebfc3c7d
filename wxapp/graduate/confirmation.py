"""The confirmation page (去向登记确认), as the guide for graduates has it, 1."""

from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from registry.base.errors import RuleError
from registry.record import own_record
from registry.record.confirmation import confirm, snapshots
from registry.record.confirmation.states import ConfirmationState
from registry.record.fields import BLOCK_TITLES, IMPORTANT
from registry.record.own_record import OwnRecord
from registry.record.tables import ANSWER_TITLES, Answer, Graduate
from registry.review import own_application
from wxapp.core import unsent
from wxapp.core.db import reading, writing
from wxapp.core.incoming import whole
from wxapp.core.refusals import status_of
from wxapp.core.resources import now
from wxapp.core.who import current_graduate
from wxapp.graduate.dispute_stages import stages_of
from wxapp.graduate.way_to_correct import way_to_correct

blueprint = Blueprint("confirmation", __name__, url_prefix="/g/confirmation")

CHANNEL = "wechat"
PAGES = {
    ConfirmationState.NOT_REPORTED: "graduate/not_reported.html",
    ConfirmationState.UNCONFIRMED: "graduate/confirm.html",
    ConfirmationState.CONFIRMED: "graduate/confirmed.html",
    ConfirmationState.DISPUTED: "graduate/disputed.html",
}
UNSEEN = "-"
"""What a form says that names nothing she saw: no record has this hash."""
ON_THE_FORM = (Answer.CORRECT, Answer.WRONG)


@dataclass(frozen=True)
class Filled:
    """The form as it was filled in."""

    answer: str = ""
    version: int = 0
    seen: str = ""
    items: list[str] = field(default_factory=list)
    note: str = ""

    @classmethod
    def of(cls, form: MultiDict[str, str]) -> "Filled":
        """Read the fields; what is missing or odd is refused by the rules later."""
        return cls(
            answer=form.get("answer", ""),
            version=form.get("version", 0, type=whole),
            seen=form.get("seen") or UNSEEN,
            items=form.getlist("items"),
            note=form.get("note", ""),
        )

    def reply(self, own: OwnRecord) -> confirm.Reply:
        """Return the answer to the version she saw; raise RuleError for none chosen."""
        if self.answer not in ON_THE_FORM:
            raise RuleError("nothing_chosen", "请先选择“信息无误”或“信息有误”。", "answer")
        wrong = self.answer == Answer.WRONG
        return confirm.Reply(
            Answer(self.answer),
            _seen(own, self.version),
            self.items if wrong else (),
            self.note if wrong else "",
            self.seen,
        )


@blueprint.before_request
def _let_in() -> None:
    current_graduate()


@blueprint.get("")
def page() -> ResponseReturnValue:
    """Show what is registered, and ask."""
    return _show(current_graduate(), Filled.of(unsent.typed()))


@blueprint.post("")
def answer() -> ResponseReturnValue:
    """Keep her answer; a second press of the same button changes nothing."""
    graduate, filled = current_graduate(), Filled.of(request.form)
    try:
        with writing() as session:
            own = own_record.own_record(session, graduate)
            if not _said_already(own, filled):
                reply = filled.reply(own)
                confirm.answer(session, graduate.id, reply, channel=CHANNEL, at=now())
    except RuleError as refusal:
        return _show(_afresh(graduate), filled, refusal), status_of(refusal)
    return redirect(url_for("confirmation.done"), 303)


@blueprint.post("/withdraw")
def withdraw() -> ResponseReturnValue:
    """Take a dispute back (实际信息无误，撤销确认), and ask again."""
    graduate, filled = current_graduate(), Filled.of(request.form)
    with writing() as session:
        own = own_record.own_record(session, graduate)
        if own.state is ConfirmationState.DISPUTED:
            reply = confirm.Reply(Answer.WITHDRAWN, _seen(own, filled.version), seen=filled.seen)
            confirm.answer(session, graduate.id, reply, channel=CHANNEL, at=now())
    return redirect(url_for("confirmation.page"), 303)


@blueprint.get("/done")
def done() -> ResponseReturnValue:
    """Say what her answer led to."""
    graduate = current_graduate()
    with reading() as session:
        own = own_record.own_record(session, graduate)
        way = way_to_correct(own, own_application.find(session, graduate, now()))
    if own.state not in {ConfirmationState.CONFIRMED, ConfirmationState.DISPUTED}:
        return redirect(url_for("confirmation.page"), 303)
    return render_template("graduate/answered.html", own=own, way=way)


@blueprint.get("/history")
def history() -> ResponseReturnValue:
    """Show every answer she gave (登记确认记录)."""
    with reading() as session:
        answers = snapshots.given(session, current_graduate().id)
    return render_template("graduate/history.html", answers=answers)


@blueprint.context_processor
def _titles() -> dict[str, Any]:
    return {
        "answer_titles": ANSWER_TITLES,
        "block_titles": BLOCK_TITLES,
        "read_out": own_record.read_out,
        "important_fields": IMPORTANT,
    }


def _show(graduate: Graduate, filled: Filled, refusal: RuleError | None = None) -> str:
    with reading() as session:
        own = own_record.own_record(session, graduate)
        situation = own_application.find(session, graduate, now())
        way = way_to_correct(own, situation)
        stages = stages_of(session, own) if way.is_elsewhere else []
    return render_template(
        PAGES[own.state],
        stages=stages,
        own=own,
        filled=filled,
        refusal=refusal,
        situation=situation,
        way=way,
    )


def _afresh(graduate: Graduate) -> Graduate:
    """Return her as she stands now: an answer is refused because something changed meanwhile."""
    with reading() as session:
        return own_record.graduate_afresh(session, graduate.id)


def _seen(own: OwnRecord, version: int) -> int:
    """Return the registration she saw; 0, which is nobody's, where it is no longer in force."""
    return own.registration.id if own.registration and own.version == version else 0


def _said_already(own: OwnRecord, filled: Filled) -> bool:
    """Say whether this very answer to this version is the one in force."""
    in_force = {
        ConfirmationState.CONFIRMED: Answer.CORRECT,
        ConfirmationState.DISPUTED: Answer.WRONG,
    }.get(own.state)
    is_this = filled.version == own.version and filled.seen == own.seen
    return filled.answer == in_force and is_this and _names_the_same(own, filled)


def _names_the_same(own: OwnRecord, filled: Filled) -> bool:
    """Say whether a dispute names what the one in force does, in the same words."""
    if filled.answer != Answer.WRONG or own.last is None:
        return True
    return (set(filled.items), filled.note.strip()) == (set(own.last.items), own.last.note)
