"""The reasons a school or a province keeps for returning, to be chosen again."""

from dataclasses import replace

from flask import redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from registry.accounts import audit
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
    return render_template(
        page,
        reasons=reasons,
        shipped=review_reasons.SHIPPED,
        refusal=refusal,
        written=written,
    )


def add_reason() -> Response | tuple[str, int]:
    """Keep one more; one that is kept already stays."""
    written = request.form.get("reason", "")
    try:
        with writing() as session:
            kept = review_reasons.add(
                session, staff_context().scope, written, staff_context().actor, now()
            )
            _note(session, "reason_add", "", kept)
    except RuleError as refusal:
        return _page(refusal.sentence, written), status_of(refusal)
    return redirect(url_for(".review_reasons"), 303)


def remove_reason(key: str) -> Response:
    """Forget one: all reviewers use them, so a department leaves them alone."""
    if not staff_context().whole_school:
        raise WrongRole
    with writing() as session:
        gone = review_reasons.remove(session, staff_context().scope, key)
        _note(session, "reason_remove", gone, "")
    return redirect(url_for(".review_reasons"), 303)


def _note(session: Session, action: str, before: str, after: str) -> None:
    """Keep in the log which reason was added or removed."""
    said = {"changes": [{"title": "退回原因", "before": before, "after": after}]}
    scope, staff = staff_context().scope, staff_context().staff
    record = audit.by_staff(staff, action, "reasons", said)
    audit.note(session, replace(record, school_id=scope.school_id), now())
