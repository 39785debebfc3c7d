"""Agreements on paper (线下签约) at the school's door: what graduates ask for, and its answer."""

from collections.abc import Mapping

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from registry.base.errors import NotFound, RuleError
from registry.base.written_reason import REASON_LENGTH
from registry.signing import agreement_sheet, employers, offline_issuing, terms, versions
from registry.signing.offline_issuing import SeenRequest
from registry.signing.states import OFFLINE_REQUEST_TITLES, OfflineRequestState
from wxapp.core import downloads, seeing
from wxapp.core.db import reading, writing
from wxapp.core.lists import read_place
from wxapp.core.refusals import status_of
from wxapp.core.resources import now, verification_site
from wxapp.school.door import blueprint, school_only, staff_context

ALL = "all"
ISSUE, RETURN = "issue", "return"


@blueprint.get("/offline", endpoint="offline_requests")
def show_requests() -> str:
    """Show the requests: what waits for the school, the oldest first, 50 a page."""
    school_only()
    state = _state(request.args)
    with reading() as session:
        scope = staff_context().scope
        page = offline_issuing.page(session, scope, state, read_place(request.args))
        counts = offline_issuing.counts(session, scope)
    seeing.people([each.graduate_id for each in page.rows])
    return render_template(
        "school/offline_requests.html",
        page=page,
        counts=counts,
        state=state.value if state else ALL,
        titles=OFFLINE_REQUEST_TITLES,
    )


def _state(given: Mapping[str, str]) -> OfflineRequestState | None:
    """Return which list the address asks for; what waits, for a word that is none."""
    asked = given.get("state", OfflineRequestState.ASKED)
    if asked == ALL:
        return None
    known = asked in set(OfflineRequestState)
    return OfflineRequestState(asked) if known else OfflineRequestState.ASKED


@blueprint.get("/offline/<key>", endpoint="offline_request")
def show_request(key: str) -> str:
    """Show what a graduate asks for, and the answer."""
    school_only()
    return _page(key)


def _page(key: str, refusal: RuleError | None = None) -> str:
    with reading() as session:
        found = offline_issuing.find(session, staff_context().scope, key)
        waits = found.state == OfflineRequestState.ASKED
        obstacle = offline_issuing.obstacle(session, found, now()) if waits else None
        known = employers.named(session, found.terms["unit_code"])
        agreement = offline_issuing.agreement_key(session, found)
    seeing.person(found.graduate.key, "seen_offline_request")
    return render_template(
        "school/offline_request.html",
        found=found,
        graduate=found.graduate,
        title=OFFLINE_REQUEST_TITLES[OfflineRequestState(found.state)],
        seen=versions.digest(found.terms),
        waits=waits,
        obstacle=obstacle,
        known=known,
        agreement=agreement,
        lines=terms.lines(found.terms),
        unit_lines=terms.unit_lines(found.terms),
        odd=list(terms.oddities(found.terms)),
        refusal=refusal,
        reason=request.form.get("reason", ""),
        longest=REASON_LENGTH,
    )


@blueprint.post("/offline/<key>", endpoint="answer_offline_request")
def answer(key: str) -> ResponseReturnValue:
    """Issue the paper, or return the request, as it was seen."""
    school_only()
    try:
        _answer(SeenRequest(key, request.form.get("seen", "")))
    except NotFound:
        raise
    except RuleError as refusal:
        return _page(key, refusal), status_of(refusal)
    return redirect(url_for("school.offline_request", key=key), 303)


def _answer(seen: SeenRequest) -> None:
    decision, context = request.form.get("decision", ""), staff_context()
    if decision not in {ISSUE, RETURN}:
        raise RuleError("decision_missing", "请选择核发或退回。", "decision")
    with writing() as session:
        if decision == ISSUE:
            offline_issuing.issue(session, context.scope, context.staff, seen, now())
        else:
            why = request.form.get("reason", "")
            offline_issuing.send_back(session, context.scope, context.staff, seen, why, now())


@blueprint.post("/agreements/<key>/paper", endpoint="paper_of_agreement")
def download(key: str) -> ResponseReturnValue:
    """Send an agreement as PDF, also one that is not handed in yet."""
    school_only()
    with writing() as session:
        agreement = agreement_sheet.of_school(session, staff_context().scope, key)
        graduate = agreement_sheet.signer_of(session, agreement)
        record = staff_context().audit_record("agreement_paper", f"graduate:{graduate.key}")
        pdf = agreement_sheet.download(session, verification_site(), agreement, record, now())
    return downloads.pdf(pdf, f"就业协议书-{graduate.name}.pdf")
