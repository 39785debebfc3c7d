"""The reasons a school keeps for returning, to be chosen again."""

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from registry import review_reasons
from registry.errors import RuleError
from wxapp.core.db import reading, writing
from wxapp.core.parts import now
from wxapp.school.door import blueprint, desk, school_only


@blueprint.get("/review-reasons", endpoint="review_reasons")
def show_reasons() -> str:
    """Show the reasons that are kept."""
    return _page()


def _page(refusal: str = "", written: str = "") -> str:
    with reading() as session:
        reasons = review_reasons.reasons(session, desk().scope)
    page = "school/review_reasons.html"
    return render_template(page, reasons=reasons, refusal=refusal, written=written)


@blueprint.post("/review-reasons")
def add_reason() -> Response | tuple[str, int]:
    """Keep one more; one that is kept already stays."""
    written = request.form.get("reason", "")
    try:
        with writing() as session:
            review_reasons.add(session, desk().scope, written, desk().actor, now())
    except RuleError as refusal:
        return _page(refusal.sentence, written), 400
    return redirect(url_for("school.review_reasons"), 303)


@blueprint.post("/review-reasons/<key>/remove")
def remove_reason(key: str) -> Response:
    """Forget one: the whole school uses them, so a department leaves them alone."""
    school_only()
    with writing() as session:
        review_reasons.remove(session, desk().scope, key)
    return redirect(url_for("school.review_reasons"), 303)
