"""How far the schools have come, and their rates by the formula of the year."""

from flask import render_template

from registry.accounts import first_accounts
from registry.province import monitoring, rate_counts, rates
from registry.province.rate_counts import GraduateCounts
from registry.record.confirmation import states as confirmation
from wxapp.core.db import reading
from wxapp.province.door import blueprint, province_context

NOBODY = GraduateCounts(0, {})


@blueprint.get("/schools", endpoint="schools")
def show_schools() -> str:
    """Show each school's year in numbers."""
    with reading() as session:
        progress = monitoring.progress(
            session, province_context().province, province_context().year
        )
        without_account = first_accounts.schools_without(session, province_context().province)
    return render_template(
        "province/schools.html",
        without_account=without_account,
        schools=list(progress.values()),
        state_titles=confirmation.TITLES,
    )


@blueprint.get("/reviews", endpoint="waiting")
def show_waiting() -> str:
    """Show the schools whose applications the province reviews, and how many wait for it."""
    with reading() as session:
        schools = monitoring.reviews(session, province_context().province, province_context().year)
    return render_template("province/waiting.html", schools=schools)


@blueprint.get("/rates", endpoint="rates")
def show_rates() -> str:
    """Show the destination rate of each school and of all, to be printed."""
    province, year = province_context().province, province_context().year
    with reading() as session:
        counted = rate_counts.counted_by_school(session, province, year)
        schools = monitoring.schools(session, province)
    used = rates.formula(year)
    lines = [
        (name, rates.rates(numbers.by_category, numbers.graduates, used))
        for ident, name in schools.items()
        if (numbers := counted.get(ident, NOBODY)).graduates
    ]
    whole = _added(list(counted.values()))
    return render_template(
        "province/rates.html",
        formula=used,
        lines=lines,
        whole=rates.rates(whole.by_category, whole.graduates, used),
    )


def _added(counted: list[GraduateCounts]) -> GraduateCounts:
    by_category: dict[str, int] = {}
    for each in counted:
        for code, number in each.by_category.items():
            by_category[code] = by_category.get(code, 0) + number
    return GraduateCounts(sum(each.graduates for each in counted), by_category)
