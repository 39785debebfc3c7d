"""What a session showed goes when it is over: pages that stand open ask how long it still lasts."""

from datetime import datetime
from math import ceil

from flask import Blueprint, Flask, g, request
from flask.typing import ResponseReturnValue

from registry.accounts import sessions
from registry.accounts.tables import WebSession
from wxapp.core.browser_session import browser
from wxapp.core.resources import now

blueprint = Blueprint("session_end", __name__)


@blueprint.get("/session")
def left() -> ResponseReturnValue:
    """Say for how many seconds the session lasts if nothing more is asked; 0 for nobody's.

    A page that asks by itself does not make it last longer; with `keep`, sent while somebody
    writes, it does.
    """
    if "keep" in request.args:
        return {"seconds": seconds_left()}
    g.unseen = True
    row = _row()
    return {"seconds": _until(row.expires_at) if row else 0}


def seconds_left() -> int:
    """Return how long the session lasts after this request; 0 where nobody is signed in."""
    row, at = _row(), now()
    return _until(sessions.end_of(sessions.identity_of(row), row.created_at, at)) if row else 0


def tell_pages_on(app: Flask) -> None:
    """Let templates ask whether somebody is signed in, and for how long."""
    app.jinja_env.globals.update(session_seconds=seconds_left)


def _row() -> WebSession | None:
    who = browser().identity
    return browser().row if who.staff_id is not None or who.openid is not None else None


def _until(end: datetime) -> int:
    return max(0, ceil((end - now()).total_seconds()))
