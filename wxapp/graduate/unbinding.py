"""Ending the binding of this WeChat (解除绑定), with what follows from it."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from notifier.binding import bind
from wxapp.core import proof
from wxapp.core.browser_session import browser
from wxapp.core.db import writing
from wxapp.core.resources import now
from wxapp.core.who import current_graduate

blueprint = Blueprint("unbinding", __name__, url_prefix="/g/unbind")


@blueprint.before_request
def _let_in() -> None:
    current_graduate()


@blueprint.get("")
def ask() -> ResponseReturnValue:
    """Say what follows, and ask."""
    return render_template(
        "graduate/unbind.html", graduate=current_graduate(), proven=proof.holds()
    )


@blueprint.post("")
def end() -> ResponseReturnValue:
    """End it, and every session that rests on it."""
    proof.demand(proof.by_wechat("unbind"))
    graduate = current_graduate()
    with writing() as session:
        bind.end(
            session, graduate.id, reason="by_graduate", by=f"graduate:{graduate.key}", at=now()
        )
    browser().leave()
    return render_template("graduate/unbound.html")
