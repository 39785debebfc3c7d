"""Reports of breaches (举报): filed by the graduate, added to, answered, looked at once more."""

from collections.abc import Callable
from datetime import datetime

from flask import Blueprint, redirect, render_template, request, url_for
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from notifier.ledger import graduate_inbox
from notifier.providers import virus_scan
from registry.base.database import random_key
from registry.base.errors import NotFound, RuleError
from registry.base.retention import Kept, in_words
from registry.breaches import evidence, filing, lists, routing, steps
from registry.breaches.filing import REOPENED_WITHIN, Said
from registry.breaches.kinds import ACCUSED_TITLES, KIND_TITLES, OFFICE_TITLES, Accused
from registry.breaches.states import TITLES, BreachState
from registry.breaches.tables import UNIT_LENGTH, BreachReport
from registry.review import evidence_types
from registry.review.evidence_types import CheckedDocument
from registry.signing import lists as invitations
from wxapp.core import downloads, unsent, uploads
from wxapp.core.browser_session import browser
from wxapp.core.db import reading, writing
from wxapp.core.limits import BINDING, limiter
from wxapp.core.record_choice import MESSAGE
from wxapp.core.refusals import status_of
from wxapp.core.resources import now, resources
from wxapp.core.who import current_graduate, own_records

blueprint = Blueprint("breach", __name__, url_prefix="/g/breaches")

FORM_BYTES = 64 * 1024
FILE = "file"


@blueprint.record
def _check_csrf_later(state: BlueprintSetupState) -> None:
    """Leave the token's check to `uploaded`: it reads the body, which has to be allowed first."""
    uploads.csrf_of(state.app.extensions).exempt(f"{__name__}.{upload.__name__}")


@blueprint.before_request
def _let_in() -> None:
    current_graduate()


@blueprint.context_processor
def _for_templates() -> dict[str, object]:
    return {
        "kind_titles": KIND_TITLES,
        "accused_titles": ACCUSED_TITLES,
        "office_titles": OFFICE_TITLES,
        "state_titles": TITLES,
        "longest": steps.LONGEST,
    }


def _records() -> list[int]:
    return [each.id for each in own_records()]


def _this_browser() -> str:
    return browser().token_hash


@blueprint.get("")
def page() -> ResponseReturnValue:
    """Show her reports; from a message's card, the one that it is about."""
    current_graduate()
    with reading() as session:
        found = lists.of_person(session, _records())
        about = _of_message(session)
    if about is not None:
        return redirect(url_for("breach.report", key=about), 303)
    return render_template("graduate/breaches.html", reports=found)


def _of_message(session: Session) -> str | None:
    """Return the key of the report that the message she came from is about."""
    message = request.args.get(MESSAGE) or browser().pop(MESSAGE, None)
    whose = current_graduate().id
    subject = graduate_inbox.subject(session, whose, message) if message else ""
    kind, _, rest = subject.partition(":")
    ident = rest.partition(":")[0]
    if kind != "breach" or not ident.isdigit():
        return None
    return lists.key_of(session, _records(), int(ident))


@blueprint.get("/new")
def form() -> str:
    """Show the form; from an invitation, with the employer's name."""
    if kept := unsent.typed():
        return _form(kept.get("key", random_key()), _said(kept))
    unit = _unit_of(request.args.get("invitation", ""))
    accused = Accused.EMPLOYER if unit else ""
    return _form(random_key(), Said("", accused, unit, "", ""))


def _unit_of(invitation: str) -> str:
    """Return the employer of one of her invitations or papers; empty for others."""
    if not invitation:
        return ""
    with reading() as session:
        return invitations.unit_of(session, current_graduate(), invitation)


def _form(key: str, said: Said, refusal: RuleError | None = None) -> str:
    with reading() as session:
        above = routing.above_school(session, current_graduate().school)
    return render_template(
        "graduate/breach_new.html",
        key=key,
        above=above,
        said=said,
        refusal=refusal,
        unit_length=UNIT_LENGTH,
        kept=in_words(resources().settings.keep.months[Kept.EVIDENCE]),
    )


