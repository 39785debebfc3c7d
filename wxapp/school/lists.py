"""The list of graduates with its filters."""

from collections.abc import Mapping
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from notifier.ledger.traits import WECHAT
from registry.base.errors import RuleError
from registry.codes import code_tables, regions
from registry.record import filter_choices, graduates, list_views
from registry.record.graduate_filter import GraduateFilter
from registry.record.requirements import CHOICES
from registry.review import traits
from wxapp.core import seeing
from wxapp.core.db import reading
from wxapp.core.lists import choices_of, read_days, read_place
from wxapp.core.refusals import status_of
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
