"""How far the schools have come, and what of them waits for the province's review."""

from flask import render_template

from registry.accounts import first_accounts
from registry.province import monitoring
from registry.record.confirmation import states as confirmation
from wxapp.core.db import reading
from wxapp.province.door import blueprint, province_context


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
