"""The list of graduates with its filters, and the search at the top of every page."""

from collections.abc import Mapping
from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from notifier.ledger.traits import WECHAT
from registry.base.errors import RuleError
from registry.base.paging import Place
from registry.codes import code_tables, identity, regions
from registry.record import filter_choices, graduates, list_views
from registry.record.graduate_filter import GraduateFilter, looks_like_identity
from registry.record.graduates import RecordOfPerson
from registry.record.requirements import CHOICES
from registry.review import traits
from wxapp.core import seeing
from wxapp.core.db import reading
from wxapp.core.lists import choices_of, read_days, read_place
from wxapp.core.refusals import status_of
from wxapp.core.resources import resources
from wxapp.school import filter_chips, list_columns
from wxapp.school.door import blueprint, staff_context
from wxapp.school.filters import SORT, list_query, read_filter, read_order


@blueprint.get("/graduates", endpoint="graduates")
def show_list() -> str:
    """Show a page of the graduates the address asks for."""
    with reading() as session:
        return _page(session)


def refused_list(refusal: RuleError) -> ResponseReturnValue:
    """Answer with the list, and why what was asked for was not done."""
    with reading() as session:
        return _page(session, refusal.sentence), status_of(refusal)


def _page(session: Session, refused: str = "") -> str:
    context, order = staff_context(), read_order(request.args)
    wanted = read_filter(request.args, context.year)
    page = graduates.page(session, context.scope, wanted, read_place(request.args), order)
    counts = graduates.counts(session, context.scope, wanted)
    seeing.people(sorted(each.id for each in page.rows))
    query, total = list_query(), sum(counts.values())
    shown = counts[wanted.state] if wanted.state else total
    return render_template(
        "school/graduates.html",
        page=page,
        counts=counts,
        total=total,
        shown=shown,
        wanted=wanted,
        refused=refused,
        query=query,
        narrowed={name: value for name, value in query.items() if name not in {"state", SORT}},
        stateless={name: value for name, value in query.items() if name != "state"},
        chips=filter_chips.chips(session, query),
        near=[] if shown else _near(session, wanted, query),
        columns=list_columns.shown(),
        bound=read_days(query, "bound"),
        **_offered(session, query),
        **WORDS,
    )


def _offered(session: Session, query: Mapping[str, str]) -> dict[str, Any]:
    """Return what the page offers besides its rows."""
    scope, staff = staff_context().scope, staff_context().staff
    whole = staff_context().whole_school
    counsellors = filter_choices.counsellors(session, scope) if whole else []
    views = list_views.offered(session, scope, staff.id)
    return {
        "offers": choices_of(session, scope) | {"counsellors": counsellors},
        "views": views,
        "changeable": {each.key for each in views if list_views.may_change(staff, each)},
        "sorts": {name: _turned(query, by.value) for name, by in list_columns.SORTED_BY.items()},
    }


def _turned(query: Mapping[str, str], by: str) -> str:
    """Return the order that a press on a head asks for: the other way where it stands already."""
    return f"-{by}" if query.get(SORT) == by else by


def _near(
    session: Session, wanted: GraduateFilter, query: Mapping[str, str]
) -> list[tuple[str, dict[str, str]]]:
    """Return the majors and classes that may be meant by who typed a part, and the list of each."""
    scope, typed = staff_context().scope, {"class": wanted.class_name, "major": wanted.major}
    return [
        (each, {**query, name: each})
        for name, words in typed.items()
        if words
        for each in filter_choices.containing(session, scope, wanted.year, name, words)
        if each != words
    ]


WORDS = {
    "all_columns": list_columns.COLUMNS,
    "sexes": list(code_tables.SEX.codes.items()),
    "provinces": list(regions.provinces().items()),
    "category_groups": CHOICES,
    "wechat_choices": list(WECHAT.items()),
    "evidence_choices": list(traits.EVIDENCE.items()),
    "flag_choices": list(traits.FLAGS.items()),
    "sex_title": code_tables.SEX.title_of,
}


@blueprint.post("/search")
def search() -> ResponseReturnValue:
    """Find by name, number, unit, identity number or phone; neither of the last is in an address.

    One record is shown at once; of a person with several, or of a phone, all are named.
    """
    words = request.form.get("words", "").strip()
    number, phone = identity.normalised(words), identity.normalised_phone(words)
    if looks_like_identity(words):
        return _found(_by_identity(number))
    if not identity.is_mobile(phone):
        return redirect(_found_by(words), 303)
    if found := _by_phone(phone):
        return _found(found)
    # Some schools' student numbers look like a phone.
    return redirect(_found_by(number, url_for("school.not_found_by_identity")), 303)


def _by_identity(number: str) -> list[RecordOfPerson]:
    indexes = identity.identity_indexes(resources().vault, number)
    with reading() as session:
        found = graduates.find_by_identity(session, staff_context().scope, indexes)
        seeing.searched(graduates.numbered(session, (each.key for each in found)))
    return found


def _by_phone(phone: str) -> list[RecordOfPerson]:
    indexes = identity.phone_indexes(resources().vault, phone)
    with reading() as session:
        found = graduates.find_by_phone(session, staff_context().scope, indexes)
        those = graduates.numbered(session, (each.key for each in found))
        seeing.searched(those, "searched_phone")
    return found


def _found(found: list[RecordOfPerson]) -> ResponseReturnValue:
    if not found:
        return redirect(url_for("school.not_found_by_identity"), 303)
    if len(found) > 1:
        return render_template("school/records_of_person.html", records=found)
    return redirect(url_for("school.graduate", key=found[0].key), 303)


def _found_by(words: str, otherwise: str = "") -> str:
    """Return the address of the one graduate of the year whom words name, or of the list.

    `otherwise` is that for nobody, where the words must not be in it.
    """
    address = url_for("school.graduates", q=words or None)
    if not words:
        return address
    wanted = read_filter({"q": words}, staff_context().year)
    with reading() as session:
        rows = graduates.page(session, staff_context().scope, wanted, Place()).rows
    if len(rows) == 1:
        return url_for("school.graduate", key=rows[0].key)
    return address if rows else otherwise or address


@blueprint.get("/search/nobody")
def not_found_by_identity() -> str:
    """Say that nobody in the scope has this identity number or phone."""
    return render_template("school/nobody.html")
