"""Looking a number up (/verify/file, /verify/household, /verify/agreement): a name, a number."""

from math import ceil
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from registry.accounts import puzzles
from registry.numbers import shape
from registry.numbers.lookup import receive
from registry.numbers.lookup.guard import Guard, LookupSource
from registry.numbers.lookup.receive import LookupAnswer, LookupRequest
from registry.numbers.shape import Kind
from registry.signing import agreement_lookup
from registry.signing.agreement_lookup import ShownAgreement
from registry.signing.standing import STANDING_TITLES
from wxapp.core import puzzle_pictures
from wxapp.core.browser_session import browser
from wxapp.core.db import reading, writing
from wxapp.core.limits import LOOKUP, SPOKEN_PUZZLE, limiter
from wxapp.core.resources import now, resources
from wxapp.verify.sheets import (
    AGREEMENT,
    MODULES,
    for_templates,
    keep_out_of_indexes,
    sheet_of,
    to_the_second,
)

blueprint = Blueprint("verify", __name__, url_prefix="/verify")
blueprint.after_request(keep_out_of_indexes)
blueprint.context_processor(lambda: dict(for_templates()))

LONGEST_NAME = 80
PUZZLE_FIRST = "为防止猜测编号，请输入图中的数字后查询。"
SLIP = "编号可能抄错了一位，请逐位核对后重新输入。国家系统签发的编号请到 dj.ncss.cn 查询。"
"""What a wrong check character tells, before anything is looked up."""


@blueprint.get("")
def front() -> ResponseReturnValue:
    """Lead to the first of the modules."""
    return redirect(url_for("verify.form", kind=Kind.FILE), 303)


@blueprint.get("/file", defaults={"kind": Kind.FILE})
@blueprint.get("/household", defaults={"kind": Kind.HOUSEHOLD})
@blueprint.get("/agreement", defaults={"kind": AGREEMENT})
@limiter.limit(LOOKUP)
def form(kind: str) -> ResponseReturnValue:
    """Ask for a name and a number."""
    return _page(kind, _puzzle_if_due(), "")


@blueprint.post("/file", defaults={"kind": Kind.FILE})
@blueprint.post("/household", defaults={"kind": Kind.HOUSEHOLD})
@limiter.limit(LOOKUP)
def look_up(kind: Kind) -> ResponseReturnValue:
    """Answer with the sheet, or with the one sentence there is for everything else."""
    if "another_puzzle" in request.form:
        return _page(kind, _another_puzzle(), "")
    if shape.has_slip(request.form.get("number", "")):
        return _page(kind, _puzzle_if_due(), SLIP)
    with writing() as session:
        answer = receive.look_up(session, resources().vault, guard(), _asked(kind), now())
    if answer.finding is None:
        return _not_yet(kind, answer)
    sheet = sheet_of(answer.finding, now())
    if sheet is None:
        return _page(kind, answer.puzzle, "", nothing=True)
    number = shape.grouped(shape.folded(request.form["number"]))
    return render_template("verify/sheet.html", sheet=sheet, kind=kind, number=number)


@blueprint.post("/agreement")
@limiter.limit(LOOKUP)
def look_up_agreement() -> ResponseReturnValue:
    """Answer with the standing of the agreement, or with the one sentence for everything else."""
    if "another_puzzle" in request.form:
        return _page(AGREEMENT, _another_puzzle(), "")
    if shape.agreement_has_slip(request.form.get("number", "")):
        return _page(AGREEMENT, _puzzle_if_due(), SLIP)
    with writing() as session:
        answer = agreement_lookup.look_up(session, guard(), _asked(None), now())
    if answer.finding is None:
        return _not_yet(AGREEMENT, answer)
    if answer.finding.shown is None:
        return _page(AGREEMENT, answer.puzzle, "", nothing=True)
    return agreement_page(answer.finding.shown, by_link=False)


def agreement_page(shown: ShownAgreement, *, by_link: bool) -> str:
    """Show how an agreement stands."""
    return render_template(
        "verify/agreement.html",
        agreement=shown,
        number=shape.grouped(shown.number),
        standing_titles=STANDING_TITLES,
        asked_at=to_the_second(now()),
        by_link=by_link,
    )


def _not_yet(kind: str, answer: LookupAnswer[Any]) -> ResponseReturnValue:
    """Ask for a pause or a puzzle before anything is looked up."""
    if answer.wait:
        sentence = f"查询失败次数过多，请 {ceil(answer.wait.total_seconds())} 秒后再查。"
        return _page(kind, answer.puzzle, sentence), 429
    tried = bool(request.form.get("puzzle_answer"))
    return _page(kind, answer.puzzle, puzzles.WRONG if tried else PUZZLE_FIRST)


@blueprint.get("/puzzle.wav")
@limiter.limit(SPOKEN_PUZZLE)
def spoken_puzzle() -> ResponseReturnValue:
    """Speak the puzzle this browser was given."""
    with reading() as session:
        digits = puzzles.given(session, browser().token_hash, now())
    if digits is None:
        raise NotFound
    return Response(puzzle_pictures.spoken(digits), mimetype="audio/wav")


def guard() -> Guard:
    """Return who weighs the lookups of this installation."""
    return Guard(resources().vault, resources().settings.lookup_failures)


def _asked(kind: Kind | None) -> LookupRequest:
    return LookupRequest(
        kind=kind,
        name=request.form.get("name", "")[:LONGEST_NAME],
        number=request.form.get("number", ""),
        address=request.remote_addr or "",
        session_hash=browser().token_hash,
        puzzle_answer=request.form.get("puzzle_answer"),
    )


def _puzzle_if_due() -> str | None:
    """Give out a puzzle where what this address did before asks for one."""
    asker = LookupSource(request.remote_addr or "")
    with reading() as session:
        puzzled = guard().weigh(session, asker, now()).puzzle
    return _another_puzzle() if puzzled else None


def _another_puzzle() -> str:
    with writing() as session:
        return puzzles.give_out(session, browser().token_hash, now())


def _page(kind: str, puzzle: str | None, sentence: str, *, nothing: bool = False) -> str:
    """Show the form, with what was typed still in it."""
    return render_template(
        "verify/form.html",
        module=MODULES[kind],
        name=request.form.get("name", "")[:LONGEST_NAME],
        number=request.form.get("number", "")[:LONGEST_NAME],
        picture=puzzle_pictures.drawn(puzzle) if puzzle else None,
        sentence=sentence,
        nothing=nothing,
    )
