"""The agreements of a school's graduates: the list, one of them, and its voiding."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from itertools import pairwise

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from registry.accounts.tables import Staff
from registry.base.errors import NotFound, RuleError
from registry.base.written_reason import REASON_LENGTH
from registry.review import case
from registry.review.case import Step
from registry.signing import (
    employer_standing,
    school_agreements,
    supplementing,
    terms,
    versions,
    voiding,
)
from registry.signing.school_agreements import ListedAgreement
from registry.signing.states import AGREEMENT_TITLES, LIVE, VOIDING_TITLES, AgreementState
from registry.signing.supplement_states import SUPPLEMENT_TITLES
from registry.signing.tables import TermsVersion
from registry.signing.versions import TermChange
from registry.tasks.start import NameList
from registry.tasks.states import TaskKind
from wxapp.core import seeing
from wxapp.core.db import reading, writing
from wxapp.core.lists import read_place
from wxapp.core.refusals import status_of
from wxapp.core.resources import now
from wxapp.reviews.sheet import EVENT_TITLES
from wxapp.school import name_lists
from wxapp.school.door import blueprint, school_only, staff_context

Deed = Callable[[Session, Staff, str, datetime], None]
DEEDS: Mapping[str, Deed] = {
    "confirm": voiding.confirm,
    "refuse": voiding.refuse,
    "withdraw": voiding.withdraw,
}


@blueprint.get("/agreements", endpoint="agreements")
def show_agreements() -> str:
    """Show the agreements that the address asks for, 50 a page, the newest first."""
    school_only()
    wanted = school_agreements.read_filter(request.args)
    school_id = staff_context().scope.school_id
    with reading() as session:
        page = school_agreements.page(session, school_id, wanted, read_place(request.args))
        counts = school_agreements.counts(session, school_id, wanted)
        total = school_agreements.total(session, school_id, wanted)
    seeing.people([each.graduate_id for each in page.rows])
    return render_template(
        "school/agreements.html",
        page=page,
        counts=counts,
        total=total,
        wanted=wanted,
        query=wanted.said(),
        titles=AGREEMENT_TITLES,
    )


@blueprint.post("/agreements/export", endpoint="export_agreements")
def export() -> Response:
    """Give the agreements that the address asks for as a workbook; the log keeps who took them."""
    school_only()
    wanted, scope = school_agreements.read_filter(request.args), staff_context().scope
    with reading() as session:
        total = school_agreements.total(session, scope.school_id, wanted)
    people = school_agreements.people(scope.school_id, wanted)
    listed = NameList(TaskKind.AGREEMENTS, None, total, people, wanted.said())
    record = staff_context().audit_record(
        "export_agreements", f"agreements:{wanted.state or 'all'}", wanted.said()
    )
    return name_lists.begin(listed, record)


@blueprint.get("/agreements/<key>", endpoint="agreement")
def show_agreement(key: str) -> str:
    """Show an agreement: its terms, what was proposed before, its review, and its voiding."""
    school_only()
    return _page(key)


def _page(key: str, refusal: RuleError | None = None, reason: str = "") -> str:
    school_id = staff_context().scope.school_id
    with reading() as session:
        listed = school_agreements.one(session, school_id, key)
        if listed is None:
            raise NotFound("协议")
        agreement = voiding.find(session, school_id, key)
        kept = versions.of(session, agreement)
        steps = _steps(session, listed)
        requests = voiding.of_agreement(session, agreement)
        supplements = supplementing.of_agreement(session, agreement)
        warnings = employer_standing.of_agreement(session, agreement, school_id, now())
    seeing.person(listed.graduate_key, "seen_agreement")
    return render_template(
        "school/agreement.html",
        agreement=agreement,
        listed=listed,
        lines=terms.lines(agreement.terms),
        unit_lines=terms.unit_lines(agreement.terms),
        changes=_changes(kept),
        supplements=supplements,
        supplement_titles=SUPPLEMENT_TITLES,
        steps=steps,
        requests=requests,
        waiting=next((each for each in requests if each.row.state == "asked"), None),
        me=staff_context().staff,
        warnings=warnings,
        live=AgreementState(agreement.state) in LIVE,
        titles=AGREEMENT_TITLES,
        voiding_titles=VOIDING_TITLES,
        event_titles=EVENT_TITLES,
        refusal=refusal,
        reason=reason,
        longest=REASON_LENGTH,
    )


def _steps(session: Session, listed: ListedAgreement) -> list[Step]:
    """Return the steps of the review; none of a paper that is not handed in."""
    if listed.review_key is None:
        return []
    return case.case(session, staff_context().scope, listed.review_key).steps


def _changes(
    kept: Sequence[TermsVersion],
) -> list[tuple[TermsVersion, list[TermChange]]]:
    """Return each later version with what it changes, newest first."""
    return [
        (later, versions.differences(earlier.terms, later.terms))
        for later, earlier in pairwise(kept)
    ]


@blueprint.post("/agreements/<key>/void", endpoint="ask_to_void_agreement")
def ask_to_void(key: str) -> ResponseReturnValue:
    """Ask for an agreement to be voided; another administrator confirms it."""
    school_only()
    reason = request.form.get("reason", "")
    try:
        with writing() as session:
            voiding.ask(session, staff_context().staff, key, reason, now())
    except NotFound:
        raise
    except RuleError as refusal:
        return _page(key, refusal, reason), status_of(refusal)
    return redirect(url_for("school.agreement", key=key), 303)


@blueprint.post("/agreements/<key>/void/<deed>", endpoint="decide_voiding")
def decide_voiding(key: str, deed: str) -> ResponseReturnValue:
    """Confirm a request, do not agree to it, or take one's own back."""
    school_only()
    if deed not in DEEDS:
        abort(404)
    try:
        with writing() as session:
            DEEDS[deed](session, staff_context().staff, key, now())
    except NotFound:
        raise
    except RuleError as refusal:
        return _page(key, refusal), status_of(refusal)
    return redirect(url_for("school.agreement", key=key), 303)
