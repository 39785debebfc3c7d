"""Verification authorization (核验授权): given, seen with its number, extended, taken back."""

from dataclasses import dataclass

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from registry.base.errors import RuleError
from registry.numbers import link, reports, shape
from registry.numbers.lookup import looking_up
from registry.numbers.lookup.looking_up import Viewed
from registry.numbers.sealed_number import sealed_number
from registry.numbers.shape import Issue, Kind
from registry.numbers.verification import authentication
from registry.numbers.verification import authorize as authorizing
from wxapp.core import downloads
from wxapp.core.db import reading, writing
from wxapp.core.refusals import status_of
from wxapp.core.resources import now, resources, verification_site
from wxapp.core.who import current_graduate
from wxapp.graduate.authorization_door import (
    Position,
    asked,
    blueprint,
    chosen,
    kind_of,
    positions,
)
from wxapp.graduate.proving import proof_page

MOST_VIEWS = 50


@dataclass(frozen=True)
class Card:
    """One kind as the page shows it; the number is hers alone."""

    position: Position
    viewed: Viewed
    number: str = ""
    picture: str = ""
    """The QR code, as a data address."""


@blueprint.get("", endpoint="page")
def show() -> str:
    """Show both kinds: how they stand, the number in force, how often it was looked up."""
    return _show()


def _show(refusal: RuleError | None = None) -> str:
    graduate = current_graduate()
    with reading() as session:
        viewed = looking_up.viewed(session, graduate.id, Issue.VERIFICATION)
        found = positions(session)
        cards = [_card(session, found[kind], viewed[kind]) for kind in Kind]
    return render_template(
        "graduate/authorization.html",
        own=cards[0].position.own,
        cards=cards,
        public_url=resources().settings.public_url,
        refusal=refusal,
    )


def _card(session: Session, position: Position, viewed: Viewed) -> Card:
    if not position.in_force:
        return Card(position, viewed)
    vault, kind = resources().vault, position.kind.kind
    sealed = sealed_number(authorizing.own_in_force(session, current_graduate().id, kind, now()))
    shown = link.embedded(link.address(resources().settings.public_url, sealed.token(vault)))
    return Card(position, viewed, shape.grouped(sealed.number(vault)), shown)


@blueprint.get("/<kind>/report")
def download(kind: str) -> ResponseReturnValue:
    """Send the report in force as PDF, with its number."""
    which, graduate = kind_of(kind), current_graduate()
    try:
        with reading() as session:
            pdf = reports.verification_pdf(session, verification_site(), graduate.id, which, now())
    except RuleError as refusal:
        return _show(refusal), status_of(refusal)
    return downloads.pdf(pdf, f"{shape.KIND_TITLES[which]}去向核验报告-{graduate.name}.pdf")


@blueprint.get("/<kind>")
def choose(kind: str) -> ResponseReturnValue:
    """Ask who she is, then for how long; lead back where nothing can be authorized."""
    return _ask(kind_of(kind))


@blueprint.post("/<kind>")
def authorize(kind: str) -> ResponseReturnValue:
    """Authorize one kind; a second press leads to what the first one did."""
    which = kind_of(kind)
    try:
        with writing() as session:
            validity = chosen(request.form.get("validity", ""))
            authorizing.authorize(session, resources().vault, asked(), which, validity)
    except RuleError as refusal:
        return _ask(which, refusal)
    return redirect(url_for("authorizing.page"), 303)


@blueprint.get("/<kind>/extend")
def extension(kind: str) -> ResponseReturnValue:
    """Ask how much longer."""
    return _ask_longer(kind_of(kind))


@blueprint.post("/<kind>/extend")
def extend(kind: str) -> ResponseReturnValue:
    """Let the authorization hold longer; a second press of the same button changes nothing."""
    which = kind_of(kind)
    try:
        with writing() as session:
            validity = chosen(request.form.get("validity", ""))
            position = positions(session)[which]
            if position.kind.ends_on != position.end_with(validity):
                authorizing.extend(session, asked(), which, validity)
    except RuleError as refusal:
        return _ask_longer(which, refusal)
    return redirect(url_for("authorizing.page"), 303)


@blueprint.post("/<kind>/revoke")
def revoke(kind: str) -> ResponseReturnValue:
    """Take the consent back; a second press of the same button changes nothing."""
    which = kind_of(kind)
    with writing() as session:
        if positions(session)[which].in_force:
            authorizing.revoke(session, asked(), which)
    return redirect(url_for("authorizing.page"), 303)


@blueprint.get("/<kind>/views")
def views(kind: str) -> str:
    """Show when her report was looked up, newest first."""
    which, graduate = kind_of(kind), current_graduate()
    with reading() as session:
        times = looking_up.viewed(session, graduate.id, Issue.VERIFICATION)[which].times
        found = looking_up.views(session, graduate.id, which, limit=MOST_VIEWS)
    return render_template(
        "graduate/authorization_views.html", kind=which, views=found, times=times
    )


def _ask(kind: Kind, refusal: RuleError | None = None) -> ResponseReturnValue:
    who = asked()
    with reading() as session:
        position = positions(session)[kind]
        proof = authentication.fresh(session, who.graduate.id, who.session_hash, who.at)
    if position.in_force or position.closed:
        return redirect(url_for("authorizing.page"), 303)
    if proof is None:
        return proof_page(position, refusal)
    page = render_template(
        "graduate/authorize.html", position=position, proof=proof, refusal=refusal
    )
    return page, status_of(refusal) if refusal else 200


def _ask_longer(kind: Kind, refusal: RuleError | None = None) -> ResponseReturnValue:
    with reading() as session:
        position = positions(session)[kind]
    if not position.in_force:
        return redirect(url_for("authorizing.page"), 303)
    page = render_template("graduate/authorize_extend.html", position=position, refusal=refusal)
    return page, status_of(refusal) if refusal else 200
