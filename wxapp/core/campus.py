"""The school's own sign-in (统一身份认证): out to the campus, and back with who that is.

The way back is tied to this browser by a state that is good once; where it leads is fixed by the
settings, never by what a request says of its host. What came back stands in the address, so every
answer here leads on at once.
"""

from collections.abc import Mapping

import structlog
from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue

from notifier.providers.campus import CampusAway, CampusRefused, CampusServer, CampusVisitor
from registry.accounts import campus_logout, one_time
from registry.base.errors import RuleError
from runtime.campus_logins import StatePlace
from wxapp.core import campus_choice
from wxapp.core.browser_session import browser
from wxapp.core.campus_arrival import ARRIVALS, Purpose, refused
from wxapp.core.db import writing
from wxapp.core.devices import is_in_wechat
from wxapp.core.limits import BINDING, BINDING_ADDRESS, limiter
from wxapp.core.resources import now, resources, services
from wxapp.core.retry import only_once
from wxapp.core.uploads import csrf_of
from wxapp.core.who import signed_in_staff

log = structlog.get_logger("wxapp.campus")

blueprint = Blueprint("campus", __name__, url_prefix="/login/campus")

ASKED, STATE = "asked_campus", "campus_state"
LATE = RuleError("campus_late", "统一身份认证登录已失效，请重新登录。")
NOT_SAID = RuleError(
    "campus_refused", "学校统一身份认证没有确认您的身份，请重新登录。一直这样的，请联系学校管理员。"
)
AWAY = RuleError("campus_away", "学校统一身份认证暂时无法连接，请稍后再试，或用其他方式办理。")


def this_browser() -> str:
    """Return whose tries a first filter counts: a campus shares one address."""
    return browser().token_hash


@blueprint.get("")
def choose() -> str:
    """List the schools whose staff sign in by their own sign-in."""
    return render_template("base/campus_choice.html", campuses=campus_choice.of_staff())


@blueprint.get("/<name>")
@limiter.limit(BINDING, key_func=this_browser)
@limiter.limit(BINDING_ADDRESS)
def begin(name: str) -> ResponseReturnValue:
    """Lead staff to their campus; whoever is signed in goes on to her pages."""
    server = _server(name)
    if not server.login.signs_in_staff:
        abort(404)
    if signed_in_staff():
        return redirect(url_for("sign_in.landing"), 303)
    address = way_to(server, Purpose.STAFF)
    if isinstance(address, RuleError):
        return refused(Purpose.STAFF, address)
    return redirect(address, 302)


def way_to(server: CampusServer, purpose: Purpose) -> str | RuleError:
    """Return where this browser is led, to come back once, for a purpose; or that it is away."""
    browser()[ASKED] = server.login.name  # a session that holds nothing would not be kept
    with writing() as session:
        state = one_time.give_out(
            session, browser().token_hash, f"{purpose} {server.login.name}", now()
        )
    if server.login.state_in is StatePlace.SESSION:
        browser()[STATE] = state
    try:
        return server.way_in(_back(server), state, in_wechat=is_in_wechat())
    except (CampusAway, CampusRefused) as error:
        return _said(server, AWAY, error.code)


def _said(server: CampusServer, refusal: RuleError, code: str) -> RuleError:
    log.error("no campus sign-in", campus=server.login.name, refusal=refusal.code, code=code)
    return refusal


def _server(name: str) -> CampusServer:
    found = services().campuses.get(name)
    return found or abort(404)


def _back(server: CampusServer) -> str:
    """Return the one address that a campus leads back to, by the settings alone."""
    path = url_for("campus.come_back", name=server.login.name)
    return f"{resources().settings.public_url}{path}"


@blueprint.get("/<name>/back")
@limiter.limit(BINDING, key_func=this_browser)
@limiter.limit(BINDING_ADDRESS)
@only_once
def come_back(name: str) -> ResponseReturnValue:
    """Take the state back, ask the campus who came, and go on with that."""
    server = _server(name)
    state = _state(server, request.args)
    with writing() as session:
        target = one_time.take_back(session, state, browser().token_hash, now())
    purpose, _, asked = (target or "").partition(" ")
    if asked != name:
        return _stranded()
    found = _visitor(server, state)
    if isinstance(found, RuleError):
        return refused(Purpose(purpose), found)
    return ARRIVALS[Purpose(purpose)](server.login, found)


@blueprint.post("/<name>/back")
@limiter.limit(BINDING_ADDRESS)
def log_out(name: str) -> ResponseReturnValue:
    """End what a campus says is over. Whoever calls knows the ticket, and can do no more than that.

    The answer is always the same.
    """
    form = request.form  # read first: what no field can hold is refused, whoever is named
    server = _server(name)
    said = server.ended(form, b"" if form else request.get_data())
    if said is not None:
        with writing() as session:
            campus_logout.end(session, said, server.login.title, now())
    return "", 204


@blueprint.record
def _is_called_without_a_token(state: BlueprintSetupState) -> None:
    """Let a campus, which is nobody's browser, call."""
    csrf_of(state.app.extensions).exempt(f"{__name__}.{log_out.__name__}")


@blueprint.get("/<name>/left")
def left(name: str) -> str:
    """Say that somebody is signed out here, and offer to leave the campus, too."""
    server = _server(name)
    back = f"{resources().settings.public_url}{url_for('sign_in.form')}"
    way_out, title = server.way_out(back), server.login.title
    return render_template("base/campus_left.html", way_out=way_out, title=title)


def _state(server: CampusServer, came: Mapping[str, str]) -> str:
    if server.login.state_in is StatePlace.SESSION:
        return str(browser().pop(STATE, ""))
    return came.get("state", "")


def _stranded() -> ResponseReturnValue:
    """Go on where the first of two visits signed in, or have it begun again."""
    if signed_in_staff():
        return redirect(url_for("sign_in.landing"), 303)
    return refused(Purpose.BIND if browser().identity.openid else Purpose.STAFF, LATE)


def _visitor(server: CampusServer, state: str) -> CampusVisitor | RuleError:
    try:
        return server.visitor(request.args, _back(server), state)
    except CampusRefused as error:
        return _said(server, NOT_SAID, error.code)
    except CampusAway as error:
        return _said(server, AWAY, error.code)
