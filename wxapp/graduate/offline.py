"""Signing on paper (线下签约) in WeChat: she asks, prints, hands in what both have signed."""

from datetime import date

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from notifier.providers import virus_scan
from registry.base.errors import NotFound, RuleError
from registry.base.iso_dates import day_of
from registry.base.written_reason import REASON_LENGTH
from registry.record.validation import Refused, Severity
from registry.review import evidence, evidence_types, own_application
from registry.review.evidence_types import CheckedDocument
from registry.review.seasons import season
from registry.review.tables import Evidence
from registry.signing import (
    agreement_papers,
    offline_lists,
    offline_requests,
    offline_returns,
    termination_lists,
    terms,
)
from registry.signing.offline_requests import PaperTerms
from registry.signing.offline_returns import MOST_PICTURES, SignedPaper
from registry.signing.states import (
    AGREEMENT_TITLES,
    OFFLINE_REQUEST_TITLES,
    AgreementState,
    OfflineRequestState,
)
from registry.signing.tables import Agreement, OfflineRequest
from registry.signing.termination_sides import graduate_side
from wxapp.core import proofs, unsent, uploads
from wxapp.core.db import reading, writing
from wxapp.core.refusals import status_of
from wxapp.core.resources import now, resources
from wxapp.core.who import current_graduate
from wxapp.graduate import offline_form
from wxapp.graduate.register_door import words, writer

blueprint = Blueprint("offline", __name__, url_prefix="/g/offline")
blueprint.context_processor(words)
proofs.check_tokens_later(blueprint, f"{__name__}.hand_in")

EDIT, SEND = "edit", "send"
FILE, DAY = "file", "signed_on"
FORM_BYTES = 64 * 1024


@blueprint.before_request
def _let_in() -> None:
    current_graduate()


@blueprint.get("/new")
def form() -> ResponseReturnValue:
    """Show the form, with what she asked the last time; where a request waits, that request."""
    with reading() as session:
        waiting = offline_requests.open_of(session, current_graduate())
        earlier = offline_requests.own(session, current_graduate())
    if waiting is not None and waiting.state == OfflineRequestState.ASKED:
        return redirect(url_for("offline.page", key=waiting.key), 303)
    if kept := unsent.typed():
        return _form(offline_form.read(kept))
    return _form(offline_requests.written(earlier[0]) if earlier else offline_form.USUAL)


@blueprint.post("/new")
def write() -> ResponseReturnValue:
    """Show all of it once more before it is sent, or send it; what was written is kept."""
    asked, button = offline_form.read(request.form), request.form.get("go", "")
    if button == EDIT or button in offline_form.PLACES:
        return _form(asked)
    try:
        with writing() as session:
            if button == SEND:
                key = offline_requests.ask(session, writer(), asked).key
                return redirect(url_for("offline.page", key=key), 303)
            offline_requests.refuse_asking(session, writer())
            return _preview(offline_requests.check(writer(), asked), asked)
    except RuleError as refusal:
        return _form(asked, refusal), status_of(refusal)


def _form(asked: PaperTerms, refusal: RuleError | None = None) -> str:
    problems = refusal.problems if isinstance(refusal, Refused) else []
    return render_template(
        "graduate/offline_new.html",
        blocks=offline_form.blocks(asked, problems),
        asked=asked,
        obstacle=refusal or _obstacle(),
        wrong=len({each.field for each in problems if each.severity is Severity.REFUSE}),
    )


def _obstacle() -> RuleError | None:
    """Return why she cannot ask now."""
    try:
        with reading() as session:
            offline_requests.refuse_asking(session, writer())
    except RuleError as refusal:
        return refusal
    return None


def _preview(offer: dict[str, str], asked: PaperTerms) -> str:
    return render_template(
        "graduate/offline_preview.html",
        lines=terms.lines(offer),
        unit_lines=terms.unit_lines(offer),
        odd=list(terms.oddities(offer)),
        hidden=offline_form.hidden(asked),
    )


@blueprint.get("/<key>")
def page(key: str) -> str:
    """Show a request, the paper it became, and what she can do now."""
    return _page(key)


