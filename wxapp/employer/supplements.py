"""A supplement (补充协议) at the employer's door: written, looked at, proposed, taken back."""

from collections.abc import Mapping

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from registry.base.errors import NotFound, RuleError
from registry.base.written_reason import REASON_LENGTH
from registry.record.validation import Problem, Refused
from registry.signing import lists, mending, supplementing, terms, versions
from registry.signing.lists import ListedInvitation
from wxapp.core import seeing
from wxapp.core.db import reading, writing
from wxapp.core.field_inputs import FieldInput
from wxapp.core.refusals import status_of
from wxapp.core.resources import now
from wxapp.core.term_form import PLACES, read_terms, term_blocks
from wxapp.employer.door import blueprint, me, my_employer

EDIT, SEND = "edit", "send"


@blueprint.get("/invitations/<key>/supplement", endpoint="supplement")
def show_form(key: str) -> ResponseReturnValue:
    """Show the form with the terms as they stand."""
    found = _listed(key)
    if found.state != "signed":
        return redirect(url_for("employer.invitation", key=key), 303)
    return _form(found, _terms(key))


def _terms(key: str) -> dict[str, str]:
    with reading() as session:
        return lists.terms_of(session, key)


@blueprint.post("/invitations/<key>/supplement", endpoint="write_supplement")
def write(key: str) -> ResponseReturnValue:
    """Show what changes before it is proposed, or propose it; what was typed is kept."""
    said, button = read_terms(request.form), request.form.get("go", "")
    found = _listed(key)
    if button == EDIT or button in PLACES:
        return _form(found, said)
    try:
        if button != SEND:
            return _preview(found, said)
        with writing() as session:
            supplementing.propose(session, me(), key, said, _why(), now())
    except NotFound:
        raise
    except RuleError as refusal:
        return _form(found, said, refusal), status_of(refusal)
    return redirect(url_for("employer.invitation", key=key), 303)


@blueprint.post("/invitations/<key>/supplement/withdraw", endpoint="withdraw_supplement")
def withdraw(key: str) -> ResponseReturnValue:
    """Take the proposal back; the page says how it stands, also where she was faster."""
    try:
        with writing() as session:
            supplementing.withdraw(session, me(), key, now())
    except NotFound:
        raise
    except RuleError:
        pass  # it has its answer, which the page shows
    return redirect(url_for("employer.invitation", key=key), 303)


def _why() -> str:
    return request.form.get("why", "")


def _listed(key: str) -> ListedInvitation:
    with reading() as session:
        found = lists.of_employer(session, my_employer().id, key, now())
    seeing.person(found.graduate_key, "seen_invitation", found.school_id)
    return found


def _preview(found: ListedInvitation, said: Mapping[str, str]) -> str:
    with reading() as session:
        mended = mending.of_employer(session, me(), found.key)
        proposed = supplementing.check(session, me(), mended, said, now())
        changes = versions.differences(mended.agreement.terms, proposed)
    return render_template(
        "employer/supplement_preview.html",
        invitation=found,
        said={name: text for name, text in said.items() if name in terms.SUPPLEMENTABLE},
        why=_why(),
        changes=changes,
        lines=terms.lines(proposed),
        odd=list(terms.oddities(proposed)),
    )


def _form(
    found: ListedInvitation, said: Mapping[str, str], refusal: RuleError | None = None
) -> str:
    return render_template(
        "employer/supplement.html",
        invitation=found,
        blocks=_blocks(said, refusal.problems if isinstance(refusal, Refused) else []),
        why=_why(),
        longest=REASON_LENGTH,
        refusal=refusal,
    )


def _blocks(said: Mapping[str, str], problems: list[Problem]) -> list[tuple[str, list[FieldInput]]]:
    """Return the inputs of the terms that a supplement may change, by block."""
    blocks = [
        (title, [each for each in fields if each.name in terms.SUPPLEMENTABLE])
        for title, fields in term_blocks(said, problems)
    ]
    return [(title, fields) for title, fields in blocks if fields]
