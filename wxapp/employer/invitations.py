"""An employer's invitations: the list, one of them, and taking one back."""

from collections.abc import Mapping

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from registry.accounts.audit import AuditRecord
from registry.base.errors import NotFound, RuleError
from registry.base.written_reason import REASON_LENGTH
from registry.signing import (
    agreement_papers,
    agreement_sheet,
    employers,
    invitation_ends,
    listing,
    lists,
    supplementing,
    termination_lists,
    terms,
    versions,
)
from registry.signing.agreement_sources import called
from registry.signing.states import INVITATION_TITLES, InvitationState
from registry.signing.supplement_states import SUPPLEMENT_TITLES
from registry.signing.termination_sides import employer_side
from registry.tasks.states import TITLES as TASK_TITLES
from wxapp.core import downloads, seeing
from wxapp.core.db import reading, writing
from wxapp.core.lists import read_place
from wxapp.core.refusals import status_of
from wxapp.core.resources import now, verification_site
from wxapp.employer import exports
from wxapp.employer.door import blueprint, me, my_employer


@blueprint.get("/", endpoint="home")
def show_invitations() -> str:
    """Show the invitations, newest first, 50 a page."""
    state = _state(request.args)
    with reading() as session:
        page = lists.page(session, my_employer().id, state, read_place(request.args), now())
        counts = lists.counts(session, my_employer().id)
        schools = employers.schools_of(session, my_employer().id, now())
        listed = listing.holding(session, my_employer().id, now())
        asked = termination_lists.waiting_for_employer(session, my_employer().id)
        exported = exports.recent(session)
    shown = [each.graduate_id for each in page.rows]
    seeing.people([*shown, *(each.graduate_id for each in asked)])
    return render_template(
        "employer/home.html",
        page=page,
        counts=counts,
        state=state,
        titles=INVITATION_TITLES,
        schools=schools,
        listed=listed,
        asked=asked,
        exports=exported,
        export_titles=TASK_TITLES,
    )


def _state(given: Mapping[str, str]) -> InvitationState | None:
    """Return the state the address asks for; None for all, and for a word that is none."""
    asked = given.get("state", "")
    return InvitationState(asked) if asked in set(InvitationState) else None


@blueprint.get("/invitations/<key>", endpoint="invitation")
def show_invitation(key: str) -> str:
    """Show an invitation as it was sent, and how it stands."""
    return _page(key)


@blueprint.post("/invitations/<key>/withdraw")
def withdraw_invitation(key: str) -> ResponseReturnValue:
    """Take an invitation back; one that was answered meanwhile stands."""
    reason = request.form.get("reason", "")
    try:
        with writing() as session:
            invitation_ends.withdraw(session, my_employer().id, key, reason, now())
    except NotFound:
        raise
    except RuleError as refusal:
        return _page(key, refusal, reason), status_of(refusal)
    return redirect(url_for("employer.invitation", key=key), 303)


@blueprint.post("/invitations/<key>/paper")
def agreement_paper(key: str) -> ResponseReturnValue:
    """Send the agreement that an invitation became as PDF."""
    with writing() as session:
        agreement = agreement_sheet.of_employer(session, my_employer().id, key)
        about = lists.of_employer(session, my_employer().id, key, now())
        subject = f"graduate:{about.graduate_key}"
        record = AuditRecord(me().actor, "agreement_paper", subject, about.school_id)
        pdf = agreement_sheet.download(session, verification_site(), agreement, record, now())
    return downloads.pdf(pdf, agreement_sheet.file_name(agreement))


def _page(key: str, refusal: RuleError | None = None, reason: str = "") -> str:
    with reading() as session:
        found = lists.of_employer(session, my_employer().id, key, now())
        said = terms.lines(lists.terms_of(session, key))
        terminations = termination_lists.of_agreement(session, employer_side(me(), now()), key)
        number = agreement_papers.number(session, called(key))
        supplements = supplementing.of_source(session, key)
        amended = versions.last_change(session, key)
    seeing.person(found.graduate_key, "seen_invitation", found.school_id)
    return render_template(
        "employer/invitation.html",
        invitation=found,
        lines=said,
        terminations=terminations,
        supplements=supplements,
        supplement_titles=SUPPLEMENT_TITLES,
        number=number,
        amended=amended,
        refusal=refusal,
        reason=reason,
        longest=REASON_LENGTH,
    )
