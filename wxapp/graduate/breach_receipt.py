"""A report by its receipt number (/g/receipt): open to everyone who has the number."""

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from registry.base.errors import RuleError
from registry.breaches import receipt
from registry.breaches.kinds import KIND_TITLES, OFFICE_TITLES
from registry.breaches.receipt import Receipt
from registry.breaches.states import TITLES
from registry.breaches.tables import NUMBER_LENGTH
from wxapp.core.db import writing
from wxapp.core.limits import LOOKUP, limiter
from wxapp.core.refusals import status_of
from wxapp.core.resources import now, resources

blueprint = Blueprint("breach_receipt", __name__, url_prefix="/g/receipt")


@blueprint.get("")
@limiter.limit(LOOKUP)
def form() -> str:
    """Ask for the number."""
    return _page("")


@blueprint.post("")
@limiter.limit(LOOKUP)
def look_up() -> ResponseReturnValue:
    """Show how the report stands; the number stays out of addresses."""
    number = request.form.get("number", "")
    with writing() as session:
        address = request.remote_addr or ""
        found = receipt.look_up(session, resources().vault, number, address, now())
    if isinstance(found, RuleError):
        return _page(number, refusal=found), status_of(found)
    return _page(number, found)


def _page(number: str, found: Receipt | None = None, refusal: RuleError | None = None) -> str:
    return render_template(
        "graduate/breach_receipt.html",
        number=number[: 2 * NUMBER_LENGTH],
        found=found,
        refusal=refusal,
        kind_titles=KIND_TITLES,
        office_titles=OFFICE_TITLES,
        state_titles=TITLES,
    )
