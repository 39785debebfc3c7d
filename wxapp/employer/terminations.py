"""Ending an agreement (解约) at the employer's door: asked, answered, brought before the school."""

from collections.abc import Callable, Mapping

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from registry.base.errors import NotFound, RuleError
from registry.base.written_reason import REASON_LENGTH
from registry.signing import (
    terminating,
    termination_documents,
    termination_lists,
    termination_states,
    terms,
)
from registry.signing.terminating import TerminationRequest
from registry.signing.termination_lists import WAITING
from registry.signing.termination_sides import Side, agreement_of, employer_side, live_of
from registry.signing.termination_states import (
    REASONS,
    Party,
    Settlement,
    TerminationState,
    TerminationWay,
)
from registry.signing.termination_tables import Termination
from wxapp.core import downloads, proofs, seeing
from wxapp.core.db import reading, writing
from wxapp.core.lists import read_place
from wxapp.core.refusals import status_of
from wxapp.core.resources import now, resources
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
WORDS = {
    "reason_titles": termination_states.REASON_TITLES,
    "settlement_titles": termination_states.SETTLEMENT_TITLES,
    "way_titles": termination_states.WAY_TITLES,
    "longest": REASON_LENGTH,
    "most": termination_documents.MOST_FILES,
    "days": terminating.ANSWER_DAYS,
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
    with reading() as session:
        live = live_of(session, agreement_of(session, _side(), key).id)
    if live is not None:
        return redirect(url_for("employer.termination", key=live.key), 303)
    return _form(key, TerminationRequest(TerminationWay.CONSENT, ""))


@blueprint.post("/invitations/<key>/terminate")
def ask_termination(key: str) -> ResponseReturnValue:
    """Ask to end the agreement; the same sent twice is one request."""
    asked = TerminationRequest(TerminationWay.CONSENT, "")
    try:
        proof = proofs.read_proof()
        asked = _read(request.form)
        with writing() as session:
            made = terminating.ask(session, _side(), key, asked, proof)
            found = made.key
    except NotFound:
        raise
    except RuleError as refusal:
        return _form(key, asked, refusal), status_of(refusal)
    return redirect(url_for("employer.termination", key=found), 303)


def _read(given: Mapping[str, str]) -> TerminationRequest:
    return TerminationRequest(
        way=TerminationWay.CONSENT,
        reason=given.get("reason", ""),
        text=given.get("text", ""),
        breach=given.get("breach", ""),
        settlement=given.get("settlement", Settlement.NONE),
    )


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
        reason=request.form.get("reason", ""),
        **WORDS,
    )


@blueprint.post("/terminations/<key>/agree")
def agree_to_termination(key: str) -> ResponseReturnValue:
    """Agree to what the graduate asks; a second press changes nothing."""
    settlement = request.form.get("settlement", Settlement.NONE)
    return _done(key, lambda session: terminating.agree(session, _side(), key, settlement))


@blueprint.post("/terminations/<key>/refuse")
def refuse_termination(key: str) -> ResponseReturnValue:
    """Refuse what the graduate asks; a second press changes nothing."""
    reason = request.form.get("reason", "")
    return _done(key, lambda session: terminating.refuse(session, _side(), key, reason))


@blueprint.post("/terminations/<key>/withdraw")
def withdraw_termination(key: str) -> ResponseReturnValue:
    """Take a request back; a second press changes nothing."""
    return _done(key, lambda session: terminating.withdraw(session, _side(), key))


@blueprint.post("/terminations/<key>/escalate")
def escalate_termination(key: str) -> ResponseReturnValue:
    """Bring a refusal before the school."""
    try:
        proof = proofs.read_proof()
    except RuleError as refusal:
        return _page(key, refusal), status_of(refusal)
    why = request.form.get("reason", "")
    return _done(key, lambda session: terminating.escalate(session, _side(), key, why, proof))


@blueprint.post("/terminations/<key>/documents")
def add_termination_proof(key: str) -> ResponseReturnValue:
    """Add a document to a request that is under way; sent twice it is kept once."""
    try:
        proof = proofs.read_chosen()
    except RuleError as refusal:
        return _page(key, refusal), status_of(refusal)
    return _done(key, lambda session: terminating.add_proof(session, _side(), key, proof))


@blueprint.get("/termination-documents/<key>", endpoint="termination_document")
def show_document(key: str) -> ResponseReturnValue:
    """Show a document that the employer added."""
    with writing() as session:
        vault = resources().vault
        found = termination_documents.of_employer(session, vault, _side(), key)
    return downloads.shown(found.content, found.media_type, found.name)


def _done(key: str, deed: Callable[[Session], Termination]) -> ResponseReturnValue:
    """Do it and show the request; what is refused shows the page with the sentence."""
    try:
        with writing() as session:
            deed(session)
    except NotFound:
        raise
    except RuleError as refusal:
        return _page(key, refusal), status_of(refusal)
    return redirect(url_for("employer.termination", key=key), 303)
