"""Somebody asks to manage the accounts of an employer that this school looks after."""

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from registry.base.errors import NotFound, RuleError
from registry.base.written_reason import REASON_LENGTH
from registry.codes import identity
from registry.signing import takeovers
from registry.signing.employer_states import TAKEOVER_TITLES
from wxapp.core import downloads
from wxapp.core.db import reading, writing
from wxapp.core.refusals import status_of
from wxapp.core.resources import now, resources
from wxapp.school.door import blueprint, school_only, staff_context


@blueprint.get("/takeovers/<key>", endpoint="takeover")
def show_takeover(key: str) -> str:
    """Show who asks, by which letter, and what those who manage now say."""
    school_only()
    return _page(key)


def _page(key: str, refusal: RuleError | None = None, reason: str = "") -> str:
    vault = resources().vault
    with reading() as session:
        found = takeovers.find(session, staff_context().scope.school_id, key)
    return render_template(
        "school/takeover.html",
        takeover=found,
        phone=vault.open(identity.PHONE, found.key, found.phone_sealed),
        titles=TAKEOVER_TITLES,
        early=now() < found.passable_from,
        refusal=refusal,
        reason=reason,
        longest=REASON_LENGTH,
    )


@blueprint.get("/takeovers/<key>/letter", endpoint="takeover_letter")
def show_letter(key: str) -> ResponseReturnValue:
    """Show the letter; that it was looked at is kept."""
    school_only()
    context = staff_context()
    with writing() as session:
        found = takeovers.find(session, context.scope.school_id, key)
        letter = takeovers.letter(session, resources().vault, context.staff, found, now())
    return downloads.shown(letter.content, letter.media_type, letter.name)


@blueprint.post("/takeovers/<key>/<move>", endpoint="decide_takeover")
def decide_takeover(key: str, move: str) -> ResponseReturnValue:
    """Agree, three days after it was asked at the earliest, or refuse with a reason."""
    school_only()
    if move not in {"grant", "decline"}:
        abort(404)
    reason, staff = request.form.get("reason", ""), staff_context().staff
    try:
        with writing() as session:
            found = takeovers.find(session, staff_context().scope.school_id, key)
            if move == "grant":
                takeovers.grant(session, staff, found, now())
            else:
                takeovers.decline(session, staff, found, reason, now())
    except NotFound:
        raise
    except RuleError as refusal:
        return _page(key, refusal, reason), status_of(refusal)
    return redirect(url_for("school.takeover", key=key), 303)
