"""How the synchronisation of the province's own system goes, school by school and day by day."""

from flask import redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from notifier.binding import colleagues
from registry.accounts import audit
from registry.base.errors import NotFound
from registry.interface import sync_health
from registry.record.scope import school_of
from wxapp.core.db import reading, writing
from wxapp.core.resources import now
from wxapp.core.staff_context import staff_context
from wxapp.province.door import blueprint, province_context


@blueprint.get("/syncs", endpoint="syncs")
def show_schools() -> str:
    """Show how the synchronisation of each school stands, the troubled first."""
    with reading() as session:
        found = sync_health.schools_of(session, province_context().province, now())
        feed = sync_health.feed_of(session, province_context().province)
        people = colleagues.choices_of_alarms(session, province_context().province)
    return render_template(
        "province/syncs.html",
        people=people,
        syncs=sorted(found, key=lambda each: not each.is_troubled),
        feed=feed,
        sync_titles=sync_health.TITLES,
    )


@blueprint.post("/syncs/told", endpoint="choose_told")
def choose_told() -> Response:
    """Settle who of the office is told by WeChat when records come late or are not taken."""
    province, staff = province_context().province, province_context().staff
    chosen = request.form.getlist("person")
    with writing() as session:
        before = _told(session)
        colleagues.choose_alarmed(session, province, chosen)
        changed = audit.changes(_FIELDS, {"told": before}, {"told": _told(session)})
        record = audit.by_staff(staff, "sync_told", "syncs", {"changes": changed})
        audit.note(session, record, now())
    return redirect(url_for("province.syncs"), 303)


_FIELDS = {"told": "接收提醒的人员"}


def _told(session: Session) -> str:
    """Return who of the office is told, by name."""
    people = colleagues.choices_of_alarms(session, province_context().province)
    return "、".join(each.name for each in people if each.told)


@blueprint.get("/schools/<school>/sync", endpoint="sync")
def show_school() -> str:
    """Show the days of one school; the door has found it in the province."""
    scope = staff_context().scope
    with reading() as session:
        found = sync_health.school(session, school_of(session, scope), now())
        if found is None:
            raise NotFound("接口同步")
        days = sync_health.days(session, scope.school_id, now())
    return render_template(
        "province/sync.html", sync=found, days=days, sync_titles=sync_health.TITLES
    )
