"""Signing in WeChat (网上签约): her invitations, their terms, and her answer, which is hers alone.

To accept takes her face (`face_proof`), or a code to her phone, besides the WeChat that is bound
to her; what she proves in one window is good for that one invitation.
"""

from datetime import timedelta

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from notifier.ledger import graduate_inbox
from registry.accounts.audit import AuditRecord
from registry.base.errors import RuleError
from registry.base.written_reason import REASON_LENGTH
from registry.record.tables import Graduate
from registry.review import own_application
from registry.review.application_moves import Writer
from registry.signing import (
    agreement_papers,
    agreement_sheet,
    answering,
    lists,
    offline_lists,
    offline_requests,
    supplementing,
    termination_lists,
    terms,
    versions,
)
from registry.signing.agreement_sources import called
from registry.signing.lists import ListedInvitation
from registry.signing.states import MENDING
from registry.signing.supplement_states import SUPPLEMENT_TITLES
from registry.signing.termination_sides import graduate_side
from wxapp.core import downloads, unsent
from wxapp.core.browser_session import browser
from wxapp.core.db import reading, writing
from wxapp.core.limits import BINDING, limiter
from wxapp.core.record_choice import MESSAGE
from wxapp.core.refusals import status_of
from wxapp.core.resources import now, resources, verification_site
from wxapp.core.who import current_graduate
from wxapp.graduate import face_proof, second_proof
from wxapp.graduate.face_proof import FaceProof
from wxapp.graduate.register_door import words

blueprint = Blueprint("signing", __name__, url_prefix="/g/signing")
blueprint.context_processor(words)

OF_INVITATION = (
    *("invitation", "invitation_ended", "invitation_reminder"),
    *("agreement_amended", "agreement_ended"),
)
OF_REVIEW = ("agreement", "agreement_due")
OF_SUPPLEMENT = ("supplement", "supplement_due", "supplement_ended")
OF_PAPER = ("offline_answered", "offline_ended", "offline_due")
"""What messages are about: an invitation by its number, an agreement by that of its review or of
a supplement to it, or a request for a paper by its own."""


@blueprint.before_request
def _let_in() -> None:
    current_graduate()


def this_browser() -> str:
    """Return whose attempts a first filter counts."""
    return browser().token_hash


@blueprint.get("")
def page() -> ResponseReturnValue:
    """Show her invitations; from a message's card, the one that it is about."""
    graduate = current_graduate()
    with reading() as session:
        found = lists.own(session, graduate, now())
        papers = offline_lists.own(session, graduate)
        offered = offline_requests.offered(session, graduate)
        about = _of_message(session, graduate)
    waiting = [each.key for each in found if each.is_open or each.agreement in MENDING]
    if about is None and not papers and len(found) == len(waiting) == 1:
        about = url_for("signing.invitation", key=waiting[0])
    if about is not None:
        return redirect(about, 303)
    return render_template(
        "graduate/signing.html",
        graduate=graduate,
        invitations=found,
        papers=papers,
        offered=offered,
    )


def _of_message(session: Session, graduate: Graduate) -> str | None:
    """Return where the message she came from leads: to its invitation, or to its termination."""
    message = request.args.get(MESSAGE) or browser().pop(MESSAGE, None)
    subject = graduate_inbox.subject(session, graduate.id, message) if message else ""
    name, ident, *_ = [*subject.split(":"), ""]
    if not ident.isdigit():
        return None
    if name.startswith("termination"):
        key = termination_lists.key_of(session, graduate_side(_writer()), int(ident))
        return url_for("terminating.page", key=key) if key else None
    find = FINDERS.get(name)
    key = find(session, graduate, int(ident)) if find else None
    return url_for("signing.invitation", key=key) if key else None


FINDERS = {
    **dict.fromkeys(OF_SUPPLEMENT, lists.key_supplemented),
    **dict.fromkeys(OF_INVITATION, lists.key_of),
    **dict.fromkeys(OF_REVIEW, lists.key_reviewed_as),
    **dict.fromkeys(OF_PAPER, lists.request_key),
}


@blueprint.get("/<key>")
def invitation(key: str) -> ResponseReturnValue:
    """Show an invitation with every term, and what she can do now; of a paper, its own page."""
    with reading() as session:
        if lists.is_request(session, current_graduate(), key):
            return redirect(url_for("offline.page", key=key), 303)
    return show(key)


def show(key: str, refusal: RuleError | None = None) -> str:
    """Show the page of an invitation, with why something about it was refused."""
    graduate = current_graduate()
    with reading() as session:
        found = lists.own_one(session, graduate, key, now())
        said = lists.terms_of(session, key)
        agreement = answering.agreement_of(session, answering.find(session, graduate, key))
        number = agreement_papers.number(session, called(key))
        situation = own_application.find(session, graduate, now())
        obstacle = _obstacle(session, found)
        side = graduate_side(_writer())
        terminations = termination_lists.of_agreement(session, side, key)
        amended = versions.last_change(session, key)
        supplements = supplementing.of_source(session, key)
    may_retract = found.state == "in_review" and agreement and agreement.retract_until > now()
    return render_template(
        "graduate/signing_invitation.html",
        invitation=found,
        lines=terms.lines(said),
        unit_lines=terms.unit_lines(said),
        odd=list(terms.oddities(said)),
        agreement=agreement,
        number=number,
        amended=amended,
        situation=situation,
        may_retract=may_retract,
        obstacle=obstacle,
        terminations=terminations,
        supplements=supplements,
        supplement_titles=SUPPLEMENT_TITLES,
        refusal=refusal,
        graduate=graduate,
    )


