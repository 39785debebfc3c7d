"""Employers found by a province or the operator, and the list of those that sign with nobody."""

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from registry.base.errors import NotFound, RuleError
from registry.base.iso_dates import day_of
from registry.base.written_reason import REASON_LENGTH
from registry.signing import certification_decisions, employer_list, employers
from registry.signing import listing as listings
from registry.signing.listing import NewListing
from registry.signing.states import QUALIFICATION_TITLES
from wxapp.core import document_uploads, downloads
from wxapp.core.db import reading, writing
from wxapp.core.lists import read_place
from wxapp.core.refusals import status_of
from wxapp.core.resources import now, resources
from wxapp.firms.asking import me, shown

EVIDENCE = "evidence"


def show_employers() -> str:
    """Show the employers, 50 a page, or those with a name or code."""
    return _list()


def _list(refusal: RuleError | None = None) -> str:
    staff, words = me(), request.args.get("words", "")
    with reading() as session:
        page = employer_list.page(session, staff.province, words, read_place(request.args))
        settled = employer_list.settings(session, staff.province) if staff.province else None
        waiting = certification_decisions.count_waiting(session, staff) if staff.province else 0
    return shown(
        "firms/employers.html",
        "employers",
        page=page,
        words=words,
        settles=staff.province is not None,
        settled=settled,
        waiting=waiting,
        refusal=refusal,
    )


def settle_signing() -> ResponseReturnValue:
    """Settle who decides about employers at the province's schools."""
    form = request.form
    try:
        with writing() as session:
            qualifies, pay = "qualifies" in form, form.get("minimum_pay", "")
            employer_list.settle(session, me(), pay, now(), qualifies=qualifies)
    except RuleError as refusal:
        return _list(refusal), status_of(refusal)
    return redirect(url_for(".employers"), 303)


def show_employer(employer: str) -> str:
    """Show an employer, how it stands at each school, and whether it is listed."""
    return _page(employer)


def _page(key: str, refusal: RuleError | None = None) -> str:
    staff = me()
    with reading() as session:
        found = employer_list.find(session, staff.province, key)
        return shown(
            "firms/employer.html",
            "employers",
            employer=found,
            lines=employers.lines(found),
            standings=employer_list.standings(session, found.id, staff.province),
            titles=QUALIFICATION_TITLES,
            listed=listings.holding(session, found.id, now()),
            where_it_holds=listings.where_it_holds,
            own_province=staff.province,
            typed={name: request.form.get(name, "") for name in ("reason", "until")},
            refusal=refusal,
            longest=REASON_LENGTH,
        )


def list_employer(employer: str) -> ResponseReturnValue:
    """List an employer, with evidence, until a day."""
    try:
        wanted = _wanted()
        with writing() as session:
            found = employer_list.find(session, me().province, employer)
            listings.add(session, resources().vault, me(), found, wanted, now())
    except NotFound:
        raise
    except RuleError as refusal:
        return _page(employer, refusal), status_of(refusal)
    return redirect(url_for(".employer", employer=employer), 303)


def _wanted() -> NewListing:
    document = document_uploads.documents({EVIDENCE: "证明材料"}).get(EVIDENCE)
    try:
        until = day_of(request.form.get("until", ""))
    except ValueError:
        raise RuleError("until_missing", "请选择截止日期。", "until") from None
    if document is None:
        raise RuleError("file_missing", "请上传证明材料。", EVIDENCE)
    keeps = resources().settings.keep
    return NewListing(request.form.get("reason", ""), until, document, keeps)


def lift_listing(listing: str) -> ResponseReturnValue:
    """Take an employer off the list; lifted twice, it is once."""
    with reading() as session:
        employer = listings.find(session, me(), listing).employer.key
    try:
        with writing() as session:
            listings.lift(session, me(), listing, request.form.get("reason", ""), now())
    except NotFound:
        raise
    except RuleError as refusal:
        return _page(employer, refusal), status_of(refusal)
    return redirect(url_for(".employer", employer=employer), 303)


def show_evidence(listing: str) -> ResponseReturnValue:
    """Show why an employer was listed; that it was looked at is kept."""
    with writing() as session:
        found = listings.document(session, resources().vault, me(), listing, now())
    return downloads.shown(found.content, found.media_type, found.name)
