"""Ending an agreement (解约) in WeChat: she asks, does not agree, and asks the school.

That she agrees takes a second proof (`consenting`).
"""

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from registry.base.errors import NotFound, RuleError
from registry.signing import (
    seeking,
    terminating,
    termination_documents,
    termination_lists,
    terms,
)
from registry.signing.terminating import TerminationRequest
from registry.signing.termination_sides import Side, agreement_of, graduate_side
from registry.signing.termination_states import REASONS, Party
from registry.signing.termination_tables import TerminationDocument
from wxapp.core import downloads, proofs, unsent
from wxapp.core.db import reading, writing
from wxapp.core.refusals import status_of
from wxapp.core.resources import resources
from wxapp.core.termination_door import WORDS, TerminationDoor
from wxapp.core.who import current_graduate
from wxapp.graduate.register_door import words, writer

blueprint = Blueprint("terminating", __name__, url_prefix="/g/termination")
blueprint.context_processor(words)
proofs.check_tokens_later(
    blueprint, *(f"{__name__}.{view}" for view in ("ask", "escalate", "add_proof"))
)


@blueprint.before_request
def _let_in() -> None:
    current_graduate()


def _side() -> Side:
    return graduate_side(writer())


@blueprint.get("/ask/<invitation>")
def asking(invitation: str) -> ResponseReturnValue:
    """Show the form to ask; where a request is under way, that request."""
    return DOOR.show_form(invitation)


@blueprint.post("/ask/<invitation>")
def ask(invitation: str) -> ResponseReturnValue:
    """Ask to end the agreement; the same sent twice is one request."""
    return DOOR.ask(invitation)


def _form(invitation: str, asked: TerminationRequest, refusal: RuleError | None = None) -> str:
    with reading() as session:
        agreement = agreement_of(session, _side(), invitation)
    return render_template(
        "graduate/termination_ask.html",
        agreement=agreement,
        terms=agreement.terms,
        breach=terms.int_of(agreement.terms, "breach"),
        exits=terminating.exits(agreement),
        key=invitation,
        asked=asked,
        reasons=REASONS[Party.GRADUATE],
        refusal=refusal,
        **WORDS,
    )


DOOR = TerminationDoor(_side, "terminating.page", _form, unsent.filled)


@blueprint.get("/<key>")
def page(key: str) -> str:
    """Show a request, what was done about it, and what she can do."""
    return _page(key)


def _page(key: str, refusal: RuleError | None = None) -> str:
    side = _side()
    with reading() as session:
        found = termination_lists.one(session, side, key)
        agreement = agreement_of(session, side, found.source_key)
        return render_template(
            "graduate/termination.html",
            termination=found,
            is_mine=found.party is Party.GRADUATE,
            steps=termination_lists.steps(session, key),
            documents_held=_documents(session, key),
            graduate=current_graduate(),
            agreement=agreement,
            may_seek=seeking.may_seek(session, writer(), agreement),
            may_escalate=terminating.may_escalate(session, side, key),
            refusal=refusal,
            **WORDS,
        )


def _documents(session: Session, key: str) -> list[TerminationDocument]:
    found = termination_documents.of_request(session, key)
    return termination_documents.shown_to(Party.GRADUATE, found)


@blueprint.get("/<key>/refuse")
def refusing(key: str) -> str:
    """Ask why she does not agree."""
    return _ask_why(key)


@blueprint.post("/<key>/refuse")
def refuse(key: str) -> ResponseReturnValue:
    """Refuse what the employer asks; a second press changes nothing."""
    return DOOR.refuse(key, _ask_why)


def _ask_why(key: str, refusal: RuleError | None = None) -> str:
    with reading() as session:
        found = termination_lists.one(session, _side(), key)
    return render_template(
        "graduate/termination_refuse.html",
        termination=found,
        refusal=refusal,
        reason=unsent.filled().get("reason", ""),
        **WORDS,
    )


@blueprint.post("/<key>/withdraw")
def withdraw(key: str) -> ResponseReturnValue:
    """Take her request back; a second press changes nothing."""
    return DOOR.withdraw(key, _page)


@blueprint.get("/<key>/escalate")
def escalating(key: str) -> str:
    """Ask what the school is to look at."""
    return _ask_school(key)


@blueprint.post("/<key>/escalate")
def escalate(key: str) -> ResponseReturnValue:
    """Bring a refusal before the school."""
    return DOOR.escalate(key, _ask_school)


def _ask_school(key: str, refusal: RuleError | None = None) -> str:
    with reading() as session:
        found = termination_lists.one(session, _side(), key)
        held = _documents(session, key)
    return render_template(
        "graduate/termination_escalate.html",
        termination=found,
        held=[each for each in held if each.party == Party.GRADUATE],
        refusal=refusal,
        reason=unsent.filled().get("reason", ""),
        **WORDS,
    )


@blueprint.post("/<key>/documents")
def add_proof(key: str) -> ResponseReturnValue:
    """Add a document to a request that is under way; sent twice it is kept once."""
    return DOOR.add_proof(key, _page)


@blueprint.get("/documents/<key>")
def document(key: str) -> ResponseReturnValue:
    """Show a document about her."""
    with reading() as session:
        vault, her = resources().vault, current_graduate()
        found = termination_documents.of_graduate(session, vault, her, key)
    return downloads.shown(found.content, found.media_type, found.name)


@blueprint.post("/<key>/seek")
def seek(key: str) -> ResponseReturnValue:
    """Register as looking for work, in one tap."""
    who = writer()
    try:
        with writing() as session:
            termination_lists.one(session, _side(), key)
            seeking.seek(session, resources().vault, who)
    except NotFound:
        raise
    except RuleError as refusal:
        return _page(key, refusal), status_of(refusal)
    return redirect(url_for("registering.progress"), 303)
