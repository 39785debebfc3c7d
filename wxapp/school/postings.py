"""What is noted of one graduate's file: posted, received, come back, or typed wrong."""

from collections.abc import Callable

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from registry.base.errors import NotFound, RuleError
from registry.numbers.posting import lists, noting
from registry.numbers.posting.tables import Posting
from registry.numbers.shape import Issue, Kind
from wxapp.core.db import reading, writing
from wxapp.core.refusals import status_of
from wxapp.school import posting_card
from wxapp.school.door import blueprint, staff_context
from wxapp.school.number_previews import preview_page
from wxapp.school.posting_card import day, room

Deed = Callable[[Session, str], Posting]


@blueprint.post("/transfer/file/<key>/posting")
def post_file(key: str) -> ResponseReturnValue:
    """Note that a graduate's file was posted; pressed twice, the second press changes nothing."""
    try:
        with writing() as session:
            bill, receiver = posting_card.read(session)
            noting.post(session, room(), key, bill, receiver)
    except NotFound:
        raise
    except RuleError as refusal:
        return _refused(key, refusal, is_typed=True)
    return _back(key)


@blueprint.post("/postings/<key>/received")
def receive_file(key: str) -> ResponseReturnValue:
    """Note that a file came in."""

    def receive(session: Session, key: str) -> Posting:
        on = day(request.form.get("received_on", ""), "received_on")
        return noting.receive(session, room(), key, on)

    return _done(key, receive)


@blueprint.post("/postings/<key>/returned")
def return_file(key: str) -> ResponseReturnValue:
    """Note that a file came back, and why."""

    def come_back(session: Session, key: str) -> Posting:
        on = day(request.form.get("returned_on", ""), "returned_on")
        return noting.come_back(session, room(), key, on, request.form.get("reason", ""))

    return _done(key, come_back)


@blueprint.post("/postings/<key>/withdraw")
def withdraw_arrival(key: str) -> ResponseReturnValue:
    """Take back what was noted of a file's arrival."""
    return _done(key, lambda session, key: noting.take_back(session, room(), key))


@blueprint.post("/postings/<key>/remove")
def remove_posting(key: str) -> ResponseReturnValue:
    """Remove a posting that was noted by mistake, and keep why."""
    reason = request.form.get("reason", "")
    return _done(key, lambda session, key: noting.remove(session, room(), key, reason))


def _done(key: str, deed: Deed) -> ResponseReturnValue:
    """Do something with a posting and lead back to whose it is; a refusal is said there."""
    with reading() as session:
        owner = lists.owner(session, staff_context().scope, key)
    try:
        with writing() as session:
            deed(session, key)
    except RuleError as refusal:
        return _refused(owner, refusal, is_typed=False)
    return _back(owner)


def _back(key: str) -> ResponseReturnValue:
    """Lead to the card of a graduate."""
    address = url_for("school.transfer", kind=Kind.FILE.value, key=key, _anchor="posting")
    return redirect(address, 303)


def _refused(key: str, refusal: RuleError, *, is_typed: bool) -> ResponseReturnValue:
    with reading() as session:
        which = (Issue.TRANSFER, Kind.FILE)
        page = preview_page(session, which, key, refusal, is_typed=is_typed)
    return page, status_of(refusal)
