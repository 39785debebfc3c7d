"""The link of a report's QR code (/v/TOKEN): any camera opens it; the address says nothing."""

from math import ceil

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from registry.numbers.lookup import receive
from wxapp.core.db import writing
from wxapp.core.limits import LOOKUP, limiter
from wxapp.core.resources import now
from wxapp.verify.looking import guard
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
    with writing() as session:
        answer = receive.follow_link(session, guard(), token, request.remote_addr or "", now())
    if answer.wait:
        seconds = ceil(answer.wait.total_seconds())
        return render_template("verify/nothing.html", seconds=seconds), 429
    sheet = sheet_of(answer.finding, now()) if answer.finding else None
    if sheet is None:
        return render_template("verify/nothing.html", seconds=0)
    return render_template("verify/sheet.html", sheet=sheet, kind="", by_link=True)
