"""Terminations (解约) at the school's door: what waits, one of them, and the decision."""

from collections.abc import Mapping

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from registry.base.errors import NotFound, RuleError
from registry.base.written_reason import REASON_LENGTH
from registry.review.decisions import Decision
from registry.signing import (
    termination_documents,
    termination_lists,
    termination_review,
    termination_states,
)
from registry.signing.termination_lists import WAITING
from registry.signing.termination_review import TerminationVerdict
from registry.signing.termination_states import FOR_SCHOOL
from wxapp.core import downloads, seeing
from wxapp.core.db import reading, writing
from wxapp.core.lists import read_place
from wxapp.core.refusals import status_of
from wxapp.core.resources import now, resources
from wxapp.school.door import blueprint, school_only, staff_context

ALL = "all"
CHIPS: dict[str, str] = {
    WAITING: "待学校办理",
    **{each.value: title for each, title in termination_states.TERMINATION_TITLES.items()},
    ALL: "全部",
}


@blueprint.get("/terminations", endpoint="terminations")
def show_terminations() -> str:
    """Show the terminations: what waits for the school, the oldest first, 50 a page."""
    school_only()
    state = _state(request.args)
    with reading() as session:
        scope = staff_context().scope
        wanted = "" if state == ALL else state
        page = termination_lists.of_school(session, scope, wanted, read_place(request.args))
        counts = termination_lists.counts_of_school(session, scope)
    seeing.people([each.graduate_id for each in page.rows])
    return render_template(
        "school/terminations.html", page=page, counts=counts, state=state, chips=CHIPS, at=now()
    )


def _state(given: Mapping[str, str]) -> str:
    """Return which list the address asks for; what waits, for a word that is none."""
    asked = given.get("state", "")
    return asked if asked in CHIPS else WAITING


@blueprint.get("/terminations/<key>", endpoint="termination")
def show_termination(key: str) -> str:
    """Show a termination with all that was said, its documents, and the decision."""
    school_only()
    return _page(key)


def _page(key: str, refusal: RuleError | None = None) -> str:
    with reading() as session:
        scope = staff_context().scope
        found = termination_lists.one_in_scope(session, scope, key)
        current = termination_review.find(session, scope, key)
        page = {
            "steps": termination_lists.steps(session, key),
            "documents": termination_documents.of_request(session, key),
            "wants_reason": termination_review.wants_reason(session, current, now()),
            "locked": termination_review.is_locked(session, current),
            "employer_key": termination_lists.employer_key(session, key),
        }
    seeing.person(found.graduate_key, "seen_termination")
    return render_template(
        "school/termination.html",
        termination=found,
        may_decide=found.state in FOR_SCHOOL,
        days=found.days(now()),
        refusal=refusal,
        reason=request.form.get("reason", ""),
        longest=REASON_LENGTH,
        way_titles=termination_states.WAY_TITLES,
        settlement_titles=termination_states.SETTLEMENT_TITLES,
        pictures=("image/png", "image/jpeg"),
        **page,
    )


@blueprint.post("/terminations/<key>", endpoint="decide_termination")
def decide_termination(key: str) -> ResponseReturnValue:
    """Pass a termination or decline it, as it was seen."""
    school_only()
    try:
        with writing() as session:
            context = staff_context()
            verdict = _verdict(request.form)
            termination_review.decide(session, context.scope, context.staff, key, verdict, now())
    except NotFound:
        raise
    except RuleError as refusal:
        return _page(key, refusal), status_of(refusal)
    return redirect(url_for("school.termination", key=key), 303)


def _verdict(given: Mapping[str, str]) -> TerminationVerdict:
    decision = given.get("decision", "")
    if decision not in set(Decision):
        raise RuleError("decision_missing", "请选择同意或不同意解约。", "decision")
    return TerminationVerdict(Decision(decision), given.get("seen", ""), given.get("reason", ""))


@blueprint.get("/termination-documents/<key>", endpoint="termination_document")
def show_document(key: str) -> ResponseReturnValue:
    """Show a document of a termination; that it was looked at stays in the log."""
    school_only()
    with writing() as session:
        context = staff_context()
        found = termination_documents.of_school(
            session, resources().vault, context.scope, key, context.actor, now()
        )
    return downloads.shown(found.content, found.media_type, found.name)
