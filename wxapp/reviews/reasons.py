"""The reasons a school or a province keeps for returning, to be chosen again."""

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from registry.base.errors import RuleError
from registry.review import reasons as review_reasons
from wxapp.core.db import reading, writing
from wxapp.core.refusals import status_of
from wxapp.core.resources import now
from wxapp.core.staff_context import staff_context
from wxapp.core.who import WrongRole


def show_reasons() -> str:
    """Show the reasons that are kept."""
    return _page()


def _page(refusal: str = "", written: str = "") -> str:
    with reading() as session:
        reasons = review_reasons.reasons(session, staff_context().scope)
    page = "reviews/reasons.html"
    return render_template(page, reasons=reasons, refusal=refusal, written=written)


def add_reason() -> Response | tuple[str, int]:
    """Keep one more; one that is kept already stays."""
    written = request.form.get("reason", "")
    try:
        with writing() as session:
            review_reasons.add(
                session, staff_context().scope, written, staff_context().actor, now()
            )
    except RuleError as refusal:
        return _page(refusal.sentence, written), status_of(refusal)
    return redirect(url_for(".review_reasons"), 303)


def remove_reason(key: str) -> Response:
    """Forget one: all reviewers use them, so a department leaves them alone."""
    if not staff_context().whole_school:
        raise WrongRole
    with writing() as session:
        review_reasons.remove(session, staff_context().scope, key)
    return redirect(url_for(".review_reasons"), 303)
