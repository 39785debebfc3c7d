"""The school's own sign-in (统一身份认证) as its administrators see it, and what comes back."""

from flask import abort, redirect, render_template
from flask.typing import ResponseReturnValue

from notifier.providers.campus import CampusAway, CampusServer
from registry.record.scope import school_of
from wxapp.core import campus, campus_arrival
from wxapp.core.campus_arrival import Purpose
from wxapp.core.db import reading
from wxapp.core.limits import SIGN_IN, limiter
from wxapp.core.resources import resources, services
from wxapp.core.retry import only_once
from wxapp.school.door import blueprint, school_only, staff_context


@blueprint.get("/settings/campus", endpoint="campus")
def show_campus() -> str:
    """Show the sign-ins of the school, and what came back when somebody looked."""
    school_only()
    return _page({})


def _servers() -> list[CampusServer]:
    """Return the sign-ins of the school of who is asking."""
    with reading() as session:
        code = school_of(session, staff_context().scope).code
    return [each for each in services().campuses.values() if each.login.school == code]


def _page(looked: dict[str, str]) -> str:
    return render_template(
        "school/campus.html",
        servers=_servers(),
        looked=looked,
        refusal=campus_arrival.told(),
        trial=campus_arrival.trial(),
        own_number=staff_context().staff.work_number,
        site=resources().settings.public_url,
    )


def _mine(name: str) -> CampusServer:
    """Return a sign-in of the school by its name; another school's is not there."""
    return next((each for each in _servers() if each.login.name == name), None) or abort(404)


@blueprint.post("/settings/campus/<name>")
@limiter.limit(SIGN_IN)
@only_once
def look_at_campus(name: str) -> str:
    """Ask the campus without signing anybody in."""
    school_only()
    server = _mine(name)
    try:
        server.looks()
    except CampusAway as error:
        return _page({name: error.code})
    return _page({name: ""})


@blueprint.get("/settings/campus/<name>/try")
@limiter.limit(SIGN_IN)
@only_once
def try_campus(name: str) -> ResponseReturnValue:
    """Lead to the campus, to see what comes back of oneself."""
    school_only()
    address = campus.way_to(_mine(name), Purpose.TRIAL)
    if isinstance(address, str):
        return redirect(address, 302)
    return campus_arrival.refused(Purpose.TRIAL, address)
