"""Her messages (消息): what WeChat brought, and what it could not."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from notifier.ledger import graduate_inbox
from wxapp.core.db import reading, writing
from wxapp.core.resources import now
from wxapp.core.who import current_graduate, own_records

blueprint = Blueprint("inbox", __name__, url_prefix="/g/messages")


@blueprint.before_request
def _let_in() -> None:
    current_graduate()


@blueprint.get("")
def page() -> ResponseReturnValue:
    """Show a page of messages, newest first."""
    with reading() as session:
        found = graduate_inbox.page_of(session, _records(), request.args.get("before"))
    names = {each.id: each for each in own_records()}
    return render_template("graduate/messages.html", page=found, records=names)


@blueprint.post("/read")
def read() -> ResponseReturnValue:
    """Keep that she has read the messages of the page before her."""
    with writing() as session:
        graduate_inbox.mark_read(session, _records(), request.form.getlist("keys"), now())
    return redirect(url_for("inbox.page"), 303)


def _records() -> list[int]:
    return [each.id for each in own_records()]
