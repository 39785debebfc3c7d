"""Who asks about employers, in which door's pages, and whose schools are meant."""

from flask import render_template, request

from registry.accounts.tables import Role, Staff
from registry.signing.patterns import PatternScope
from wxapp.core.who import WrongRole, current_staff

FRAMES = {"school": "base/console.html", "province": "province/page.html", "ops": "ops/page.html"}
"""Door -> what its pages stand in."""
ANSWERABLE = {Role.SCHOOL, Role.PROVINCE, Role.OPERATOR}


def me() -> Staff:
    """Return who asks; raise WrongRole for a department's staff and counsellors."""
    staff = current_staff()
    if staff.role not in ANSWERABLE:
        raise WrongRole
    return staff


def own_scope() -> PatternScope:
    """Return whose graduates are looked at."""
    return PatternScope(me().school_id, me().province)


def shown(template: str, entry: str, **values: object) -> str:
    """Return a page within the door that is asked; `entry` is what its menu marks."""
    door = request.blueprint or ""
    return render_template(template, frame=FRAMES[door], entry=f"{door}.{entry}", **values)
