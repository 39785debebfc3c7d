"""Binding a WeChat to a graduate: name and identity number select, a code to her phone proves."""

from dataclasses import dataclass, replace
from datetime import timedelta
from math import ceil

from flask import Blueprint, redirect, render_template, request, url_for
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from notifier.binding import bind, bind_by_phone, phone_codes
from notifier.ledger import bindings
from registry.accounts import puzzles
from registry.base.errors import RuleError
from registry.record import consents, privacy_notice
from registry.record.consents import ConsentPurpose
from registry.record.tables import Graduate
from wxapp.core import campus_arrival, campus_choice, proven_phone, puzzle_pictures
from wxapp.core.browser_session import browser
from wxapp.core.db import reading, writing
from wxapp.core.limits import BINDING, BINDING_ADDRESS, limiter
from wxapp.core.privacy import kept_terms, refuse_another
from wxapp.core.refusals import status_of
from wxapp.core.resources import now, resources, services
from wxapp.core.targets import HOME, endpoint_of
from wxapp.core.who import WeChatNeeded, bound_graduate

ADDING = "adding_record"
FOR_THE_BOUND = {"binding.more"}
FOR_ANYBODY = {"binding.back_from_face"}
"""What asks `guard` itself."""
JUST_BOUND = "just_bound"
"""Of a browser session: that the next page says whose this WeChat is now."""

blueprint = Blueprint("binding", __name__, url_prefix="/g/bind")


@dataclass(frozen=True)
class TypedIdentity:
    """What was typed, as the page keeps it: nothing of it is stored before she is bound."""

    name: str = ""
    identity_number: str = ""


@blueprint.before_request
def _let_in() -> ResponseReturnValue | None:
    return None if request.endpoint in FOR_ANYBODY else guard()


def guard() -> ResponseReturnValue | None:
    """Return where who is bound already is led; raise WeChatNeeded for who is nobody yet."""
    if browser().identity.openid is None:
        raise WeChatNeeded
    if bound_graduate() and request.endpoint not in FOR_THE_BOUND and ADDING not in browser():
        return redirect(url_for("record.home"), 303)
    return None


def this_browser() -> str:
    """Return whose attempts a first filter counts."""
    return browser().token_hash


@blueprint.get("/more")
def more() -> ResponseReturnValue:
    """Let who is bound prove another of her records, which another school has another phone for."""
    browser()[ADDING] = True
    return redirect(url_for("binding.who"), 303)


@blueprint.get("")
def who() -> ResponseReturnValue:
    """Ask who she is, and for the code if one was sent a short while ago.

    Whose school ended all of her records is told so.
    """
    if not bound_graduate():
        with reading() as session:
            gone = bindings.ended_records_of(session, openid())
        if gone:
            return render_template("graduate/record_ended.html", record=gone[-1])
    return _page(TypedIdentity(), campus_arrival.told())


@blueprint.post("")
@limiter.limit(BINDING, key_func=this_browser)
@limiter.limit(BINDING_ADDRESS)
def claim() -> ResponseReturnValue:
    """Send a code to the phone her school has; the answer is the same for everybody."""
    if (unread := other_notice()) is not None:
        return refused(unread)
    found = _begin()
    if isinstance(found, RuleError):
        return refused(found)
    if found is not None:
        return let_in(found)
    browser()["code_sent_at"] = now().timestamp()
    return _page(_typed(), None)


def _begin() -> Graduate | RuleError | None:
    """Send a code, or bind at once whose phone WeChat has proven in the mini program."""
    phone, vault = proven_phone.read(), resources().vault
    with writing() as session:
        if phone is None:
            return bind.begin(session, vault, services().sms, claimed(), now())
        found = bind_by_phone.begin(session, vault, services().sms, claimed(), phone, now())
        if isinstance(found, Graduate):
            keep_consent(session, request.form["notice"], ConsentPurpose.BINDING)
        return found


def claimed() -> bind.ClaimedIdentity:
    """Return who somebody says to be by the form that was sent."""
    typed = _typed()
    return bind.ClaimedIdentity(
        name=typed.name,
        identity_number=typed.identity_number,
        openid=openid(),
        session_hash=browser().token_hash,
        address=request.remote_addr or "",
        puzzle_answer=request.form.get("puzzle_answer", ""),
    )


