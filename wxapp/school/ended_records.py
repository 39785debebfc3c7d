"""Ending a record (停用) and taking it back, and the list of those that were ended."""

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from registry.review import ended
from registry.review.ended import RecordDecision
from wxapp.core import seeing
from wxapp.core.db import reading, writing
from wxapp.core.resources import now
from wxapp.school.door import blueprint, school_only, staff_context


@blueprint.get("/graduates/ended")
def ended_records() -> str:
    """List the records that stand in no other list."""
    school_only()
    with reading() as session:
        found = ended.of_school(session, staff_context().scope, request.args.get("after", ""))
    page = found[: ended.PAGE]
    seeing.people([each.id for each in page])
    following = page[-1].key if len(found) > ended.PAGE else ""
    return render_template("school/ended_records.html", records=page, following=following)


@blueprint.post("/graduates/<key>/end")
def end_record(key: str) -> Response:
    """End a record, with an occasion and a reason."""
    school_only()
    with writing() as session:
        ended.end(session, staff_context().scope, key, _decision())
    return redirect(url_for("school.graduate", key=key), 303)


@blueprint.post("/graduates/<key>/take-back")
def take_record_back(key: str) -> Response:
    """Put an ended record back into its cohort, with a reason."""
    school_only()
    with writing() as session:
        ended.take_back(session, staff_context().scope, key, _decision())
    return redirect(url_for("school.graduate", key=key), 303)


def _decision() -> RecordDecision:
    return RecordDecision(
        staff=staff_context().staff,
        reason=request.form.get("reason", ""),
        at=now(),
        occasion=request.form.get("occasion", ""),
    )
