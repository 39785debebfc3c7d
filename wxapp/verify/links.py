"""The link of a report's QR code (/v/TOKEN): any camera opens it; the address says nothing."""

from math import ceil
from typing import Any

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from registry.numbers.lookup import receive
from registry.numbers.lookup.receive import LookupAnswer
from registry.signing import agreement_lookup
from wxapp.core.db import writing
from wxapp.core.limits import LOOKUP, limiter
from wxapp.core.resources import now
from wxapp.verify.looking import agreement_page, guard
from wxapp.verify.sheets import for_templates, keep_out_of_indexes, sheet_of

blueprint = Blueprint("links", __name__, url_prefix="/v")
blueprint.after_request(keep_out_of_indexes)
blueprint.context_processor(lambda: dict(for_templates()))


@blueprint.after_request
def _tell_nobody_the_address(response: Response) -> Response:
    """Keep the link, which is all the proof there is, out of the next page's referrer."""
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@blueprint.get("/<token>")
@limiter.limit(LOOKUP)
def page(token: str) -> ResponseReturnValue:
    """Show what the number behind the link shows now, or the one sentence."""
    return _agreement(token) if agreement_lookup.is_link(token) else _report(token)


def _report(token: str) -> ResponseReturnValue:
    with writing() as session:
        answer = receive.follow_link(session, guard(), token, request.remote_addr or "", now())
    sheet = sheet_of(answer.finding, now()) if answer.finding else None
    if sheet is None:
        return _nothing(answer)
    return render_template("verify/sheet.html", sheet=sheet, kind="", number="")


def _agreement(token: str) -> ResponseReturnValue:
    address = request.remote_addr or ""
    with writing() as session:
        answer = agreement_lookup.follow_link(session, guard(), token, address, now())
    shown = answer.finding.shown if answer.finding else None
    return _nothing(answer) if shown is None else agreement_page(shown, by_link=True)


def _nothing(answer: LookupAnswer[Any]) -> ResponseReturnValue:
    """Say that nothing was found, or that it will not be looked for yet."""
    seconds = ceil(answer.wait.total_seconds())
    page = render_template("verify/nothing.html", seconds=seconds)
    return page, 429 if answer.wait else 200