def _obstacle(session: Session, found: ListedInvitation) -> RuleError | None:
    """Return why she cannot accept now what waits for her answer."""
    if not found.is_open:
        return None
    try:
        answering.refuse_accepting(session, _writer())
    except RuleError as refusal:
        return refusal
    return None


def _writer() -> Writer:
    return Writer(current_graduate(), now())


@blueprint.get("/<key>/paper")
def paper(key: str) -> ResponseReturnValue:
    """Send the agreement as PDF."""
    who = _writer()
    subject = f"graduate:{who.graduate.key}"
    with writing() as session:
        agreement = agreement_sheet.of_graduate(session, who.graduate, key)
        school_id = who.graduate.school_id
        record = AuditRecord(who.actor, "agreement_paper", subject, school_id)
        pdf = agreement_sheet.download(session, verification_site(), agreement, record, who.at)
    return downloads.pdf(pdf, agreement_sheet.file_name(agreement))


@blueprint.get("/<key>/accept")
def accepting(key: str) -> ResponseReturnValue:
    """Say what accepting means, and ask for the code that proves that it is she."""
    return ask(key)


def ask(key: str, refusal: RuleError | None = None) -> ResponseReturnValue:
    """Show the page that asks for her second proof, or for the answer itself after it."""
    graduate = current_graduate()
    with reading() as session:
        found = lists.own_one(session, graduate, key, now())
        if not found.is_open or _obstacle(session, found):
            return redirect(url_for("signing.invitation", key=key), 303)
        draft = own_application.find(session, graduate, now()).draft
        proof = second_proof.shown(session, name_of(key))
    page = render_template(
        "graduate/signing_accept.html",
        invitation=found,
        draft=draft,
        hours=resources().settings.signing_retract_hours,
        refusal=refusal,
        **proof,
    )
    return page, status_of(refusal) if refusal else 200


@blueprint.post("/<key>/code")
@limiter.limit(BINDING, key_func=this_browser)
def send_code(key: str) -> ResponseReturnValue:
    """Send a code to the phone that her school has registered."""
    graduate, refusal = current_graduate(), None
    with writing() as session:
        if lists.own_one(session, graduate, key, now()).is_open:
            refusal = second_proof.send_code(session, name_of(key))
    return ask(key, refusal)


@blueprint.post("/<key>/accept")
@limiter.limit(BINDING, key_func=this_browser)
def accept(key: str) -> ResponseReturnValue:
    """Accept with her second proof; the same sent twice is one agreement."""
    who, vault = _writer(), resources().vault
    retract = timedelta(hours=resources().settings.signing_retract_hours)
    with writing() as session:
        found = lists.own_one(session, who.graduate, key, who.at)
        if not found.is_open:
            return redirect(url_for("signing.invitation", key=key), 303)
        refusal = second_proof.use_up(session, name_of(key))
    if refusal is not None:
        return ask(key, refusal)
    try:
        with writing() as session:
            answering.accept(session, vault, who, key, retract)
    except RuleError as error:
        return show(key, error), status_of(error)
    return redirect(url_for("signing.invitation", key=key), 303)


def name_of(key: str) -> str:
    """Return what a second proof is for that accepts one invitation."""
    return f"accept {key}"


def _waiting_act(key: str) -> str | None:
    with reading() as session:
        waits = lists.own_one(session, current_graduate(), key, now()).is_open
    return name_of(key) if waits else None


face_proof.serve(
    blueprint,
    "/<key>/face",
    FaceProof(_waiting_act, ask, page="signing.accepting", over="signing.invitation"),
)


@blueprint.get("/<key>/refuse")
def refusing(key: str) -> ResponseReturnValue:
    """Ask why, which she need not say."""
    return _ask_why(key, reason=unsent.typed().get("reason", ""))


def _ask_why(key: str, refusal: RuleError | None = None, reason: str = "") -> ResponseReturnValue:
    with reading() as session:
        found = lists.own_one(session, current_graduate(), key, now())
    if not found.is_open:
        return redirect(url_for("signing.invitation", key=key), 303)
    page = render_template(
        "graduate/signing_refuse.html",
        invitation=found,
        refusal=refusal,
        reason=reason,
        longest=REASON_LENGTH,
    )
    return page, status_of(refusal) if refusal else 200


@blueprint.post("/<key>/refuse")
def refuse(key: str) -> ResponseReturnValue:
    """Decline the invitation; a second press changes nothing."""
    reason = request.form.get("reason", "")
    try:
        with writing() as session:
            answering.refuse(session, _writer(), key, reason)
    except RuleError as refusal:
        if refusal.code == "reason_too_long":
            return _ask_why(key, refusal, reason)
        return show(key, refusal), status_of(refusal)
    return redirect(url_for("signing.invitation", key=key), 303)


@blueprint.post("/<key>/retract")
def retract(key: str) -> ResponseReturnValue:
    """Take the acceptance back while that may be; a second press changes nothing."""
    try:
        with writing() as session:
            answering.retract(session, _writer(), key)
    except RuleError as refusal:
        return show(key, refusal), status_of(refusal)
    return redirect(url_for("signing.invitation", key=key), 303)
