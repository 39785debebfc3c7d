"""A school's own text on the use of personal data, over the default; and when cohorts go."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from registry.accounts import audit
from registry.base.errors import RuleError
from registry.record import filter_choices, privacy_notice
from registry.record.privacy_notice import MOST_CHARACTERS
from registry.record.scope import school_of
from wxapp.core.db import reading, writing
from wxapp.core.privacy import kept_terms
from wxapp.core.refusals import status_of
from wxapp.core.resources import now, resources
from wxapp.school.door import blueprint, school_only, staff_context


@blueprint.get("/settings/privacy")
def privacy() -> str:
    """Show the text that holds, the form for another, and the days on which cohorts go."""
    school_only()
    return _page()


def _page(typed: str | None = None, refusal: RuleError | None = None) -> str:
    scope = staff_context().scope
    with reading() as session:
        notice = privacy_notice.of_school(session, school_of(session, scope))
        years = filter_choices.years(session, scope)
    keep = resources().settings.keep
    return render_template(
        "school/privacy.html",
        in_force=notice,
        text=notice.text if typed is None else typed,
        kept=kept_terms(),
        most=MOST_CHARACTERS,
        ends=[(year, keep.goes_on(year)) for year in years],
        saved="saved" in request.args,
        refusal=refusal,
    )


@blueprint.post("/settings/privacy")
def publish_notice() -> ResponseReturnValue:
    """Publish another text; the log keeps that it was done, the text's version says the rest."""
    school_only()
    typed = request.form.get("text", "")
    try:
        with writing() as session:
            school = school_of(session, staff_context().scope)
            who = staff_context().actor
            notice = privacy_notice.publish(session, school, typed, who, now())
            record = staff_context().audit_record(
                "notice_publish", f"school:{school.key}", {"version": notice.version}
            )
            audit.note(session, record, now())
    except RuleError as refusal:
        return _page(typed, refusal), status_of(refusal)
    return redirect(url_for("school.privacy", saved=1), 303)
