"""Writing an invitation: whom, the terms, a look at all of it, and sending."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from registry.base.errors import RuleError
from registry.base.iso_dates import day_of
from registry.base.text import clean
from registry.record.tables import Graduate
from registry.record.validation import Refused
from registry.signing import employers, given_codes, inviting, naming, terms
from registry.signing.inviting import Offer
from registry.signing.naming import Addressee
from wxapp.core import seeing
from wxapp.core.db import reading, writing
from wxapp.core.refusals import status_of
from wxapp.core.resources import now, resources
from wxapp.core.term_form import NAME_LENGTH, PLACES, read_terms, term_blocks
from wxapp.employer.door import blueprint, me, my_employer

EDIT, SEND = "edit", "send"
BY_NAME, BY_CODE = ("school", "name", "student_number"), "given_code"
WHOM = (*BY_NAME, BY_CODE)
"""How a graduate is named: by all three, or by the code that she gave."""
NUMBER_LENGTH = 32


@dataclass(frozen=True)
class Draft:
    """An invitation as it is written."""

    whom: Mapping[str, str] = field(default_factory=dict)
    answer_by: str = ""
    terms: Mapping[str, str] = field(default_factory=dict)

    @property
    def addressee(self) -> Addressee:
        """Return the graduate as she is named."""
        return Addressee(*(self.whom.get(each, "") for each in BY_NAME))

    @property
    def given_code(self) -> str:
        """Return the code that she gave; empty where she is named otherwise."""
        return self.whom.get(BY_CODE, "")


@blueprint.get("/invitations/new", endpoint="new_invitation")
def show_form() -> str:
    """Show the form, filled with what is usual, and with the code of a picture she showed."""
    usual = {"exits": "、".join(terms.TERMS["exits"].choices)}
    whom = {BY_CODE: clean(request.args.get("code", ""))[:NUMBER_LENGTH]}
    return _form(Draft(whom, inviting.default_day(now()).isoformat(), usual))


@blueprint.post("/invitations/new", endpoint="write_invitation")
def write_invitation() -> ResponseReturnValue:
    """Show all of it once more before it is sent, or send it; what was written is kept."""
    draft, button = _read(request.form), request.form.get("go", "")
    if button == EDIT or button in PLACES:
        return _form(draft)
    try:
        with writing() as session:
            found = _done(session, draft, send=button == SEND)
    except RuleError as refusal:
        found = refusal
    if isinstance(found, RuleError):
        return _form(draft, found), status_of(found)
    return found


def _done(session: Session, draft: Draft, *, send: bool) -> ResponseReturnValue | RuleError:
    """Send, or return the page that shows it first; a refusal whose count is kept as a value."""
    at, employer = now(), my_employer()
    answer_by = inviting.last_moment(_day(draft.answer_by), at)
    found = _named(session, draft, at)
    if isinstance(found, RuleError):
        return found
    if send:
        if draft.given_code:
            given_codes.use_up(session, resources().vault, draft.given_code, at)
        offer, most = Offer(found, draft.terms, answer_by), resources().invitations_a_day
        sent = inviting.send(session, me(), offer, at, most_a_day=most)
        return redirect(url_for("employer.invitation", key=sent.key), 303)
    inviting.refuse_inviting(session, found, employer.unit_name, at)
    inviting.check(employer, draft.terms, found, at)
    (until,) = inviting.answered_by(session, [Offer(found, draft.terms, answer_by)])
    return _preview(draft, found, until, inviting.sooner(until) if until < answer_by else "")


def _named(session: Session, draft: Draft, at: datetime) -> Graduate | RuleError:
    vault, staff = resources().vault, me()
    if draft.given_code:
        return given_codes.find_graduate(session, vault, staff, draft.given_code, at)
    return naming.find_graduate(session, vault, staff, draft.addressee, at)


def _day(text: str) -> date:
    try:
        return day_of(text)
    except ValueError:
        sentence = "请选择应约截止日期。"
        raise RuleError("answer_by_missing", sentence, "answer_by") from None


def _read(given: MultiDict[str, str]) -> Draft:
    whom = {name: clean(given.get(name, ""))[:NAME_LENGTH] for name in WHOM}
    return Draft(whom, given.get("answer_by", "").strip()[:10], read_terms(given))


def _preview(draft: Draft, graduate: Graduate, until: datetime, sooner: str) -> str:
    seeing.person(graduate.key, "seen_invitation", graduate.school_id)
    return render_template(
        "employer/preview.html",
        draft=draft,
        graduate=graduate,
        lines=terms.lines(draft.terms),
        odd=list(terms.oddities(draft.terms)),
        answer_by=until,
        sooner=sooner,
    )


def _form(draft: Draft, refusal: RuleError | None = None) -> str:
    with reading() as session:
        schools = employers.schools_of(session, my_employer().id, now())
    problems = refusal.problems if isinstance(refusal, Refused) else []
    return render_template(
        "employer/new_invitation.html",
        draft=draft,
        schools=schools,
        blocks=term_blocks(draft.terms, problems),
        refusal=refusal,
        elsewhere=None if problems else refusal,
    )
