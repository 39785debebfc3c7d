"""What staff did to who she is and how she is reached, and that she did not want it (异议).

She may be bound no more: then the WeChat that was bound leads here, or the link in the short
message to the phone she had.
"""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from notifier.binding import contact_links, objections
from registry.base.errors import NotFound
from registry.record import contact_lists
from registry.record.contact_lists import ShownContactChange
from registry.record.contact_states import CONTACT_TITLES
from registry.record.contact_tables import KIND_TITLES, PUT_RIGHT_TITLES
from wxapp.core.browser_session import browser
from wxapp.core.db import reading, writing
from wxapp.core.limits import LOOKUP, limiter
from wxapp.core.resources import now
from wxapp.core.who import WeChatNeeded, bound_graduate, own_records

blueprint = Blueprint("contact", __name__, url_prefix="/g/contact")
link = Blueprint("contact_link", __name__, url_prefix="/o")


@blueprint.before_request
def _let_in() -> None:
    _openid()


def _openid() -> str:
    openid = browser().identity.openid
    if openid is None:
        raise WeChatNeeded
    return openid


@blueprint.get("")
def page() -> str:
    """Show what was done lately, and how to object."""
    with reading() as session:
        changes = _own(session)
    return render_template(
        "graduate/contact.html",
        changes=changes,
        bound=bound_graduate() is not None,
        kind_titles=KIND_TITLES,
        put_right=PUT_RIGHT_TITLES,
        titles=CONTACT_TITLES,
        now=now(),
    )


@blueprint.post("")
def object_to() -> ResponseReturnValue:
    """Keep her objection; a second press changes nothing."""
    with writing() as session:
        found = [each for each in _own(session) if each.change.key == request.form.get("change")]
        if not found:
            raise NotFound("变更")
        objections.object_to(session, found[0].change, request.form.get("words", ""), now())
    return redirect(url_for("contact.page"), 303)


def _own(session: Session) -> list[ShownContactChange]:
    return contact_lists.own(session, [each.id for each in own_records()], _openid(), now())


@link.get("/<token>")
@limiter.limit(LOOKUP)
def linked(token: str) -> str:
    """Show the change that a short message told of: nothing about her but what it said."""
    with reading() as session:
        return _linked_page(_of_token(session, token), token)


@link.post("/<token>")
@limiter.limit(LOOKUP)
def object_by_link(token: str) -> ResponseReturnValue:
    """Keep the objection of who has the phone; a second press changes nothing."""
    with writing() as session:
        found = _of_token(session, token)
        objections.object_to(session, found.change, request.form.get("words", ""), now())
    return redirect(url_for("contact_link.linked", token=token), 303)


def _of_token(session: Session, token: str) -> ShownContactChange:
    found = contact_lists.by_link(session, contact_links.hash_of(token), now())
    if found is None:
        raise NotFound("页面")
    return found


def _linked_page(found: ShownContactChange, token: str) -> str:
    return render_template(
        "graduate/contact_link.html",
        shown=found,
        token=token,
        kind_titles=KIND_TITLES,
        titles=CONTACT_TITLES,
    )