def refused(refusal: RuleError) -> ResponseReturnValue:
    """Show the page again, and why."""
    return _page(_typed(), refusal), status_of(refusal)


@blueprint.get("/code")
def code() -> ResponseReturnValue:
    """Lead who opens the address of a sent code anew to the page that asks for it."""
    return redirect(url_for("binding.who"), 303)


@blueprint.post("/code")
@limiter.limit(BINDING, key_func=this_browser)
@limiter.limit(BINDING_ADDRESS)
def prove() -> ResponseReturnValue:
    """Bind with the right code, in a session with a new token."""
    if (unread := other_notice()) is not None:
        return refused(unread)
    proof = bind.Proof(
        code=request.form.get("code", ""),
        openid=openid(),
        session_hash=browser().token_hash,
        address=request.remote_addr or "",
        puzzle_answer=request.form.get("puzzle_answer", ""),
    )
    with writing() as session:
        found = bind.finish(session, resources().vault, proof, now())
        if not isinstance(found, RuleError):
            keep_consent(session, request.form["notice"], ConsentPurpose.BINDING)
    return refused(found) if isinstance(found, RuleError) else let_in(found)


def let_in(graduate: Graduate) -> ResponseReturnValue:
    """Let who is bound now in, in a session with a new token; its first page says who that is."""
    target = browser().get("after_binding", HOME)
    browser().become(replace(browser().identity, graduate_id=graduate.id))
    browser()[JUST_BOUND] = True
    return redirect(url_for(endpoint_of(target)), 303)


@blueprint.record
def _let_pages_ask(state: BlueprintSetupState) -> None:
    """Let every page ask, an error's too, which is made without a door's own words."""
    state.app.jinja_env.globals["just_bound"] = _just_bound


def _just_bound() -> bool:
    """Say whether this is the first page after the binding: it says whose this WeChat is now."""
    return bool(browser().pop(JUST_BOUND, False))


def other_notice() -> RuleError | None:
    """Return the refusal of who was shown another text than holds now, or none at all."""
    with reading() as session:
        notice = privacy_notice.before_binding(session)
    try:
        refuse_another(request.form.get("notice", ""), notice)
    except RuleError as refusal:
        return refusal
    return None


def keep_consent(session: Session, notice: str, *purposes: ConsentPurpose) -> None:
    """Keep what she agreed to by the button that she pressed below a text."""
    records = [each.id for each in bindings.records_of(session, openid())]
    for purpose in purposes:
        consents.give(session, records, purpose, notice, now())


def _page(typed: TypedIdentity, refusal: RuleError | None) -> str:
    with reading() as session:
        notice = privacy_notice.before_binding(session)
    passed = timedelta(seconds=now().timestamp() - browser().get("code_sent_at", 0))
    return render_template(
        "graduate/bind.html",
        typed=typed,
        refusal=refusal,
        notice=notice,
        kept=kept_terms(),
        adding=ADDING in browser(),
        phone_proven=proven_phone.read() is not None,
        picture=_picture(refusal),
        by_face=services().face.is_offered,
        campuses=campus_choice.of_graduates(),
        code_sent=passed < timedelta(minutes=phone_codes.MINUTES),
        wait=max(0, ceil((bind.RESEND - passed).total_seconds())),
    )


def _picture(refusal: RuleError | None) -> str | None:
    """Return a new puzzle's picture where one is to be solved first."""
    if refusal is None or refusal.code not in {"puzzle_needed", "puzzle_wrong"}:
        return None
    with writing() as session:
        digits = puzzles.give_out(session, browser().token_hash, now())
    return puzzle_pictures.drawn(digits)


def _typed() -> TypedIdentity:
    return TypedIdentity(request.form.get("name", ""), request.form.get("identity_number", ""))


def openid() -> str:
    """Return the WeChat identity of who is asking."""
    found = browser().identity.openid
    assert found is not None, "the door lets nobody in without"
    return found
