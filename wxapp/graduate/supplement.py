"""Her answer to a supplement (补充协议) in WeChat: agreed to with a second proof, or not.

What she proves is good for exactly the terms that the page showed.
"""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from registry.base.errors import NotFound, RuleError
from registry.base.written_reason import REASON_LENGTH
from registry.signing import lists, supplementing, terms, versions
from registry.signing.supplement_states import SUPPLEMENT_TITLES, SupplementState
from registry.signing.supplement_tables import Supplement
from wxapp.core import unsent
from wxapp.core.browser_session import browser
from wxapp.core.db import reading, writing
from wxapp.core.limits import BINDING, limiter
from wxapp.core.refusals import status_of
from wxapp.core.resources import now
from wxapp.core.who import current_graduate
from wxapp.graduate import face_proof, second_proof
from wxapp.graduate.agreeing import DIGITS
from wxapp.graduate.face_proof import FaceProof
from wxapp.graduate.register_door import words, writer

blueprint = Blueprint("supplement", __name__, url_prefix="/g/supplement")
blueprint.context_processor(words)


@blueprint.before_request
def _let_in() -> None:
    current_graduate()


def _this_browser() -> str:
    return browser().token_hash


def _of(key: str) -> Supplement:
    with reading() as session:
        return supplementing.find(session, current_graduate(), key)


def waits(found: Supplement) -> bool:
    """Say whether a supplement waits for her answer."""
    return found.state == SupplementState.PROPOSED and found.answer_by > now()


@blueprint.get("/<key>")
def page(key: str) -> ResponseReturnValue:
    """Show what the employer proposes, and ask for the proof that it is she."""
    return ask(key)


def ask(key: str, refusal: RuleError | None = None) -> ResponseReturnValue:
    """Show the page that asks for her second proof, or what became of the supplement."""
    found = _of(key)
    with reading() as session:
        proof = second_proof.shown(session, name_of(found))
        moment = found.ended_at or now()
        before = versions.agreed_before(session, found.agreement_id, moment)
        obstacle = _obstacle(session, found)
    page = render_template(
        "graduate/supplement.html",
        supplement=found,
        invitation=found.agreement.invitation,
        waits=waits(found),
        obstacle=obstacle,
        title=SUPPLEMENT_TITLES[SupplementState(found.state)],
        changes=versions.differences(before, found.terms),
        lines=terms.lines(found.terms),
        odd=list(terms.oddities(found.terms)),
        refusal=refusal,
        **proof,
    )
    return page, status_of(refusal) if refusal else 200


def _obstacle(session: Session, found: Supplement) -> RuleError | None:
    """Return why what waits for her answer cannot be agreed to now."""
    return supplementing.obstacle(session, found.agreement) if waits(found) else None


@blueprint.post("/<key>/code")
@limiter.limit(BINDING, key_func=_this_browser)
def send_code(key: str) -> ResponseReturnValue:
    """Send a code to the phone that her school has registered."""
    found, refusal = _of(key), None
    if waits(found):
        with writing() as session:
            refusal = second_proof.send_code(session, name_of(found))
    return ask(key, refusal)


@blueprint.post("/<key>/agree")
@limiter.limit(BINDING, key_func=_this_browser)
def agree(key: str) -> ResponseReturnValue:
    """Agree with her second proof to the terms that the page showed."""
    found, digest = _of(key), request.form.get("digest", "")
    if not waits(found):
        return _shown(key)
    with writing() as session:
        refusal = _obstacle(session, found) or second_proof.use_up(session, _name(key, digest))
    if refusal is not None:
        return ask(key, refusal)
    try:
        with writing() as session:
            supplementing.agree(session, writer(), key, digest)
    except NotFound:
        raise
    except RuleError as error:
        return ask(key, error)
    return _shown(key)


def _shown(key: str) -> ResponseReturnValue:
    return redirect(url_for("supplement.page", key=key), 303)


def name_of(found: Supplement) -> str:
    """Return what a second proof is for that agrees to a supplement."""
    return _name(found.key, found.digest)


def _name(key: str, digest: str) -> str:
    return f"supplement {key} {digest[:DIGITS]}"


def _waiting_act(key: str) -> str | None:
    found = _of(key)
    return name_of(found) if waits(found) else None


face_proof.serve(
    blueprint,
    "/<key>/face",
    FaceProof(_waiting_act, ask, page="supplement.page", over="supplement.page"),
)


@blueprint.get("/<key>/refuse")
def refusing(key: str) -> ResponseReturnValue:
    """Ask why she does not agree."""
    return _ask_why(key, reason=unsent.typed().get("reason", ""))


@blueprint.post("/<key>/refuse")
def refuse(key: str) -> ResponseReturnValue:
    """Do not agree; a second press changes nothing."""
    reason = request.form.get("reason", "")
    try:
        with writing() as session:
            supplementing.refuse(session, writer(), key, reason)
    except NotFound:
        raise
    except RuleError as refusal:
        return _ask_why(key, refusal, reason)
    return _shown(key)


def _ask_why(key: str, refusal: RuleError | None = None, reason: str = "") -> ResponseReturnValue:
    found = _of(key)
    if not waits(found):
        return _shown(key)
    assert found.agreement.invitation is not None, "an employer without an account proposes nothing"
    with reading() as session:
        source = found.agreement.invitation.key
        invitation = lists.own_one(session, current_graduate(), source, now())
    page = render_template(
        "graduate/supplement_refuse.html",
        invitation=invitation,
        supplement=found,
        refusal=refusal,
        reason=reason,
        longest=REASON_LENGTH,
    )
    return page, status_of(refusal) if refusal else 200
