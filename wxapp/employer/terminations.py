"""Ending an agreement (解约) at the employer's door: asked, answered, brought before the school."""

from collections.abc import Mapping

from flask import render_template, request
from flask.typing import ResponseReturnValue

from registry.base.errors import RuleError
from registry.signing import (
    terminating,
    termination_documents,
    termination_lists,
    termination_states,
    terms,
)
from registry.signing.terminating import TerminationRequest
from registry.signing.termination_lists import WAITING
from registry.signing.termination_sides import Side, agreement_of, employer_side
from registry.signing.termination_states import REASONS, Party, TerminationState
from wxapp.core import downloads, proofs, seeing, termination_door
from wxapp.core.db import reading, writing
from wxapp.core.lists import read_place
from wxapp.core.resources import now, resources
from wxapp.core.termination_door import WORDS, TerminationDoor
from wxapp.employer.door import blueprint, me, my_employer

proofs.check_tokens_later(
    blueprint,
    *(
        f"{__name__}.{view}"
        for view in ("ask_termination", "escalate_termination", "add_termination_proof")
    ),
)

CHIPS: dict[str, str] = {
    WAITING: "待贵单位答复",
    **{
        state.value: title
        for state, title in termination_states.TERMINATION_TITLES.items()
        if state is not TerminationState.ASKED
    },
}


def _side() -> Side:
    return employer_side(me(), now(), resources().settings.keep)


@blueprint.get("/terminations", endpoint="terminations")
def show_terminations() -> str:
    """Show the terminations, newest first, 50 a page."""
    state = _state(request.args)
    with reading() as session:
        ident = my_employer().id
        page = termination_lists.of_employer(session, ident, state, read_place(request.args))
        counts = termination_lists.counts_of_employer(session, ident)
    seeing.people([each.graduate_id for each in page.rows])
    return render_template(
        "employer/terminations.html", page=page, counts=counts, state=state, chips=CHIPS
    )


def _state(given: Mapping[str, str]) -> str:
    """Return which list the address asks for; empty for all, and for a word that is none."""
    asked = given.get("state", "")
    return asked if asked in CHIPS else ""


@blueprint.get("/invitations/<key>/terminate", endpoint="ask_for_termination")
def show_form(key: str) -> ResponseReturnValue:
    """Show the form to ask; where a request is under way, that request."""
    return DOOR.show_form(key)


@blueprint.post("/invitations/<key>/terminate")
def ask_termination(key: str) -> ResponseReturnValue:
    """Ask to end the agreement; the same sent twice is one request."""
    return DOOR.ask(key)


def _form(key: str, asked: TerminationRequest, refusal: RuleError | None = None) -> str:
    with reading() as session:
        agreement = agreement_of(session, _side(), key)
        about = termination_lists.graduate_of(session, agreement)
    seeing.person(about.key, "seen_invitation", about.school_id)
    return render_template(
        "employer/terminate.html",
        graduate=about,
        breach=terms.int_of(agreement.terms, "breach"),
        post=agreement.terms["post"],
        key=key,
        asked=asked,
        reasons=REASONS[Party.EMPLOYER],
        refusal=refusal,
        **WORDS,
    )


DOOR = TerminationDoor(_side, "employer.termination", _form)


@blueprint.get("/terminations/<key>", endpoint="termination")
def show_termination(key: str) -> str:
    """Show a request, what was done about it, and what can be done."""
    return _page(key)


def _page(key: str, refusal: RuleError | None = None) -> str:
    side = _side()
    with reading() as session:
        found = termination_lists.one(session, side, key)
        steps = termination_lists.steps(session, key)
        documents = termination_documents.of_request(session, key)
        may_escalate = terminating.may_escalate(session, side, key)
    seeing.person(found.graduate_key, "seen_termination", found.school_id)
    return render_template(
        "employer/termination.html",
        termination=found,
        is_mine=found.party is Party.EMPLOYER,
        steps=steps,
        documents=termination_documents.shown_to(Party.EMPLOYER, documents),
        may_escalate=may_escalate,
        refusal=refusal,
        reason=termination_door.reason(),
        **WORDS,
    )


@blueprint.post("/terminations/<key>/agree")
def agree_to_termination(key: str) -> ResponseReturnValue:
    """Agree to what the graduate asks; a second press changes nothing."""
    return DOOR.agree(key, _page)


@blueprint.post("/terminations/<key>/refuse")
def refuse_termination(key: str) -> ResponseReturnValue:
    """Refuse what the graduate asks; a second press changes nothing."""
    return DOOR.refuse(key, _page)


@blueprint.post("/terminations/<key>/withdraw")
def withdraw_termination(key: str) -> ResponseReturnValue:
    """Take a request back; a second press changes nothing."""
    return DOOR.withdraw(key, _page)


@blueprint.post("/terminations/<key>/escalate")
def escalate_termination(key: str) -> ResponseReturnValue:
    """Bring a refusal before the school."""
    return DOOR.escalate(key, _page)


@blueprint.post("/terminations/<key>/documents")
def add_termination_proof(key: str) -> ResponseReturnValue:
    """Add a document to a request that is under way; sent twice it is kept once."""
    return DOOR.add_proof(key, _page)


@blueprint.get("/termination-documents/<key>", endpoint="termination_document")
def show_document(key: str) -> ResponseReturnValue:
    """Show a document that the employer added."""
    with writing() as session:
        vault = resources().vault
        found = termination_documents.of_employer(session, vault, _side(), key)
    return downloads.shown(found.content, found.media_type, found.name)
