"""Verification authorization (核验授权): given, seen with its number, extended, taken back."""

from dataclasses import dataclass
from datetime import date
from itertools import groupby

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from registry.base.errors import RuleError
from registry.numbers import link, reports, service, shape
from registry.numbers.lookup import looking_up
from registry.numbers.lookup.looking_up import Viewed
from registry.numbers.sealed_number import sealed_number
from registry.numbers.shape import Issue, Kind
from registry.numbers.tables import Lookup
from registry.numbers.verification import authentication
from registry.numbers.verification import authorize as authorizing
from wxapp.core import downloads
from wxapp.core.browser_session import browser
from wxapp.core.db import reading, writing
from wxapp.core.refusals import status_of
from wxapp.core.resources import now, resources, verification_site
from wxapp.core.who import current_graduate
from wxapp.graduate.authorization_door import (
    Choice,
    Position,
    asked,
    blueprint,
    chosen,
    give,
    is_proven,
    kept_choice,
    kind_of,
    positions,
)

MOST_VIEWS = 50


@dataclass(frozen=True)
class Card:
    """One kind as the page shows it; the number is hers alone."""

    position: Position
    viewed: Viewed
    number: str = ""
    picture: str = ""
    """The QR code, as a data address."""


@blueprint.get("")
def page() -> str:
    """Show both kinds: how they stand, the number in force, how often it was looked up."""
    return show()


def show(refusal: RuleError | None = None) -> str:
    """Show the page, with why something on it was refused."""
    graduate = current_graduate()
    with reading() as session:
        proof = authentication.fresh(session, graduate.id, browser().token_hash, now())
        viewed = looking_up.viewed(session, graduate.id, Issue.VERIFICATION)
        found = positions(session)
        cards = [_card(session, found[kind], viewed[kind]) for kind in Kind]
    return render_template(
        "graduate/authorization.html",
        own=cards[0].position.own,
        cards=cards,
        proof=proof,
        kept=kept_choice(),
        to_choose=[each.position for each in cards if each.position.may_be_authorized],
        usual=service.USUAL,
        refusal=refusal,
    )


def _card(session: Session, position: Position, viewed: Viewed) -> Card:
    if not position.in_force:
        return Card(position, viewed)
    number, address = _secrets(session, position.kind.kind)
    return Card(position, viewed, shape.grouped(number), link.embedded_pixels(address))


@blueprint.get("/<kind>/report")
def download(kind: str) -> ResponseReturnValue:
    """Send the report in force as PDF, with its number."""
    which, graduate = kind_of(kind), current_graduate()
    try:
        with reading() as session:
            pdf = reports.verification_pdf(session, verification_site(), graduate.id, which, now())
    except RuleError as refusal:
        return show(refusal), status_of(refusal)
    return downloads.pdf(pdf, f"{shape.KIND_TITLES[which]}去向核验报告-{graduate.name}.pdf")


@blueprint.post("")
def authorize() -> ResponseReturnValue:
    """Authorize what she chose, or ask for the proof first; twice leads to what once did."""
    try:
        choice = Choice.of(request.form.getlist("kinds"), request.form.get("validity", ""))
        if not is_proven():
            choice.keep()
            return redirect(url_for("authorizing.proof"), 303)
        give(choice)
    except RuleError as refusal:
        return show(refusal), status_of(refusal)
    return redirect(url_for("authorizing.page"), 303)


@blueprint.get("/<kind>/forward")
def forward(kind: str) -> ResponseReturnValue:
    """Show what to send to a receiver, and how; lead back where nothing is in force."""
    which = kind_of(kind)
    with reading() as session:
        position = positions(session)[which]
        if not position.in_force:
            return redirect(url_for("authorizing.page"), 303)
        number, address = _secrets(session, which)
    return render_template(
        "graduate/authorization_forward.html",
        position=position,
        words=_words_to_forward(position, shape.grouped(number), address),
        address=address,
        picture=link.embedded_pixels(address),
    )


def _words_to_forward(position: Position, number: str, address: str) -> str:
    name, ends_on = position.own.graduate.name, position.kind.ends_on
    assert ends_on is not None, "it is in force"
    kind = position.kind.kind
    return (
        f"{name}的{shape.KIND_TITLES[kind]}去向核验报告\n"
        f"点开查看：{address}\n"
        f"或打开 {resources().settings.public_url}/verify/{kind}，输入姓名“{name}”和核验编号"
        f" {number}\n"
        f"有效期至{ends_on.year}年{ends_on.month}月{ends_on.day}日（含当天）"
    )


def _secrets(session: Session, kind: Kind) -> tuple[str, str]:
    """Return the number in force, and the address that its QR code leads to."""
    vault = resources().vault
    sealed = sealed_number(authorizing.own_in_force(session, current_graduate().id, kind, now()))
    address = link.address(resources().settings.public_url, sealed.token(vault))
    return sealed.number(vault), address


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
    days = [(day, list(views)) for day, views in groupby(found, _day_of)]
    return render_template(
        "graduate/authorization_views.html", kind=which, days=days, times=times, shown=len(found)
    )


def _day_of(view: Lookup) -> date:
    return service.today(view.at)


def _ask_longer(kind: Kind, refusal: RuleError | None = None) -> ResponseReturnValue:
    with reading() as session:
        position = positions(session)[kind]
    if not position.in_force:
        return redirect(url_for("authorizing.page"), 303)
    shown = render_template("graduate/authorize_extend.html", position=position, refusal=refusal)
    return shown, status_of(refusal) if refusal else 200
