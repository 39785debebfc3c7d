"""Her consent to a termination that the employer asks for, in WeChat, with a second proof.

To agree ends what she signed with one: her face, or a code, good for this one request.
"""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from registry.base.errors import RuleError
from registry.signing import terminating, termination_lists
from registry.signing.termination_lists import ListedTermination
from registry.signing.termination_sides import Side, graduate_side
from registry.signing.termination_states import Party, Settlement, TerminationState
from wxapp.core.browser_session import browser
from wxapp.core.db import reading, writing
from wxapp.core.limits import BINDING, limiter
from wxapp.core.refusals import status_of
from wxapp.core.termination_door import WORDS
from wxapp.core.who import current_graduate
from wxapp.graduate import face_proof, second_proof
from wxapp.graduate.face_proof import FaceProof
from wxapp.graduate.register_door import words, writer

blueprint = Blueprint("consenting", __name__, url_prefix="/g/termination")
blueprint.context_processor(words)

_WAITING = frozenset({TerminationState.ASKED, TerminationState.ESCALATED})


@blueprint.before_request
def _let_in() -> None:
    current_graduate()


def _this_browser() -> str:
    return browser().token_hash


def _side() -> Side:
    return graduate_side(writer())


def _waits(found: ListedTermination) -> bool:
    """Say whether the employer's request waits for her."""
    return found.party is Party.EMPLOYER and found.state in _WAITING


def _of(key: str) -> ListedTermination:
    with reading() as session:
        return termination_lists.one(session, _side(), key)


def _shown(key: str) -> ResponseReturnValue:
    return redirect(url_for("terminating.page", key=key), 303)


@blueprint.get("/<key>/agree")
def page(key: str) -> ResponseReturnValue:
    """Say what agreeing means, and ask for the proof that it is she."""
    return ask(key)


def ask(key: str, refusal: RuleError | None = None) -> ResponseReturnValue:
    """Show the page that asks for her second proof, or for her word itself after it."""
    found = _of(key)
    if not _waits(found):
        return _shown(key)
    with reading() as session:
        proof = second_proof.shown(session, name_of(key))
    page = render_template(
        "graduate/termination_agree.html",
        termination=found,
        settlement=_settlement(),
        refusal=refusal,
        **WORDS,
        **proof,
    )
    return page, status_of(refusal) if refusal else 200


def _settlement() -> str:
    return request.form.get("settlement", Settlement.NONE)


@blueprint.post("/<key>/agree/code")
@limiter.limit(BINDING, key_func=_this_browser)
def send_code(key: str) -> ResponseReturnValue:
    """Send a code to the phone that her school has registered."""
    refusal = None
    if _waits(_of(key)):
        with writing() as session:
            refusal = second_proof.send_code(session, name_of(key))
    return ask(key, refusal)


@blueprint.post("/<key>/agree")
@limiter.limit(BINDING, key_func=_this_browser)
def agree(key: str) -> ResponseReturnValue:
    """Agree with her second proof; a second press changes nothing."""
    if not _waits(_of(key)):
        return _shown(key)
    with writing() as session:
        refusal = second_proof.use_up(session, name_of(key))
    if refusal is not None:
        return ask(key, refusal)
    try:
        with writing() as session:
            terminating.agree(session, _side(), key, _settlement())
    except RuleError as error:
        return ask(key, error)
    return _shown(key)


def name_of(key: str) -> str:
    """Return what a second proof is for that agrees to one termination."""
    return f"terminate {key}"


def _waiting_act(key: str) -> str | None:
    return name_of(key) if _waits(_of(key)) else None


face_proof.serve(
    blueprint,
    "/<key>/agree/face",
    FaceProof(_waiting_act, ask, page="consenting.page", over="terminating.page"),
)
