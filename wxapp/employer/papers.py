"""An employer's papers and standing (单位资质): handed in, at which schools, how far they are."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from registry.base.errors import NotFound, RuleError
from registry.base.written_reason import REASON_LENGTH
from registry.record.validation import Refused
from registry.signing import (
    certification_decisions,
    certifying,
    employer_list,
    employers,
    listing,
    registering,
    takeovers,
)
from registry.signing.certifying import FILE_TITLES
from registry.signing.employer_papers import Certification
from registry.signing.employer_states import CERTIFICATION_TITLES
from registry.signing.states import QUALIFICATION_TITLES
from registry.signing.terms import UNIT
from wxapp.core import document_uploads, downloads, region_picker, uploads
from wxapp.core.db import reading, writing
from wxapp.core.refusals import status_of
from wxapp.core.resources import now, resources
from wxapp.core.rights import NO_MANAGING
from wxapp.core.unit_inputs import unit_inputs
from wxapp.employer import phone_proof
from wxapp.employer.door import blueprint, me, my_employer

FIELDS = ("handler_name", "licence_until", "licence_endless", "letter_until")


@blueprint.get("/papers", endpoint="papers")
def show_papers() -> str:
    """Show how the employer stands, and the form of its papers."""
    return _page()


@blueprint.post("/papers/code")
def send_code() -> ResponseReturnValue:
    """Send a code to the phone of who handles the papers."""
    return _answered(phone_proof.send_code())


@blueprint.post("/papers/phone")
def prove_phone() -> ResponseReturnValue:
    """Prove that phone by the code."""
    return _answered(phone_proof.prove())


def _answered(refusal: RuleError | None) -> ResponseReturnValue:
    if refusal is not None:
        return _page(refusal), status_of(refusal)
    return redirect(url_for("employer.papers") + "#hand-in", 303)


@blueprint.post("/papers")
def hand_in() -> ResponseReturnValue:
    """Hand in papers: new ones, or others than those before."""
    if uploads.typed().get("go") == "unit_location_code":  # without scripts: list what lies below
        return _page()
    try:
        documents = document_uploads.documents(FILE_TITLES)
        phone = phone_proof.needed()
        papers = certifying.read(my_employer(), _typed(), documents, phone, now())
        with writing() as session:
            keeps = resources().settings.keep
            certifying.hand_in(session, resources().vault, me(), papers, now(), keeps)
    except RuleError as refusal:
        return _page(refusal), status_of(refusal)
    phone_proof.forget()
    return redirect(url_for("employer.papers"), 303)


def _typed() -> dict[str, str]:
    given = request.form
    typed = {**employers.read(given), **{name: given.get(name, "") for name in FIELDS}}
    if "unit_location_code-province" in given:
        typed["unit_location_code"] = region_picker.picked(given, "unit_location_code")
    return typed


@blueprint.post("/papers/schools")
def ask_at_schools() -> ResponseReturnValue:
    """Ask to sign at more schools."""
    try:
        with writing() as session:
            keys = request.form.getlist("schools")
            certifying.ask_at(session, resources().vault, me(), keys, now())
    except RuleError as refusal:
        return _page(refusal), status_of(refusal)
    return redirect(url_for("employer.papers"), 303)


@blueprint.post("/papers/takeover")
def object_to_takeover() -> ResponseReturnValue:
    """Say why somebody should not manage the accounts."""
    try:
        with writing() as session:
            takeovers.object_to(session, me(), request.form.get("reason", ""), now())
    except NotFound:
        raise
    except RuleError as refusal:
        return _page(refusal), status_of(refusal)
    return redirect(url_for("employer.papers"), 303)


@blueprint.get("/papers/<which>", endpoint="papers_file")
def show_file(which: str) -> ResponseReturnValue:
    """Show a file of the papers that were handed in last."""
    if not me().manages:
        raise NO_MANAGING
    with reading() as session:
        found = certifying.newest(session, my_employer().id)
        if found is None:
            raise NotFound("文件")
        shown = certification_decisions.opened_file(session, resources().vault, found, which)
    return downloads.shown(shown.content, shown.media_type, shown.name)


def _page(refusal: RuleError | None = None) -> str:
    employer = my_employer()
    with reading() as session:
        before = certifying.newest(session, employer.id)
        open_schools = certifying.open_schools(session, employer.id)
        shown = {
            "standings": employer_list.standings(session, employer.id),
            "papers": certifying.latest(session, employer.id),
            "schools": registering.by_province(open_schools),
            "listed": listing.holding(session, employer.id, now()),
            "takeover": takeovers.waiting(session, employer.id),
        }
    return render_template(
        "employer/papers.html",
        **shown,
        **_form(before, refusal),
        where_it_holds=listing.where_it_holds,
        titles=QUALIFICATION_TITLES,
        paper_titles=CERTIFICATION_TITLES,
        refusal=refusal,
        longest=REASON_LENGTH,
    )


def _form(before: Certification | None, refusal: RuleError | None) -> dict[str, object]:
    """Return the form with what was typed, or else what was handed in before."""
    problems = refusal.problems if isinstance(refusal, Refused) else []
    said = {each.field: each.sentence for each in problems}
    if refusal and refusal.field:
        said.setdefault(refusal.field, refusal.sentence)
    values = _typed() if request.form else _first_values(before)
    proven = phone_proof.proven() is not None
    return {
        "inputs": unit_inputs(values, said, frozenset({"unit_code"})),
        "values": values,
        "said": said,
        "before": before,
        "phone": phone_proof.masked() if proven else "",
        "form": None if proven or not me().manages else phone_proof.form(refusal),
        "file_titles": FILE_TITLES,
    }


def _first_values(before: Certification | None) -> dict[str, str]:
    employer = my_employer()
    unit = before.unit if before else {name: getattr(employer, name) for name in UNIT}
    values = {**{name: unit.get(name, "") for name in UNIT}, **dict.fromkeys(FIELDS, "")}
    if before is None:
        return {**values, "handler_name": me().name}
    values["handler_name"] = before.handler_name
    values["licence_until"] = before.licence_until.isoformat() if before.licence_until else ""
    values["licence_endless"] = "" if before.licence_until else "1"
    return values
