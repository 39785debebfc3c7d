"""How the synchronisation with the province's own system goes, as the school reads it."""

from flask import render_template

from registry.base.errors import NotFound
from registry.interface import sync_health
from registry.record.scope import school_of
from wxapp.core.db import reading
from wxapp.core.resources import now
from wxapp.school.door import blueprint, school_only, staff_context


@blueprint.get("/sync", endpoint="sync")
def show_sync() -> str:
    """Show how the school's synchronisation stands; NotFound where graduates register here."""
    school_only()
    scope = staff_context().scope
    with reading() as session:
        school = school_of(session, scope)
        found = sync_health.school(session, school, now())
        if found is None:
            raise NotFound("接口同步")
        days = sync_health.days(session, scope.school_id, now())
        feed = sync_health.feed_of(session, school.province)
    return render_template(
        "school/sync.html",
        sync=found,
        days=days,
        feed=feed,
        school=school,
        sync_titles=sync_health.TITLES,
    )
