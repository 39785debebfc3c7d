"""Her campus (统一身份认证) instead of a code: it proves the student number of what she typed."""

import json
from datetime import datetime, timedelta

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from notifier.binding import bind_by_campus
from notifier.binding.bind import ClaimedIdentity
from notifier.binding.bind_by_campus import ProvenStudent
from registry.base.crypto import UnreadableValue
from registry.base.errors import RuleError
from registry.record.consents import ConsentPurpose
from wxapp.core import campus, campus_arrival
from wxapp.core.browser_session import browser
from wxapp.core.campus_arrival import Purpose, StudentArrival
from wxapp.core.db import writing
from wxapp.core.limits import BINDING, BINDING_ADDRESS, limiter
from wxapp.core.resources import now, resources, services
from wxapp.graduate.binding import (
    blueprint,
    claimed,
    keep_consent,
    let_in,
    openid,
    other_notice,
    refused,
    this_browser,
)

CLAIM = "campus_claim"
"""Of a browser session, and what it is sealed for: name, identity number and the text agreed to."""
GOOD_FOR = timedelta(minutes=10)
NOT_STUDENT = RuleError(
    "campus_kind", "您在统一身份认证中的身份不是学生，请用短信验证码绑定，或联系学校就业指导中心。"
)


@blueprint.post("/campus")
@limiter.limit(BINDING, key_func=this_browser)
@limiter.limit(BINDING_ADDRESS)
def begin_campus() -> ResponseReturnValue:
    """Keep who somebody says to be, and lead to the campus of her school."""
    server = services().campuses.get(request.form.get("campus", ""))
    if server is None or not server.login.binds_graduates:
        abort(404)
    if (unread := other_notice()) is not None:
        return refused(unread)
    who = claimed()
    with writing() as session:
        refusal = bind_by_campus.begin(session, resources().vault, who, now())
    if refusal is not None:
        return refused(refusal)
    _keep(who, request.form["notice"])
    address = campus.way_to(server, Purpose.BIND)
    if isinstance(address, RuleError):
        return refused(address)
    # Not a redirect: the policy lets a form lead to addresses of ours only.
    page = render_template("graduate/bind_campus.html", url=address, title=server.login.title)
    return page, {"Refresh": f"0; url={address}"}


def _keep(who: ClaimedIdentity, notice: str) -> None:
    """Keep the claim for ten minutes, for this WeChat alone, as nobody else can read it."""
    until = (now() + GOOD_FOR).isoformat()
    said = json.dumps([who.name, who.identity_number, notice, until])
    browser()[CLAIM] = resources().vault.seal(CLAIM, openid(), said)


def _claim() -> tuple[str, str, str] | None:
    """Return name, identity number and the text agreed to; None where nothing is kept."""
    try:
        said = resources().vault.open(CLAIM, openid(), browser().pop(CLAIM, ""))
    except UnreadableValue:
        return None
    name, number, notice, until = json.loads(said)
    return (name, number, notice) if now() < datetime.fromisoformat(until) else None


@blueprint.get("/campus/done")
@limiter.limit(BINDING_ADDRESS)
def back_from_campus() -> ResponseReturnValue:
    """Bind whom the campus has just proven in this browser; it counts once."""
    arrived, claim = campus_arrival.student(), _claim()
    if arrived is None or claim is None:
        return refused(campus.LATE)
    if not arrived.is_graduate:
        return refused(NOT_STUDENT)
    return _bind(arrived, *claim)


def _bind(
    arrived: StudentArrival, name: str, identity_number: str, notice: str
) -> ResponseReturnValue:
    proven = ProvenStudent(name, identity_number, arrived.school, arrived.number)
    with writing() as session:
        found = bind_by_campus.finish(session, resources().vault, proven, openid(), now())
        if not isinstance(found, RuleError):
            keep_consent(session, notice, ConsentPurpose.BINDING)
    return refused(found) if isinstance(found, RuleError) else let_in(found)


@blueprint.get("/campus")
def to_the_form() -> ResponseReturnValue:
    """Lead who opens the address of the way to a campus anew to the page that begins it."""
    return redirect(url_for("binding.who"), 303)
