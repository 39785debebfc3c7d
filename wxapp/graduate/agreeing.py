"""What the school returned, in WeChat: she agrees to amended terms, sends it as it is, or gives up.

To agree takes a second proof, as accepting does: her face (`face_proof`) or a code, good for
exactly the terms that the page showed.
"""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from registry.base.errors import RuleError
from registry.base.written_reason import REASON_LENGTH
from registry.review.application_moves import Writer
from registry.signing import lists, mending, terms, versions
from wxapp.core import unsent
from wxapp.core.browser_session import browser
from wxapp.core.db import reading, writing
from wxapp.core.limits import BINDING, limiter
from wxapp.core.refusals import status_of
from wxapp.core.resources import now, resources
from wxapp.core.who import current_graduate
from wxapp.graduate import face_proof, second_proof
from wxapp.graduate.face_proof import FaceProof
from wxapp.graduate.register_door import words
from wxapp.graduate.signing import show

blueprint = Blueprint("agreeing", __name__, url_prefix="/g/signing")
blueprint.context_processor(words)

DIGITS = 32
"""Of the digest in the name of an act: 128 bits, and the name fits where proofs are kept."""


@blueprint.before_request
def _let_in() -> None:
    current_graduate()


def _this_browser() -> str:
    return browser().token_hash


def _writer() -> Writer:
    return Writer(current_graduate(), now())


@blueprint.get("/<key>/agree")
def page(key: str) -> ResponseReturnValue:
    """Show what the employer has changed, and ask for the proof that it is she."""
    return ask(key)


def ask(key: str, refusal: RuleError | None = None) -> ResponseReturnValue:
    """Show the page that asks for her second proof, or for her word itself after it."""
    graduate = current_graduate()
    with reading() as session:
        found = lists.own_one(session, graduate, key, now())
        if found.state != "amended":
            return redirect(url_for("signing.invitation", key=key), 303)
        newest = versions.newest_of(session, key)
        changes = versions.last_change(session, key)
        proof = second_proof.shown(session, name_of(key, newest.digest))
    page = render_template(
        "graduate/signing_agree.html",
        invitation=found,
        changes=changes,
        lines=terms.lines(newest.terms),
        odd=list(terms.oddities(newest.terms)),
        digest=newest.digest,
        refusal=refusal,
        **proof,
    )
    return page, status_of(refusal) if refusal else 200


@blueprint.post("/<key>/agree/code")
@limiter.limit(BINDING, key_func=_this_browser)
def send_code(key: str) -> ResponseReturnValue:
    """Send a code to the phone that her school has registered."""
    graduate, refusal = current_graduate(), None
    with writing() as session:
        if lists.own_one(session, graduate, key, now()).state == "amended":
            act = name_of(key, versions.newest_of(session, key).digest)
            refusal = second_proof.send_code(session, act)
    return ask(key, refusal)


@blueprint.post("/<key>/agree")
@limiter.limit(BINDING, key_func=_this_browser)
def agree(key: str) -> ResponseReturnValue:
    """Agree with the right code to the terms that the page showed."""
    who, vault = _writer(), resources().vault
    digest = request.form.get("digest", "")
    with writing() as session:
        found = lists.own_one(session, who.graduate, key, who.at)
        if found.state != "amended":
            return redirect(url_for("signing.invitation", key=key), 303)
        refusal = second_proof.use_up(session, name_of(key, digest))
    if refusal is not None:
        return ask(key, refusal)
    try:
        with writing() as session:
            mending.agree(session, vault, who, key, digest)
    except RuleError as error:
        return ask(key, error)
    return redirect(url_for("signing.invitation", key=key), 303)


def name_of(key: str, digest: str) -> str:
    """Return what a second proof is for that agrees to terms, by the digest of what she saw."""
    return f"agree {key} {digest[:DIGITS]}"


def _waiting_act(key: str) -> str | None:
    with reading() as session:
        if lists.own_one(session, current_graduate(), key, now()).state != "amended":
            return None
        return name_of(key, versions.newest_of(session, key).digest)


face_proof.serve(
    blueprint,
    "/<key>/agree/face",
    FaceProof(_waiting_act, ask, page="agreeing.page", over="signing.invitation"),
)


@blueprint.post("/<key>/resubmit")
def resubmit(key: str) -> ResponseReturnValue:
    """Send what was returned to the review as it is; a second press changes nothing."""
    try:
        with writing() as session:
            mending.resubmit(session, resources().vault, _writer(), key)
    except RuleError as refusal:
        return show(key, refusal), status_of(refusal)
    return redirect(url_for("signing.invitation", key=key), 303)


@blueprint.get("/<key>/give-up")
def giving_up(key: str) -> ResponseReturnValue:
    """Ask why she gives it up."""
    return _give_up_page(key)


@blueprint.post("/<key>/give-up")
def give_up(key: str) -> ResponseReturnValue:
    """Give up what the school returned."""
    try:
        with writing() as session:
            mending.give_up(session, _writer(), key, request.form.get("reason", ""))
    except RuleError as refusal:
        return _give_up_page(key, refusal)
    return redirect(url_for("signing.invitation", key=key), 303)


def _give_up_page(key: str, refusal: RuleError | None = None) -> ResponseReturnValue:
    with reading() as session:
        found = lists.own_one(session, current_graduate(), key, now())
    if found.state not in {"returned", "amended"}:
        return redirect(url_for("signing.invitation", key=key), 303)
    page = render_template(
        "graduate/signing_give_up.html",
        invitation=found,
        refusal=refusal,
        reason=unsent.filled().get("reason", ""),
        longest=REASON_LENGTH,
    )
    return page, status_of(refusal) if refusal else 200
