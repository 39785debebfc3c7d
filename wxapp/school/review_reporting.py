"""Reporting to the province (上报省级): what would go, who is left out, what became of batches."""

from collections.abc import Iterator
from io import BytesIO

from flask import redirect, render_template, request, send_file, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from registry import audit, batch_states, province_selection, provincing, workbook
from registry.clock import SHANGHAI
from registry.errors import RuleError
from registry.province_selection import LEFT_OUT_TITLES, LeftOut
from registry.tables import School
from wxapp.core.db import reading, writing
from wxapp.core.parts import now
from wxapp.school.door import blueprint, desk, school_only

LEFT_OUT_COLUMNS = ("学号", "姓名", "院系", "未列入的原因")


@blueprint.get("/reporting", endpoint="reporting")
def show_reporting() -> str:
    """Show what would be reported now, and the batches there were."""
    school_only()
    with reading() as session:
        return _page(session)


def _page(session: Session, refusal: str = "") -> str:
    batches = provincing.batches(session, desk().scope, request.args.get("before", ""))
    latest = provincing.batches(session, desk().scope)[:1]
    return render_template(
        "school/reporting.html",
        prepared=province_selection.prepare(session, desk().scope, desk().year),
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
            return _page(session, refusal.sentence), 400
    return redirect(url_for("school.batch", key=key), 303)


def _send_once(session: Session, latest_seen: str) -> str:
    session.get_one(School, desk().scope.school_id, with_for_update={"key_share": True})
    latest = provincing.batches(session, desk().scope)[:1]
    if latest and latest[0].key != latest_seen:
        return latest[0].key
    signed = provincing.signature(desk().staff)
    return provincing.send_batch(session, desk().scope, desk().year, signed, now()).key


@blueprint.get("/batches/<key>", endpoint="batch")
def show_batch(key: str) -> str:
    """Show one batch: who signed it, its counts, and what the province said."""
    school_only()
    with reading() as session:
        batch = provincing.find_batch(session, desk().scope, key)
    return render_template(
        "school/batch.html",
        batch=batch,
        left_out_titles=LEFT_OUT_TITLES,
        batch_titles=batch_states.TITLES,
    )


@blueprint.post("/reporting/left-out")
def left_out_list() -> Response:
    """Send who would be left out now and why, as a workbook; noted in the log."""
    school_only()
    file, at = BytesIO(), now()
    with reading() as session:
        number = workbook.write(file, _lines(session))
    with writing() as session:
        deed = desk().deed("export_left_out", f"year:{desk().year}", {"rows": number})
        audit.note(session, deed, at)
    file.seek(0)
    name = f"未列入上报名单_{at.astimezone(SHANGHAI):%Y%m%d_%H%M}.xlsx"
    return send_file(file, workbook.MEDIA_TYPE, as_attachment=True, download_name=name)


def _lines(session: Session) -> Iterator[tuple[str, ...]]:
    yield LEFT_OUT_COLUMNS
    scope, year, after = desk().scope, desk().year, ""
    while rows := province_selection.left_out(session, scope, year, after=after):
        for row in rows:
            if row.reason not in {LeftOut.FILED, LeftOut.SENT}:
                reason = LEFT_OUT_TITLES[row.reason]
                yield row.student_number, row.name, row.department, reason
        after = rows[-1].key
