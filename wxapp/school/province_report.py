"""Reporting to the province (报省级备案): what would go, who is left out, what came of it."""

from flask import redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from registry.base.errors import NotFound, RuleError
from registry.province import batches as provincing
from registry.province import returns, selection, withdrawing
from registry.province import states as batch_states
from registry.province.selection import LEFT_OUT_TITLES, LeftOutReason
from registry.province.states import BatchState
from registry.record import graduates
from registry.record.confirmation import states as confirmation
from registry.record.confirmation.states import ConfirmationState
from registry.record.scope import lock_school
from registry.tasks.name_lists import GONE
from registry.tasks.start import NameList
from registry.tasks.states import TaskKind
from wxapp.core import seeing
from wxapp.core.db import reading, writing
from wxapp.core.refusals import status_of
from wxapp.core.resources import now
from wxapp.school import name_lists
from wxapp.school.door import blueprint, school_only, staff_context


@blueprint.get("/reporting", endpoint="reporting")
def show_reporting() -> str:
    """Show what would be reported now, and the batches there were."""
    school_only()
    with reading() as session:
        return _page(session)


def _page(session: Session, refusal: str = "") -> str:
    batches = provincing.batches(session, staff_context().scope, request.args.get("before", ""))
    latest = provincing.batches(session, staff_context().scope)[:1]
    return render_template(
        "school/reporting.html",
        prepared=selection.prepare(session, staff_context().scope, staff_context().year),
        batches=batches,
        older=batches[-1].key if len(batches) == provincing.PAGE else None,
        latest=latest[0].key if latest else "",
        refusal=refusal,
        left_out_titles=LEFT_OUT_TITLES,
        batch_titles=batch_states.TITLES,
    )


@blueprint.post("/reporting")
def send_batch() -> Response | tuple[str, int]:
    """Report, signed by who presses; pressed twice, the second press shows the first's batch."""
    school_only()
    try:
        with writing() as session:
            key = _send_once(session, request.form.get("latest", ""))
    except RuleError as refusal:
        with reading() as session:
            return _page(session, refusal.sentence), status_of(refusal)
    return redirect(url_for("school.batch", key=key), 303)


def _send_once(session: Session, latest_seen: str) -> str:
    lock_school(session, staff_context().scope.school_id)
    latest = provincing.batches(session, staff_context().scope)[:1]
    if latest and latest[0].key != latest_seen:
        return latest[0].key
    signed = provincing.signature(staff_context().staff)
    return provincing.send_batch(
        session, staff_context().scope, staff_context().year, signed, now()
    ).key


@blueprint.get("/reporting/people", endpoint="reporting_people")
def show_people() -> str:
    """Show the names of those who would be reported now, before anybody signs."""
    school_only()
    scope, year = staff_context().scope, staff_context().year
    words, state = request.args.get("q", "").strip(), _answered(request.args.get("state", ""))
    with reading() as session:
        after = request.args.get("after", "")
        rows = selection.going(session, scope, year, words, state, after)
        seeing.people(graduates.numbered(session, (each.key for each in rows)))
        prepared = selection.prepare(session, scope, year)
    return render_template(
        "school/reporting_people.html",
        rows=rows,
        prepared=prepared,
        words=words,
        state=state.value if state else "",
        states=[(each.value, confirmation.TITLES[each]) for each in _MAY_GO],
        following=rows[-1].key if len(rows) == selection.PAGE else None,
    )


_MAY_GO = (ConfirmationState.CONFIRMED, ConfirmationState.UNCONFIRMED)


def _answered(given: str) -> ConfirmationState | None:
    return next((each for each in _MAY_GO if each == given), None)


@blueprint.post("/batches/<key>/withdraw", endpoint="withdraw_batch")
def withdraw_batch(key: str) -> Response | tuple[str, int]:
    """Take a batch back before the province decides; a second press changes nothing."""
    school_only()
    reason = request.form.get("reason", "")
    try:
        with writing() as session:
            scope, staff = staff_context().scope, staff_context().staff
            if provincing.find_batch(session, scope, key).state != BatchState.WITHDRAWN:
                signed = provincing.signature(staff)
                withdrawing.withdraw(session, scope, key, signed, reason, now())
    except NotFound:
        raise
    except RuleError as refusal:
        return _batch_page(key, refusal.sentence, reason), status_of(refusal)
    return redirect(url_for("school.batch", key=key), 303)


@blueprint.get("/batches/<key>", endpoint="batch")
def show_batch(key: str) -> str:
    """Show one batch: who signed it, its counts, and what the province said."""
    school_only()
    return _batch_page(key)


def _batch_page(key: str, refusal: str = "", reason: str = "") -> str:
    with reading() as session:
        batch = provincing.find_batch(session, staff_context().scope, key)
        after = request.args.get("after", "")
        returned = returns.of_batch(session, staff_context().scope, batch, after)
        seen = graduates.numbered(session, (each.key for each in returned))
        seeing.people(seen, {"batch": key})
    return render_template(
        "school/batch.html",
        batch=batch,
        returned=returned,
        refusal=refusal,
        reason=reason,
        following=returned[-1].key if len(returned) == returns.PAGE else None,
        left_out_titles=LEFT_OUT_TITLES,
        batch_titles=batch_states.TITLES,
    )


@blueprint.get("/reporting/left-out", endpoint="reporting_left_out")
def show_left_out() -> str:
    """Show the names of those who would not be reported now, and what keeps each."""
    school_only()
    scope, year = staff_context().scope, staff_context().year
    given, after = request.args.get("reason", ""), request.args.get("after", "")
    reason = LeftOutReason(given) if given in set(LeftOutReason) else None
    with reading() as session:
        rows = selection.left_out(session, scope, year, reason, after)
        seeing.people(graduates.numbered(session, (each.key for each in rows)))
        prepared = selection.prepare(session, scope, year)
    return render_template(
        "school/reporting_left_out.html",
        rows=rows,
        prepared=prepared,
        reason=reason.value if reason else "",
        reasons=[(each.value, LEFT_OUT_TITLES[each]) for each in LeftOutReason],
        left_out_titles=LEFT_OUT_TITLES,
        following=rows[-1].key if len(rows) == selection.PAGE else None,
    )


@blueprint.post("/reporting/left-out")
def left_out_list() -> Response:
    """Give who would be left out now and why, as a workbook; noted in the log."""
    school_only()
    scope, year = staff_context().scope, staff_context().year
    with reading() as session:
        counts = selection.prepare(session, scope, year).left_out
    total = sum(number for reason, number in counts.items() if reason not in GONE)
    return name_lists.begin(
        NameList(TaskKind.LEFT_OUT, year, total),
        staff_context().audit_record("export_left_out", f"year:{year}"),
    )
