"""One application under review: before and after, the proofs, the decision."""

from dataclasses import dataclass
from io import BytesIO

from flask import redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from registry.base.errors import RuleError
from registry.codes.categories import BOUND_TRAINING
from registry.codes.code_tables import TRAINING_MODE
from registry.record import province_lock, requirements
from registry.review import case, evidence, lists, reasons
from registry.review import states as review
from registry.review.case import Case
from registry.review.evidence import EvidenceDocument
from registry.review.states import Purpose
from registry.signing import agreement_papers, agreement_sheet
from registry.signing.reviewed import ReviewedAgreement, reviewed_agreement
from registry.signing.tables import Agreement
from wxapp.core import downloads, headers, seeing
from wxapp.core.db import reading, writing
from wxapp.core.refusals import status_of
from wxapp.core.resources import now, resources, verification_site
from wxapp.core.staff_context import staff_context
from wxapp.reviews.deciding import (
    DecidedOne,
    DecisionRequest,
    decide_once,
    decided_one,
    read_seen,
    read_verdict,
)
from wxapp.reviews.filters import kept_query, next_key, own_level, previous_key
from wxapp.reviews.listing import RefusedDecision

DOCUMENT_POLICY = "default-src 'none'; style-src 'self'; img-src 'self'; frame-ancestors 'self'"
EVENT_TITLES = {
    review.ApplicationEvent.SAVE: "保存",
    review.ApplicationEvent.SUBMIT: "本人提交",
    review.ApplicationEvent.PASS_DEPARTMENT: "通过",
    review.ApplicationEvent.PASS_SCHOOL: "通过",
    review.ApplicationEvent.PASS_LAST: "通过",
    review.ApplicationEvent.RETURN: "退回",
    review.ApplicationEvent.DECLINE: "不通过",
    review.ApplicationEvent.STOP: "终止",
    review.ApplicationEvent.WITHDRAW: "本人撤回",
    review.ApplicationEvent.DISCARD: "本人放弃",
}


def show_review(key: str) -> str:
    """Show what is applied for beside what is in force."""
    with reading() as session:
        return _page(session, key)


def decide_one(key: str) -> ResponseReturnValue:
    """Pass or return one application, as it was seen; go on to the next of the list.

    A script is told as JSON what came of it: `done`, and the `sentence` where it was not.
    """
    try:
        verdict = read_verdict(request.form)
        seen = read_seen([f"{key}:{request.form.get('revision', '')}"])
        with writing() as session:
            purpose = Purpose(case.case(session, staff_context().scope, key).application.purpose)
            said = repr(sorted(request.form.items(multi=True)))
            decided = decide_once(session, DecisionRequest(verdict, seen, purpose, key + said))
    except RuleError as refusal:
        if refusal.code == "not_found":
            raise
        if _by_script():
            return {"done": False, "sentence": refusal.sentence}, status_of(refusal)
        with reading() as session:
            return _page(session, key, _refused(refusal)), status_of(refusal)
    return _went_on(key, decided)


def _by_script() -> bool:
    return request.accept_mimetypes.best == "application/json"


def _went_on(key: str, decided: str) -> ResponseReturnValue:
    with reading() as session:
        came = decided_one(session, decided)
        following = next_key(session, key)
    if _by_script():
        return {"done": not came.left, "sentence": came.left}
    if came.left or following is None:
        return redirect(url_for(".review_decided", ask=decided, after=key, **kept_query()), 303)
    return redirect(
        url_for(".review", key=following, decided=decided, after=key, **kept_query()), 303
    )


def _refused(refusal: RuleError) -> RefusedDecision:
    given = request.form
    return RefusedDecision(
        refusal.sentence, kept=given.get("kept", ""), reason=given.get("reason", "")
    )


def _page(session: Session, key: str, refused: RefusedDecision | None = None) -> str:
    scope = staff_context().scope
    found = case.case(session, scope, key)
    seeing.person(found.graduate.key, "seen_review")
    headers.allow_own_frames()  # a PDF beside the fields
    return render_template(
        "reviews/sheet.html",
        case=found,
        application=found.application,
        graduate=found.graduate,
        locked=bool(province_lock.locked_ids(session, [found.graduate.id])),
        may_decide=found.due is own_level(),
        too_early=found.is_too_early(now()),
        last_level=found.is_last_level,
        signed=_agreement(session, found),
        number=agreement_papers.number(session, Agreement.application_id == found.application.id),
        training=_training(found),
        before=_decided_before(session),
        next_key=next_key(session, key),
        previous_key=previous_key(session, key),
        query=kept_query(),
        reasons=reasons.offered(session, scope, Purpose(found.application.purpose)),
        refused=refused or RefusedDecision(""),
        **WORDS,
    )


@dataclass(frozen=True)
class DecidedBefore:
    """Whom the reader decided on just before, and how."""

    key: str
    name: str
    came: DecidedOne


def _decided_before(session: Session) -> DecidedBefore | None:
    asked, after = request.args.get("decided", ""), request.args.get("after", "")
    rows = lists.of_keys(session, staff_context().scope, [after]) if asked and after else []
    if not rows:
        return None
    return DecidedBefore(after, rows[0].name, decided_one(session, asked))


def _agreement(session: Session, found: Case) -> ReviewedAgreement | None:
    """Return the agreement that is reviewed; None for other applications."""
    if found.application.purpose != Purpose.AGREEMENT:
        return None
    return reviewed_agreement(session, found.application, found.graduate.school_id, now())


def _training(found: Case) -> str:
    """Return how a directed or commissioned graduate is bound; empty for others."""
    mode = found.graduate.training_mode
    return TRAINING_MODE.title_of(mode) or mode if mode in BOUND_TRAINING else ""


WORDS = {
    "review_states": review.STATE_TITLES,
    "review_levels": review.LEVEL_TITLES,
    "purpose_titles": review.PURPOSE_TITLES,
    "event_titles": EVENT_TITLES,
    "evidence_titles": requirements.EVIDENCE_TITLES,
    "pictures": ("image/png", "image/jpeg"),
}


def download_agreement(key: str) -> Response:
    """Send the agreement that is or was under review as PDF."""
    with writing() as session:
        agreement = agreement_sheet.of_scope(session, staff_context().scope, key)
        graduate = case.case(session, staff_context().scope, key).graduate
        subject = f"graduate:{graduate.key}"
        record = staff_context().audit_record("agreement_paper", subject)
        pdf = agreement_sheet.download(session, verification_site(), agreement, record, now())
    return downloads.pdf(pdf, f"就业协议书-{graduate.name}.pdf")


def show_evidence(key: str) -> Response:
    """Show a document of a graduate in scope; that it was looked at stays in the log."""
    with writing() as session:
        vault, scope = resources().vault, staff_context().scope
        document = evidence.of_scope(session, vault, scope, key, staff_context().actor, now())
    return _sent(document)


def _sent(document: EvidenceDocument) -> Response:
    answer = send_file(BytesIO(document.content), document.media_type, download_name=document.name)
    answer.headers["Content-Security-Policy"] = DOCUMENT_POLICY
    return answer
