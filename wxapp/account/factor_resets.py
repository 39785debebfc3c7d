"""Requests to reset a colleague's second factor (重置二次验证): one asks, another decides."""

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from registry.base.errors import RuleError
from registry.second_factor import resets
from registry.second_factor.states import ResetEvent
from registry.second_factor.tables import REASON_LENGTH
from wxapp.account.door import blueprint, caretaker, note
from wxapp.core.db import reading, writing
from wxapp.core.lists import read_place
from wxapp.core.refusals import status_of
from wxapp.core.resources import now


@blueprint.get("/factor-resets", endpoint="factor_resets")
def show_resets() -> str:
    """Show the requests that wait, 50 a page, and ask for another."""
    return _page(request.args.get("login", ""), "", None)


def _page(login: str, reason: str, refusal: RuleError | None) -> str:
    with reading() as session:
        page = resets.waiting(session, caretaker(), read_place(request.args), now())
    return render_template(
        "account/factor_resets.html",
        page=page,
        login=login,
        reason=reason,
        refusal=refusal,
        reason_length=REASON_LENGTH,
        days=resets.GOOD_FOR.days,
        asked="asked" in request.args,
    )


@blueprint.post("/factor-resets")
def ask_reset() -> ResponseReturnValue:
    """Ask for the second factor of an account to be taken off."""
    login, reason = request.form.get("login", ""), request.form.get("reason", "")
    try:
        with writing() as session:
            owner = resets.ask(session, caretaker(), login, reason, now())
            note(session, "factor_reset_ask", owner, {"reason": reason})
    except RuleError as refusal:
        return _page(login, reason, refusal), status_of(refusal)
    return redirect(url_for("account.factor_resets", asked=1), 303)


@blueprint.post("/factor-resets/<key>/<move>")
def move_reset(key: str, move: str) -> Response:
    """Approve, refuse or withdraw a request."""
    if move not in {*resets.DECISIONS, ResetEvent.WITHDRAW}:
        abort(404)
    event = ResetEvent(move)
    with writing() as session:
        if event is ResetEvent.WITHDRAW:
            owner = resets.withdraw(session, caretaker(), key, now())
        else:
            owner = resets.decide(session, caretaker(), key, event, now())
        note(session, f"factor_reset_{event}", owner)
    return redirect(url_for("account.factor_resets"), 303)
