"""The list of graduates with its filters, and the search at the top of every page."""

from dataclasses import replace

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from registry.base.paging import Place
from registry.codes.identity import IDENTITY
from registry.record import filter_choices, graduates
from registry.record.graduate_filter import looks_like_identity
from wxapp.core import seeing
from wxapp.core.db import reading
from wxapp.core.lists import offers, read_place
from wxapp.core.resources import resources
from wxapp.school.door import blueprint, staff_context
from wxapp.school.filters import parameters, read_filter


@blueprint.get("/graduates", endpoint="graduates")
def show_list() -> str:
    """Show a page of the graduates the address asks for."""
    wanted = read_filter(request.args, staff_context().year)
    with reading() as session:
        page = graduates.page(session, staff_context().scope, wanted, read_place(request.args))
        counts = graduates.counts(session, staff_context().scope, wanted)
        offered = filter_choices.choices(session, staff_context().scope, staff_context().year)
        seeing.people(graduates.numbered(session, (each.key for each in page.rows)))
    return render_template(
        "school/graduates.html",
        page=page,
        counts=counts,
        total=sum(counts.values()),
        shown=counts[wanted.state] if wanted.state else sum(counts.values()),
        offers=offers(offered),
        wanted=wanted,
        query=parameters(wanted),
        without_state=parameters(replace(wanted, state=None)),
    )


@blueprint.post("/search")
def search() -> ResponseReturnValue:
    """Find by name, number or identity number; the last never comes into an address.

    One record is shown at once; of a person with several, all are named.
    """
    words = request.form.get("words", "").strip()
    if not looks_like_identity(words):
        return redirect(_found_by(words), 303)
    indexes = resources().vault.indexes(IDENTITY, words.upper())
    with reading() as session:
        found = graduates.find_by_identity(session, staff_context().scope, indexes)
        seeing.searched(graduates.numbered(session, (each.key for each in found)))
    if not found:
        return redirect(url_for("school.not_found_by_identity"), 303)
    if len(found) > 1:
        return render_template("school/records_of_person.html", records=found)
    return redirect(url_for("school.graduate", key=found[0].key), 303)


def _found_by(words: str) -> str:
    """Return the address of the one graduate of the year whom words name, or of the list."""
    address = url_for("school.graduates", q=words or None)
    if not words:
        return address
    wanted = read_filter({"q": words}, staff_context().year)
    with reading() as session:
        rows = graduates.page(session, staff_context().scope, wanted, Place()).rows
    return url_for("school.graduate", key=rows[0].key) if len(rows) == 1 else address


@blueprint.get("/search/nobody")
def not_found_by_identity() -> str:
    """Say that nobody in the scope has this identity number."""
    return render_template("school/nobody.html")