def _page(key: str, refusal: RuleError | None = None) -> str:
    graduate = current_graduate()
    with reading() as session:
        found = offline_requests.find(session, graduate, key)
        agreement = offline_returns.of_request(session, graduate, key)
        side = graduate_side(writer())
        shown = {
            "number": _number(session, agreement),
            "documents": _documents(session, agreement),
            "situation": own_application.find(session, graduate, now()),
            "terminations": termination_lists.of_agreement(session, side, key),
            "closed": season(session, graduate.school_id, graduate.year).refusal(now()),
        }
    return render_template(
        "graduate/offline.html",
        asked=found,
        title=_title(found, agreement),
        agreement=agreement,
        lines=terms.lines(found.terms),
        unit_lines=terms.unit_lines(found.terms),
        odd=list(terms.oddities(found.terms)),
        refusal=refusal,
        graduate=graduate,
        most=MOST_PICTURES,
        today=now(),
        day=uploads.typed().get(DAY, ""),
        **shown,
    )


def _title(found: OfflineRequest, agreement: Agreement | None) -> str:
    if agreement is not None:
        return AGREEMENT_TITLES[AgreementState(agreement.state)]
    return OFFLINE_REQUEST_TITLES[OfflineRequestState(found.state)]


def _number(session: Session, agreement: Agreement | None) -> str:
    if agreement is None:
        return ""
    return agreement_papers.number(session, Agreement.id == agreement.id)


def _documents(session: Session, agreement: Agreement | None) -> list[Evidence]:
    if agreement is None or agreement.application_id is None:
        return []
    return evidence.listed(session, agreement.application_id)


@blueprint.post("/<key>/withdraw")
def withdraw(key: str) -> ResponseReturnValue:
    """Take the request back; a second press changes nothing."""
    try:
        with writing() as session:
            offline_requests.withdraw(session, writer(), key)
    except NotFound:
        raise
    except RuleError as refusal:
        return _page(key, refusal), status_of(refusal)
    return redirect(url_for("offline.page", key=key), 303)


@blueprint.post("/<key>")
def hand_in(key: str) -> ResponseReturnValue:
    """Hand in the pictures of the signed paper; the same sent twice is handed in once."""
    try:
        pictures = _pictures()
        with writing() as session:
            vault, paper = resources().vault, SignedPaper(_day(), pictures)
            offline_returns.hand_in(session, vault, writer(), key, paper)
    except NotFound:
        raise
    except RuleError as refusal:
        return _page(key, refusal), status_of(refusal)
    return redirect(url_for("offline.page", key=key), 303)


def _pictures() -> list[CheckedDocument]:
    """Return the documents of the form, its token checked.

    Raises RuleError `too_many_files`, or as `evidence_types.checked` and the virus scan do.
    """
    too_large = evidence_types.refusal("file_too_large")
    uploads.uploaded(FILE, MOST_PICTURES * evidence_types.MOST_BYTES + FORM_BYTES, too_large)
    chosen = [each for each in request.files.getlist(FILE) if each.filename]
    if len(chosen) > MOST_PICTURES:
        raise RuleError("too_many_files", f"最多上传 {MOST_PICTURES} 个文件。", FILE)
    found = [evidence_types.checked(each.stream.read()) for each in chosen]
    for each in found:
        virus_scan.refuse_infected(resources().settings.clamd, each.content)
    return found


def _day() -> date:
    try:
        return day_of(request.form.get(DAY, "").strip()[:10])
    except ValueError:
        raise RuleError("day_missing", "请选择协议书上的签字日期。", DAY) from None


@blueprint.post("/<key>/take-back")
def take_back(key: str) -> ResponseReturnValue:
    """Take back what is reviewed; a second press changes nothing."""
    try:
        with writing() as session:
            offline_returns.take_back(session, writer(), key)
    except NotFound:
        raise
    except RuleError as refusal:
        return _page(key, refusal), status_of(refusal)
    return redirect(url_for("offline.page", key=key), 303)


@blueprint.get("/<key>/give-up")
def giving_up(key: str) -> str:
    """Ask why the paper is given up."""
    return _ask_why(key, reason=unsent.typed().get("reason", ""))


def _ask_why(key: str, refusal: RuleError | None = None, reason: str = "") -> str:
    with reading() as session:
        found = offline_lists.own_one(session, current_graduate(), key)
    return render_template(
        "graduate/offline_give_up.html",
        invitation=found,
        refusal=refusal,
        reason=reason,
        longest=REASON_LENGTH,
    )


@blueprint.post("/<key>/give-up")
def give_up(key: str) -> ResponseReturnValue:
    """Give the paper up; a second press changes nothing."""
    reason = request.form.get("reason", "")
    try:
        with writing() as session:
            offline_returns.give_up(session, writer(), key, reason)
    except NotFound:
        raise
    except RuleError as refusal:
        return _ask_why(key, refusal, reason), status_of(refusal)
    return redirect(url_for("offline.page", key=key), 303)
