"""How the synchronisation of the province's own system goes, school by school and day by day."""

from flask import render_template

from registry.base.errors import NotFound
from registry.interface import sync_health
from wxapp.core.db import reading
from wxapp.core.resources import now
from wxapp.core.staff_context import staff_context
from wxapp.province.door import blueprint, province_context


@blueprint.get("/syncs", endpoint="syncs")
def show_schools() -> str:
    """Show how the synchronisation of each school stands, the troubled first."""
    with reading() as session:
        found = sync_health.schools_of(session, province_context().province, now())
        feed = sync_health.feed_of(session, province_context().province)
    return render_template(
        "province/syncs.html",
        syncs=sorted(found, key=lambda each: not each.is_troubled),
        feed=feed,
        sync_titles=sync_health.TITLES,
    )


@blueprint.get("/schools/<school>/sync", endpoint="sync")
def show_school() -> str:
    """Show the days of one school; the door has found it in the province."""
    scope = staff_context().scope
    with reading() as session:
        found = sync_health.school(session, scope.school_id, now())
        if found is None:
            raise NotFound("接口同步")
        days = sync_health.days(session, scope.school_id, now())
    return render_template(
        "province/sync.html", sync=found, days=days, sync_titles=sync_health.TITLES
    )
