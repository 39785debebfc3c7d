"""Employers' papers at who decides about them: the list, one of them, and the decision."""

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from registry.base.errors import NotFound, RuleError
from registry.base.written_reason import REASON_LENGTH
from registry.signing import certification_decisions as decisions
from registry.signing import employers, listing
from registry.signing.certification_decisions import PapersDecision
from registry.signing.employer_states import CERTIFICATION_TITLES
from registry.signing.terms import UNIT, unit_lines
from wxapp.core import downloads
from wxapp.core.db import reading, writing
from wxapp.core.lists import read_place
from wxapp.core.refusals import status_of
from wxapp.core.resources import now, resources
from wxapp.firms.asking import me, shown


def show_waiting() -> str:
    """Show the papers that wait, oldest first, 50 a page."""
    with reading() as session:
        page = decisions.waiting(session, me(), read_place(request.args))
    return shown("firms/waiting.html", "employers", page=page)


def show_papers(key: str) -> str:
    """Show what an employer handed in, beside what is in force."""
    return _page(key)


def _page(key: str, refusal: RuleError | None = None, reason: str = "") -> str:
    staff, vault = me(), resources().vault
    with reading() as session:
        found = decisions.find(session, staff, key)
        before = {each.title: each.value for each in employers.lines(found.employer)}
        said = unit_lines({name: found.unit.get(name, "") for name in UNIT})
        history = decisions.history(session, staff, found.employer_id)
        return shown(
            "firms/papers.html",
            "employers",
            papers=found,
            lines=[(each, before.get(each.title) != each.value) for each in said],
            phone=decisions.handler_phone(vault, found),
            until=decisions.last_moment(found, now()),
            listed=listing.holding(session, found.employer_id, now()),
            where_it_holds=listing.where_it_holds,
            history=[each for each in history if each.key != key],
            titles=CERTIFICATION_TITLES,
            refusal=refusal,
            reason=reason,
            longest=REASON_LENGTH,
        )


def decide_papers(key: str) -> ResponseReturnValue:
    """Pass papers, to sign or to recruit only, or return them with a reason."""
    reason, wanted = request.form.get("reason", ""), request.form.get("decision", "")
    if wanted not in set(PapersDecision):
        raise NotFound("办理方式")
    try:
        with writing() as session:
            decisions.decide(session, me(), key, PapersDecision(wanted), reason, now())
    except NotFound:
        raise
    except RuleError as refusal:
        return _page(key, refusal, reason), status_of(refusal)
    return redirect(url_for(".papers_of_employer", key=key), 303)


def show_file(key: str, which: str) -> ResponseReturnValue:
    """Show the licence or the letter; that it was looked at is kept."""
    with writing() as session:
        found = decisions.document(session, resources().vault, me(), key, which, now())
    return downloads.shown(found.content, found.media_type, found.name)
