"""The lists of 核验与转递: whose report can be verified, whose transfer number is good."""

from dataclasses import replace
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from registry.base.crypto import Vault
from registry.base.errors import RuleError
from registry.numbers import listing, shape
from registry.numbers.listing import ListedNumber, NumberFilter
from registry.numbers.posting.states import STAGE_TITLES
from registry.numbers.shape import KIND_TITLES, Issue, Kind
from registry.numbers.states import NumberState
from registry.numbers.transfer import states as transfer
from registry.numbers.verification import states as authorization
from registry.tasks.kinds import PROCEDURES, TRANSFERS
from registry.tasks.states import TaskKind
from wxapp.core import seeing
from wxapp.core.db import reading
from wxapp.core.lists import choices_of, read_place
from wxapp.core.refusals import status_of
from wxapp.core.resources import now, resources
from wxapp.school.door import blueprint, staff_context
from wxapp.school.number_filters import TYPES, kind_of, number_parameters, read_wanted

TITLES = {Issue.VERIFICATION: authorization.TITLES, Issue.TRANSFER: transfer.TITLES}
PAGES = {Issue.VERIFICATION: "school/verifications.html", Issue.TRANSFER: "school/transfers.html"}


@blueprint.get("/transfer", endpoint="transfers", defaults={"kind": "file"})
@blueprint.get("/transfer/<kind>", endpoint="transfers")
def show_transfers(kind: str) -> str:
    """Show whose transfer number is good, missing or to be renewed."""
    return _show(Issue.TRANSFER, kind_of(kind))


@blueprint.get("/verification", endpoint="verifications", defaults={"kind": "file"})
@blueprint.get("/verification/<kind>", endpoint="verifications")
def show_verifications(kind: str) -> str:
    """Show who authorized the verification, and until when."""
    return _show(Issue.VERIFICATION, kind_of(kind))


def _show(issue: Issue, kind: Kind) -> str:
    wanted = read_wanted(request.args, staff_context().year, issue, kind)
    with reading() as session:
        return list_page(session, wanted)


def list_page(session: Session, wanted: NumberFilter, refusal: RuleError | None = None) -> str:
    """Return a page of the list, with what was refused above it."""
    at, scope = now(), staff_context().scope
    counts = listing.counts(session, scope, wanted, at)
    page = listing.page(session, scope, wanted, read_place(request.args), at)
    everybody = sum(counts.values())
    seeing.people(sorted(each.id for each in page.rows))
    return render_template(
        PAGES[wanted.issue],
        page=page,
        counts=counts,
        total=everybody,
        shown=counts[wanted.state] if wanted.state else everybody,
        titles=TITLES[wanted.issue],
        ended_words=ENDED_WORDS,
        offers=choices_of(session, scope),
        wanted=wanted,
        kind=wanted.kind,
        kind_titles=KIND_TITLES,
        types=[(each, each) for each in TYPES[wanted.kind]],
        query=number_parameters(wanted),
        without_state=number_parameters(replace(wanted, state="")),
        refusal=refusal,
        **_of_transfers(session, wanted, page.rows),
    )


ENDED_WORDS = {
    NumberState.LAPSED.value: "因登记变更失效",
    NumberState.REVOKED.value: "由本人撤销",
}
"""What tells an authorization that ended from one that never was."""


def _of_transfers(
    session: Session, wanted: NumberFilter, rows: list[ListedNumber]
) -> dict[str, Any]:
    """Return what only the transfer lists have: their numbers, and what can be done at once."""
    if wanted.issue is not Issue.TRANSFER:
        return {}
    at, vault = now(), resources().vault
    scope = staff_context().scope
    needing = listing.needing(session, scope, wanted, at)
    return {
        "postings": listing.posting_counts(session, scope, wanted, at) if wanted.is_posted else {},
        "posting_titles": STAGE_TITLES,
        "without_posting": number_parameters(replace(wanted, posting="")),
        "numbers": {row.key: _number(vault, row) for row in rows},
        "needing": needing,
        "works": {
            kind.value: PROCEDURES[kind].title_of({"number_kind": wanted.kind})
            for kind in TRANSFERS[wanted.kind]
            if kind is not TaskKind.NUMBERS
        },
    }


def _number(vault: Vault, row: ListedNumber) -> str:
    """Return a good number as it is read out; nothing for one that is not good any more."""
    if row.state != transfer.TransferState.VALID or row.sealed is None:
        return ""
    return shape.grouped(row.sealed.number(vault))


def refused_list(wanted: NumberFilter, refusal: RuleError) -> ResponseReturnValue:
    """Answer with the list and why nothing was done."""
    with reading() as session:
        return list_page(session, wanted, refusal), status_of(refusal)
