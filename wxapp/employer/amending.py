"""What the school returned: the employer amends the terms, or gives it up."""

from collections.abc import Mapping

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from registry.base.errors import NotFound, RuleError
from registry.base.written_reason import REASON_LENGTH
from registry.record.validation import Refused
from registry.signing import lists, mending, terms, versions
from registry.signing.lists import ListedInvitation
from wxapp.core import seeing
from wxapp.core.db import reading, writing
from wxapp.core.refusals import status_of
from wxapp.core.resources import now
from wxapp.core.term_form import PLACES, read_terms, term_blocks
from wxapp.employer.door import blueprint, me, my_employer

EDIT, SEND = "edit", "send"


@blueprint.get("/invitations/<key>/amend", endpoint="amend")
def show_amendment(key: str) -> ResponseReturnValue:
    """Show the form with the terms as they stand."""
    with reading() as session:
        found = _listed(session, key)
        said = lists.terms_of(session, key)
    if found.state != "returned":
        return redirect(url_for("employer.invitation", key=key), 303)
    return _form(found, said)


@blueprint.post("/invitations/<key>/amend", endpoint="write_amendment")
def write_amendment(key: str) -> ResponseReturnValue:
    """Show what changes before it is proposed, or propose it; what was typed is kept."""
    said, button = read_terms(request.form), request.form.get("go", "")
    with reading() as session:
        found = _listed(session, key)
    if button == EDIT or button in PLACES:
        return _form(found, said)
    try:
        if button != SEND:
            return _preview(found, said)
        with writing() as session:
            mending.amend(session, me(), key, said, now())
    except NotFound:
        raise
    except RuleError as refusal:
        return _form(found, said, refusal), status_of(refusal)
    return redirect(url_for("employer.invitation", key=key), 303)


def _listed(session: Session, key: str) -> ListedInvitation:
    found = lists.of_employer(session, my_employer().id, key, now())
    seeing.person(found.graduate_key, "seen_invitation", found.school_id)
    return found


def _preview(found: ListedInvitation, said: Mapping[str, str]) -> str:
    with reading() as session:
        mended = mending.of_employer(session, me(), found.key)
        proposed = mending.check(session, me(), mended, said, now())
        changes = versions.differences(mended.agreement.terms, proposed)
    return render_template(
        "employer/amendment_preview.html",
        invitation=found,
        said=said,
        changes=changes,
        lines=terms.lines(said),
        odd=list(terms.oddities(said)),
    )


def _form(
    found: ListedInvitation, said: Mapping[str, str], refusal: RuleError | None = None
) -> str:
    problems = refusal.problems if isinstance(refusal, Refused) else []
    return render_template(
        "employer/amendment.html",
        invitation=found,
        blocks=term_blocks(said, problems),
        refusal=refusal,
    )


@blueprint.post("/invitations/<key>/give-up", endpoint="give_up")
def give_up(key: str) -> ResponseReturnValue:
    """Give up what the school returned; a second press says how it stands."""
    reason = request.form.get("reason", "")
    try:
        with writing() as session:
            mending.give_up_by_employer(session, me(), key, reason, now())
    except NotFound:
        raise
    except RuleError as refusal:
        page = render_template(
            "employer/given_up.html",
            key=key,
            refusal=refusal,
            reason=reason,
            longest=REASON_LENGTH,
        )
        return page, status_of(refusal)
    return redirect(url_for("employer.invitation", key=key), 303)
