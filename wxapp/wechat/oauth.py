"""The silent round trip that tells which WeChat identity a browser holds.

The state is bound to this browser's session and used once; the openid comes from the server-side
exchange alone. A visit WeChat plays twice, or a code that ran out, begins the round again once;
the last digit of the state counts it, so that nobody is led in circles.
"""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from notifier.ledger import bindings, mini_users
from notifier.wechat.authorize import authorize_url
from notifier.wechat.errors import CodeInvalid, CodeUsed, GatewayError
from registry.accounts import one_time
from registry.accounts.sessions import Identity
from registry.numbers import link
from wxapp.core import devices, proof, unsent
from wxapp.core.browser_session import browser
from wxapp.core.db import reading, writing
from wxapp.core.devices import is_in_wechat
from wxapp.core.logs import note_error
from wxapp.core.record_choice import MESSAGE
from wxapp.core.resources import now, resources, services
from wxapp.core.retry import only_once
from wxapp.core.targets import HOME, TARGETS, endpoint_of

blueprint = Blueprint("oauth", __name__, url_prefix="/wechat")

FIRST, AGAIN = "0", "1"
CARRIED = (MESSAGE, unsent.LEADS_BACK)
"""What of a browser's session before the sign-in is known after it."""


@blueprint.get("/login")
def login() -> ResponseReturnValue:
    """Lead to the target named by `to`, by way of WeChat where the visitor is not known yet.

    With `anew` WeChat is asked again: who holds a session alone does not come back as its owner.
    """
    name = request.args.get("to", HOME)
    openid = browser().identity.openid
    if openid and mini_users.is_mini(openid):
        return _of_mini_program(name)
    if openid and "anew" not in request.args:
        return redirect(url_for(endpoint_of(name)), 303)
    if _is_outside_wechat():
        return _outside(name)
    if _is_unasked():
        return render_template("graduate/enter.html", target=name)
    browser()["asked_wechat"] = True  # a session that holds nothing would not be kept
    target = name if name in TARGETS else HOME
    with writing() as session:
        state = one_time.give_out(session, browser().token_hash, target, now())
    count = AGAIN if "again" in request.args else FIRST
    return redirect(authorize_url(resources().settings, state + count), 302)


def _of_mini_program(name: str) -> ResponseReturnValue:
    """Go on where nobody has to prove anything; the proof of the mini program is to open it."""
    if "anew" in request.args:
        return render_template("graduate/mini_again.html")
    return redirect(url_for(endpoint_of(name)), 303)


def _is_outside_wechat() -> bool:
    """Say whether WeChat would not answer this browser: it does so within WeChat alone."""
    return resources().settings.asks_wechat_itself and not is_in_wechat()


def _outside(name: str) -> str:
    """Show the way into WeChat: a code to scan, and the address to send there."""
    target = name if name in TARGETS else HOME
    address = f"{resources().settings.public_url}{url_for('oauth.login', to=target)}"
    picture = link.embedded_pixels(address)
    return render_template("graduate/outside_wechat.html", address=address, picture=picture)


def _is_unasked() -> bool:
    """Say whether another site's page leads here by itself, without a press of a person."""
    headers = request.headers
    return headers.get("Sec-Fetch-Site") == "cross-site" and headers.get("Sec-Fetch-User") != "?1"


@blueprint.get("/oauth")
@only_once
def come_back() -> ResponseReturnValue:
    """Take the state back, exchange the code, and begin a session that holds the openid."""
    given, code = request.args.get("state", ""), request.args.get("code", "")
    with writing() as session:
        target = one_time.take_back(session, given[:-1], browser().token_hash, now())
    if target is None or not code:
        return _stranded(target or HOME, given)
    try:
        visitor = services().gateway.exchange_code(code)
    except (CodeUsed, CodeInvalid):
        return _stranded(target, given)
    except GatewayError as error:
        note_error(error)
        return render_template("graduate/wechat_silent.html", target=target), 503
    if visitor.snapshot:
        return render_template("graduate/snapshot.html", target=target)
    return _arrive(visitor.openid, target)


def _arrive(openid: str, target: str) -> ResponseReturnValue:
    with reading() as session:
        records = bindings.records_of(session, openid)
    carried = {name: browser()[name] for name in CARRIED if name in browser()}
    again = browser().identity.openid == openid
    device = browser().identity.mini_device if again else None
    graduate_id = records[0].id if records else None
    browser().become(Identity(openid=openid, graduate_id=graduate_id, mini_device=device))
    devices.note_device()
    browser().update(carried)
    if again:
        proof.keep()
    return _go_on(target)


def _go_on(target: str) -> ResponseReturnValue:
    """Lead to the form that was being filled in when the session ended, or to the target."""
    return redirect(unsent.way_back() or url_for(endpoint_of(target)), 303)


def _stranded(target: str, given: str) -> ResponseReturnValue:
    """Go on where the first of two visits signed in, begin again once, or explain."""
    if browser().identity.openid:
        return _go_on(target)
    if given.endswith(FIRST):
        return redirect(url_for("oauth.login", to=target, again=1), 303)
    return render_template("graduate/sign_in_again.html", target=target), 400
