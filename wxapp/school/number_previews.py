"""One graduate's report as the school may see it, and her transfer number and its PDF."""

from typing import Any

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from registry.accounts import audit
from registry.base.errors import RuleError
from registry.numbers import preview, reports, service, shape
from registry.numbers.sealed_number import sealed_number
from registry.numbers.shape import KIND_TITLES, Issue, Kind
from registry.numbers.transfer import generate
from registry.numbers.transfer.generate import IssuingSchool
from registry.record import graduate_page
from registry.record.scope import school_of
from wxapp.core import downloads, seeing
from wxapp.core.db import reading, writing
from wxapp.core.refusals import status_of
from wxapp.core.resources import now, resources, verification_site
from wxapp.school import posting_card
from wxapp.school.door import blueprint, staff_context
from wxapp.school.number_filters import kind_of
from wxapp.school.number_lists import TITLES


@blueprint.get("/verification/<kind>/<key>", endpoint="verification")
def show_verification(kind: str, key: str) -> str:
    """Show the report she authorized, without its number: that is hers alone."""
    with reading() as session:
        return preview_page(session, (Issue.VERIFICATION, kind_of(kind)), key)


@blueprint.get("/transfer/<kind>/<key>", endpoint="transfer")
def show_transfer(kind: str, key: str) -> str:
    """Show the report, and the school's own number for it."""
    with reading() as session:
        return preview_page(session, (Issue.TRANSFER, kind_of(kind)), key)


def preview_page(
    session: Session,
    which: tuple[Issue, Kind],
    key: str,
    refusal: RuleError | None = None,
    *,
    is_typed: bool = False,
) -> str:
    """Return the page of a report, with what was refused on it, and what was typed for a posting.

    Raises NotFound for others' graduates.
    """
    issue, kind = which
    found = preview.preview(session, staff_context().scope, key, which, now())
    seeing.person(found.graduate.key, "seen_number")
    own = _of_transfer(session, found.graduate.id, kind) if issue is Issue.TRANSFER else {}
    if which == (Issue.TRANSFER, Kind.FILE):
        own |= posting_card.shown(session, found, is_typed=is_typed)
    return render_template(
        "school/number_preview.html",
        preview=found,
        graduate=found.graduate,
        kind=kind,
        issue=issue,
        kind_titles=KIND_TITLES,
        titles=TITLES[issue],
        last_day=service.last_day(issue, found.graduate.graduation_month),
        today=service.today(now()),
        refusal=refusal,
        refused_field=refusal is not None and refusal.field in posting_card.FIELDS,
        **own,
    )


def _of_transfer(session: Session, graduate_id: int, kind: Kind) -> dict[str, Any]:
    good = generate.good(session, graduate_id, kind, now())
    if good is None:
        return {"number": ""}
    return {"number": shape.grouped(sealed_number(good).number(resources().vault))}


@blueprint.post("/transfer/<kind>/<key>/number")
def generate_one(kind: str, key: str) -> ResponseReturnValue:
    """Make or renew one number; pressed twice, the second press finds it good."""
    which = kind_of(kind)
    with writing() as session:
        graduate = graduate_page.find(session, staff_context().scope, key)
        school = school_of(session, staff_context().scope)
        office = IssuingSchool(school, staff_context().actor, now())
        vault = resources().vault
        made = generate.generate(session, vault, office, [graduate.id], which)
        if made.created + made.renewed:
            details = {"kind": which, "created": made.created, "renewed": made.renewed}
            record = staff_context().audit_record(
                "transfer_number", graduate_page.subject(key), details
            )
            audit.note(session, record, now())
    return redirect(url_for("school.transfer", kind=which.value, key=key), 303)


@blueprint.post("/transfer/<kind>/<key>/pdf")
def transfer_report(kind: str, key: str) -> ResponseReturnValue:
    """Send the report as PDF; where it cannot be made, the preview says why."""
    which = kind_of(kind)
    try:
        with writing() as session:
            pdf = _pdf(session, which, key)
            name = graduate_page.find(session, staff_context().scope, key).name
    except RuleError as refusal:
        with reading() as session:
            page = preview_page(session, (Issue.TRANSFER, which), key, refusal)
        return page, status_of(refusal)
    return downloads.pdf(pdf, f"{KIND_TITLES[which]}转递报告-{name}.pdf")


def _pdf(session: Session, kind: Kind, key: str) -> bytes:
    at = now()
    pdf = reports.transfer_pdf(session, verification_site(), staff_context().scope, key, kind, at)
    record = staff_context().audit_record(
        "transfer_report", graduate_page.subject(key), {"kind": kind}
    )
    audit.note(session, record, at)
    return pdf