@blueprint.post("/new")
@limiter.limit(BINDING, key_func=_this_browser)
def file() -> ResponseReturnValue:
    """File a report; the same form sent twice is one."""
    said, key = _said(request.form), request.form.get("key", "")
    try:
        with writing() as session:
            filed = filing.file(
                session, resources().vault, current_graduate(), key, said, now()
            ).key
    except RuleError as refusal:
        return _form(key, said, refusal), status_of(refusal)
    return redirect(url_for("breach.report", key=filed), 303)


def _said(given: MultiDict[str, str]) -> Said:
    return Said(*(given.get(name, "") for name in ("kind", "accused", "unit", "words", "named")))


@blueprint.get("/<key>")
def report(key: str) -> str:
    """Show a report of hers: how it stands, who handles it, what was answered."""
    return _page(key)


def _page(key: str, refusal: RuleError | None = None) -> str:
    vault = resources().vault
    with reading() as session:
        found = filing.own(session, _records(), key)
        said = steps.of_report(session, vault, found)
        documents = evidence.listed(session, found)
    return render_template(
        "graduate/breach.html",
        report=found,
        words=vault.open(steps.PURPOSE, found.key, found.words_sealed),
        steps=said,
        documents=documents,
        may_add=found.state in evidence.OPEN,
        may_withdraw=found.state in (BreachState.RECEIVED, BreachState.HANDLING),
        may_reopen=_may_reopen(found),
        overdue=found.state in evidence.OPEN and found.due_at < now(),
        most=evidence.MOST_FILES,
        refusal=refusal,
        typed=unsent.filled(),
    )


def _may_reopen(found: BreachReport) -> bool:
    answered = found.state == BreachState.ANSWERED and found.answered_at
    return bool(answered and answered > now() - REOPENED_WITHIN)


@blueprint.post("/<key>/files")
def upload(key: str) -> ResponseReturnValue:
    """Keep a document with a report; sent twice it is kept once."""
    try:
        document, keeps = _document(), resources().settings.keep
        with writing() as session:
            found = filing.own(session, _records(), key)
            evidence.add(session, resources().vault, found, document, now(), keeps)
    except NotFound:
        raise
    except RuleError as refusal:
        return _page(key, refusal), status_of(refusal)
    return redirect(url_for("breach.report", key=key) + "#files", 303)


def _document() -> CheckedDocument:
    """Return the document that came in; raise RuleError for what may not be kept."""
    most = evidence_types.MOST_BYTES + FORM_BYTES
    chosen = uploads.uploaded(FILE, most, evidence_types.refusal("file_too_large"))
    if chosen is None:
        raise RuleError("file_missing", "请先选择文件或拍照，再点上传。", FILE)
    document = evidence_types.checked(chosen.stream.read())
    virus_scan.refuse_infected(resources().settings.clamd, document.content)
    return document


@blueprint.get("/<key>/files/<file>")
def document(key: str, file: str) -> ResponseReturnValue:
    """Show a document of hers."""
    with reading() as session:
        found = filing.own(session, _records(), key)
        opened = evidence.opened(session, resources().vault, found, file)
    return downloads.shown(opened.content, opened.media_type, opened.name)


@blueprint.post("/<key>/withdraw")
def withdraw(key: str) -> ResponseReturnValue:
    """Withdraw a report that is not answered; a second press changes nothing."""
    return _done(key, filing.withdraw)


@blueprint.post("/<key>/accept")
def accept_answer(key: str) -> ResponseReturnValue:
    """Close a report whose answer she accepts; a second press changes nothing."""
    return _done(key, filing.accept_answer)


@blueprint.get("/<key>/reopen")
def reopening(key: str) -> str:
    """Show the report with what was typed into the request for a second look."""
    return _page(key)


@blueprint.post("/<key>/reopen")
def reopen(key: str) -> ResponseReturnValue:
    """Ask once for a second look."""
    vault, words = resources().vault, request.form.get("words", "")
    return _done(key, lambda session, found, at: filing.reopen(session, vault, found, words, at))


def _done(key: str, do: Callable[[Session, BreachReport, datetime], None]) -> ResponseReturnValue:
    """Do something about a report of hers and show it; where it is refused, with what was typed."""
    try:
        with writing() as session:
            do(session, filing.own(session, _records(), key), now())
    except NotFound:
        raise
    except RuleError as refusal:
        return _page(key, refusal), status_of(refusal)
    return redirect(url_for("breach.report", key=key), 303)
