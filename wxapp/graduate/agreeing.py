"""What the school returned, in WeChat: she agrees to amended terms, sends it as it is, or gives up.

To agree takes a second proof, as accepting does: her face (`agreeing_face`) or a code, good for
exactly the terms that the page showed.
"""

from datetime import timedelta
from math import ceil

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from notifier.binding import own_hand, phone_codes
from notifier.binding.own_hand import Act
from registry.base.errors import RuleError
from registry.base.written_reason import REASON_LENGTH
from registry.codes import identity
from registry.numbers.verification import authentication
from registry.record import privacy_notice
from registry.review.application_moves import Writer
from registry.signing import lists, mending, terms, versions
from wxapp.core.browser_session import browser
from wxapp.core.db import reading, writing
from wxapp.core.limits import BINDING, limiter
from wxapp.core.refusals import status_of
from wxapp.core.resources import now, resources, services
from wxapp.core.who import current_graduate
from wxapp.graduate import face_check
from wxapp.graduate.register_door import words

blueprint = Blueprint("agreeing", __name__, url_prefix="/g/signing")
blueprint.context_processor(words)

SENT_AT = "agree_sent_at"
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
        notice = privacy_notice.of_school(session, graduate.school)
        act = name_of(key, newest.digest)
        proven = authentication.proves(session, graduate.id, browser().token_hash, act, now())
    passed = timedelta(seconds=now().timestamp() - browser().get(SENT_AT, 0))
    sealed = graduate.phone_sealed
    page = render_template(
        "graduate/signing_agree.html",
        invitation=found,
        changes=changes,
        lines=terms.lines(newest.terms),
        odd=list(terms.oddities(newest.terms)),
        digest=newest.digest,
        phone=resources().vault.open(identity.PHONE, graduate.id, sealed) if sealed else "",
        code_sent=passed < timedelta(minutes=phone_codes.MINUTES),
        wait=max(0, ceil((own_hand.RESEND - passed).total_seconds())),
        refusal=refusal,
        by_face=face_check.is_offered(graduate),
        proven=proven,
        notice=notice,
    )
    return page, status_of(refusal) if refusal else 200


@blueprint.post("/<key>/agree/code")
@limiter.limit(BINDING, key_func=_this_browser)
def send_code(key: str) -> ResponseReturnValue:
    """Send a code to the phone that her school has registered."""
    who, vault, refusal = _writer(), resources().vault, None
    with writing() as session:
        found = lists.own_one(session, who.graduate, key, who.at)
        if found.state == "amended":
            act = _act(key, versions.newest_of(session, key).digest)
            refusal = own_hand.send_code(session, vault, services().sms, who.graduate, act, who.at)
    if refusal is None:
        browser()[SENT_AT] = now().timestamp()
    return ask(key, refusal)


@blueprint.post("/<key>/agree")
@limiter.limit(BINDING, key_func=_this_browser)
def agree(key: str) -> ResponseReturnValue:
    """Agree with the right code to the terms that the page showed."""
    who, vault = _writer(), resources().vault
    digest, code = request.form.get("digest", ""), request.form.get("code", "")
    with writing() as session:
        found = lists.own_one(session, who.graduate, key, who.at)
        if found.state != "amended":
            return redirect(url_for("signing.invitation", key=key), 303)
        refusal = _second_proof(session, who, _act(key, digest), code)
    if refusal is not None:
        return ask(key, refusal)
    try:
        with writing() as session:
            mending.agree(session, vault, who, key, digest)
    except RuleError as error:
        return ask(key, error)
    browser().pop(SENT_AT, None)
    return redirect(url_for("signing.invitation", key=key), 303)


def _second_proof(session: Session, who: Writer, act: Act, code: str) -> RuleError | None:
    """Use up the proof of her face, or else the code she typed; return why neither is one."""
    if authentication.use_up(session, who.graduate.id, act.session_hash, act.name, who.at):
        return None
    return own_hand.check(session, resources().vault, who.graduate, act, code, who.at)


def name_of(key: str, digest: str) -> str:
    """Return what a second proof is for that agrees to terms, by the digest of what she saw."""
    return f"agree {key} {digest[:DIGITS]}"


def _act(key: str, digest: str) -> Act:
    openid = browser().identity.openid
    assert openid is not None, "the door lets nobody in without"
    return Act(name_of(key, digest), openid, browser().token_hash)


@blueprint.post("/<key>/resubmit")
def resubmit(key: str) -> ResponseReturnValue:
    """Send what was returned to the review as it is; a second press changes nothing."""
    try:
        with writing() as session:
            mending.resubmit(session, resources().vault, _writer(), key)
    except RuleError as refusal:
        return _give_up_page(key, refusal, "")
    return redirect(url_for("signing.invitation", key=key), 303)


@blueprint.get("/<key>/give-up")
def giving_up(key: str) -> ResponseReturnValue:
    """Ask why she gives it up."""
    return _give_up_page(key, None, "")


@blueprint.post("/<key>/give-up")
def give_up(key: str) -> ResponseReturnValue:
    """Give up what the school returned."""
    reason = request.form.get("reason", "")
    try:
        with writing() as session:
            mending.give_up(session, _writer(), key, reason)
    except RuleError as refusal:
        return _give_up_page(key, refusal, reason)
    return redirect(url_for("signing.invitation", key=key), 303)


def _give_up_page(key: str, refusal: RuleError | None, reason: str) -> ResponseReturnValue:
    with reading() as session:
        found = lists.own_one(session, current_graduate(), key, now())
    if found.state not in {"returned", "amended"}:
        return redirect(url_for("signing.invitation", key=key), 303)
    page = render_template(
        "graduate/signing_give_up.html",
        invitation=found,
        refusal=refusal,
        reason=reason,
        longest=REASON_LENGTH,
    )
    return page, status_of(refusal) if refusal else 200
