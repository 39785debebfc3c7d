"""The review list: what waits for whom, and one decision on many of them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from registry.base.errors import RuleError
from registry.base.paging import PAGE, Place
from registry.record.requirements import CHOICES
from registry.review import lists, overview, reasons
from registry.review import states as review
from registry.review.decisions import Decision
from registry.review.lists import ApplicationFilter
from registry.review.stages import TITLES, Stage
from registry.tasks import reviews
from wxapp.core import seeing
from wxapp.core.db import reading, writing
from wxapp.core.lists import choices_of, read_place
from wxapp.core.refusals import status_of
from wxapp.core.resources import now
from wxapp.core.staff_context import staff_context
from wxapp.reviews import many
from wxapp.reviews.deciding import (
    MOST,
    DecisionRequest,
    decide_once,
    read_moment,
    read_seen,
    read_verdict,
)
from wxapp.reviews.filters import (
    own_level,
    own_stage,
    read_review_filter,
    review_parameters,
)


@dataclass(frozen=True)
class RefusedDecision:
    """What was chosen and written when a decision was refused: nothing of it is lost."""

    sentence: str
    ticked: frozenset[str] = frozenset()
    whom: str = "ticked"
    kept: str = ""
    reason: str = ""


def show_reviews() -> str:
    """Show a page of the applications the address asks for."""
    with reading() as session:
        return _page(session)


def decide_many() -> ResponseReturnValue:
    """Pass or return those ticked, the page, or all that the filter finds; then tell of each.

    More than a page is passed once the reader has seen what they look like together.
    """
    try:
        with writing() as session:
            if (begun := many.begin(session)) is not None:
                return begun
            ask = _read_ask(session, request.form)
            if _wants_overview(ask):
                return _overview(session, ask)
            decided = decide_once(session, ask)
    except RuleError as refusal:
        with reading() as session:
            return _page(session, _refused(refusal, request.form)), status_of(refusal)
    return redirect(url_for(".review_decided", ask=decided), 303)


def _wants_overview(ask: DecisionRequest) -> bool:
    return (
        ask.verdict.decision is Decision.PASS
        and len(ask.seen) > PAGE
        and not request.form.get("looked")
    )


def _overview(session: Session, ask: DecisionRequest) -> str:
    scope = staff_context().scope
    found = overview.overview(session, scope, ask.seen)
    wanted = read_review_filter(session, request.args)
    shown = overview.names(session, scope, sorted(found.worth_a_look))[:PAGE]
    seeing.people(lists.numbered(session, [key for key, _ in shown]))
    return render_template(
        "reviews/overview.html",
        found=found,
        shown=shown,
        query=review_parameters(wanted),
    )


def _refused(refusal: RuleError, form: MultiDict[str, str]) -> RefusedDecision:
    return RefusedDecision(
        sentence=refusal.sentence,
        ticked=frozenset(form.getlist("seen")),
        whom=form.get("whom", "ticked"),
        kept=form.get("kept", ""),
        reason=form.get("reason", ""),
    )


def _read_ask(session: Session, form: MultiDict[str, str]) -> DecisionRequest:
    verdict = read_verdict(form)
    wanted = read_review_filter(session, request.args)
    seen = _chosen(session, wanted, form)
    if not seen and form.get("whom") != "all":
        raise RuleError("nobody_chosen", "请先勾选要审核的人。", "seen")
    return DecisionRequest(
        verdict, seen, wanted.purpose, said=repr((sorted(form.items(multi=True)), wanted))
    )


def _chosen(
    session: Session, wanted: ApplicationFilter, form: MultiDict[str, str]
) -> Mapping[str, int]:
    """Return key and revision of those meant: `all` goes by what the reader's list counted."""
    if form.get("whom") == "all":
        seen_at = replace(wanted, until=read_moment(form.get("listed_at", "")))
        return lists.first_of(session, staff_context().scope, seen_at, MOST)
    return read_seen(form.getlist("shown" if form.get("whom") == "page" else "seen"))


def _page(session: Session, refused: RefusedDecision | None = None) -> str:
    wanted = read_review_filter(session, request.args)
    scope, place = staff_context().scope, read_place(request.args)
    counts = lists.counts(session, scope, wanted)
    page = lists.page(session, scope, wanted, place)
    seeing.people(sorted(each.graduate_id for each in page.rows))
    query = review_parameters(wanted)
    return render_template(
        "reviews/list.html",
        page=page,
        counts=counts,
        shown=counts[wanted.purpose][wanted.stage],
        waiting={purpose: counts[purpose][own_stage(wanted.levels)] for purpose in review.Purpose},
        wanted=wanted,
        may_decide=_may_decide(wanted),
        query=query,
        here=query | _place_parameters(place),
        narrowed={k: v for k, v in query.items() if k not in {"stage", "purpose"}},
        offers=choices_of(session, scope),
        reasons=reasons.offered(session, scope, wanted.purpose),
        refused=refused or RefusedDecision(""),
        listed_at=now().isoformat(),
        most=MOST if scope.province else reviews.MOST,
        **WORDS,
    )


def _may_decide(wanted: ApplicationFilter) -> bool:
    """Say whether the reader's own level decides on what is shown."""
    level = own_level()
    return level in wanted.levels and wanted.stage is Stage(level)


def _place_parameters(place: Place) -> dict[str, str]:
    both = {"after": place.after, "before": place.before}
    return {name: key for name, key in both.items() if key}


WORDS = {
    "stage_titles": TITLES,
    "purpose_titles": review.PURPOSE_TITLES,
    "category_groups": CHOICES,
}
