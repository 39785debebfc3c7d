"""Binding a WeChat to a graduate: name and identity number select, a code to her phone proves."""

from datetime import timedelta

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from notifier.binding import bind
from registry.accounts.sessions import Identity
from registry.base.errors import RuleError
from wxapp.core.browser_session import browser
from wxapp.core.db import writing
from wxapp.core.limits import BINDING, limiter
from wxapp.core.refusals import status_of
from wxapp.core.resources import now, resources, services
from wxapp.core.targets import HOME, endpoint_of
from wxapp.core.who import WeChatNeeded, bound_graduate, current_graduate

blueprint = Blueprint("binding", __name__, url_prefix="/g/bind")

RESEND_AFTER = timedelta(seconds=60)


@blueprint.before_request
def _let_in() -> ResponseReturnValue | None:
    if browser().identity.openid is None:
        raise WeChatNeeded
    if bound_graduate() and request.endpoint != "binding.done":
        return redirect(url_for("binding.done"), 303)
    return None


@blueprint.get("")
def who() -> ResponseReturnValue:
    """Ask who she is."""
    return render_template("graduate/bind_who.html", name="", refusal=None)


@blueprint.post("")
@limiter.limit(BINDING)
def claim() -> ResponseReturnValue:
    """Send a code to the phone her school has; the answer is the same for everybody."""
    name = request.form.get("name", "")
    claimed = bind.ClaimedIdentity(
        name=name,
        identity_number=request.form.get("identity_number", ""),
        openid=_openid(),
        session_hash=browser().token_hash,
        address=request.remote_addr or "",
    )
    with writing() as session:
        refusal = bind.begin(session, resources().vault, services().sms, claimed, now())
    if refusal is not None:
        return render_template("graduate/bind_who.html", name=name, refusal=refusal), status_of(
            refusal
        )
    browser()["code_sent_at"] = now().timestamp()
    return redirect(url_for("binding.code"), 303)


@blueprint.get("/code")
def code() -> ResponseReturnValue:
    """Ask for the code."""
    if "code_sent_at" not in browser():
        return redirect(url_for("binding.who"), 303)
    return _ask_for_code(None)


@blueprint.post("/code")
@limiter.limit(BINDING)
def prove() -> ResponseReturnValue:
    """Bind with the right code, in a session with a new token."""
    given = request.form.get("code", "")
    with writing() as session:
        found = bind.finish(
            session,
            resources().vault,
            bind.Proof(given, _openid(), browser().token_hash, request.remote_addr or ""),
            now(),
        )
    if isinstance(found, RuleError):
        return _ask_for_code(found), status_of(found)
    target = browser().get("after_binding", HOME)
    browser().become(Identity(openid=_openid(), graduate_id=found.id))
    browser()["after_binding"] = target
    return redirect(url_for("binding.done"), 303)


@blueprint.get("/done")
def done() -> ResponseReturnValue:
    """Say whose this WeChat is now."""
    target = endpoint_of(browser().get("after_binding", HOME))
    return render_template("graduate/bound.html", graduate=current_graduate(), target=target)


def _ask_for_code(refusal: RuleError | None) -> str:
    passed = now().timestamp() - browser().get("code_sent_at", 0)
    wait = max(0, round(RESEND_AFTER.total_seconds() - passed))
    return render_template("graduate/bind_code.html", refusal=refusal, wait=wait)


def _openid() -> str:
    openid = browser().identity.openid
    assert openid is not None, "the door lets nobody in without"
    return openid
