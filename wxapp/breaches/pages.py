"""The list of reports, the page of one, and what its office does about it."""

from collections.abc import Callable

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from registry.base.errors import NotFound, RuleError
from registry.breaches import evidence, handling, lists, steps
from registry.breaches.kinds import OFFICE_TITLES
from registry.breaches.lists import ListedBreach, Viewer
from registry.breaches.states import TITLES, BreachState
from registry.breaches.steps import SCHOOL_KNOWS
from registry.breaches.tables import BreachReport
from wxapp.core import downloads, seeing
from wxapp.core.db import reading, writing
from wxapp.core.lists import read_place
from wxapp.core.refusals import status_of
from wxapp.core.resources import now, resources
from wxapp.core.who import WrongRole, current_staff

FRAMES = {"school": "base/console.html", "province": "province/page.html", "ops": "ops/page.html"}
"""Door -> what its pages stand in."""


def _viewer() -> Viewer:
    found = lists.viewer_of(current_staff())
    if found is None:
        raise WrongRole
    return found


def show_list() -> str:
    """Show the reports that the office sees, 50 a page."""
    viewer, asked = _viewer(), request.args.get("state", "")
    state = BreachState(asked) if asked in set(BreachState) else None
    with reading() as session:
        page = lists.page(session, viewer, state, read_place(request.args), now())
        numbers = lists.counts(session, viewer)
    return _shown(
        "breaches/list.html", page=page, numbers=numbers, state=state, titles=TITLES, viewer=viewer
    )


def show_report(key: str) -> str:
    """Show a report, as far as the office may read it."""
    return _page(key)


def _page(key: str, refusal: RuleError | None = None) -> str:
    viewer, vault = _viewer(), resources().vault
    with reading() as session:
        listed = lists.find(session, viewer, key, now())
        report = listed.report
        person = lists.person(session, listed)
        known = [
            each
            for each in steps.of_report(session, vault, report)
            if listed.reads or (listed.is_told and each.act in SCHOOL_KNOWS)
        ]
        documents = evidence.listed(session, report) if listed.reads else []
        may_take_over = lists.may_take_over(session, listed)
    seeing.breach(key, [person.id] if person else [])
    return _shown(
        "breaches/sheet.html",
        listed=listed,
        report=report,
        words=_words(listed, report),
        person=person,
        steps=known,
        documents=documents,
        may_take_over=may_take_over,
        longest=steps.LONGEST,
        refusal=refusal,
        typed=request.form,
    )


def _words(listed: ListedBreach, report: BreachReport) -> str:
    """Return what she wrote, where the office reads it."""
    if not listed.reads:
        return ""
    return resources().vault.open(steps.PURPOSE, report.key, report.words_sealed)


def _shown(template: str, **values: object) -> str:
    door = request.blueprint or ""
    return render_template(
        template,
        frame=FRAMES[door],
        entry=f"{door}.breaches",
        office_titles=OFFICE_TITLES,
        **values,
    )


def show_file(key: str, file: str) -> ResponseReturnValue:
    """Show a document of a report."""
    with writing() as session:
        found = handling.opened(session, resources().vault, _viewer(), key, file, now())
    return downloads.shown(found.content, found.media_type, found.name)


def begin(key: str) -> ResponseReturnValue:
    """Say that the office looks into the report; a second press changes nothing."""
    return _done(key, lambda session: handling.begin(session, _viewer(), key, now()))


def answer(key: str) -> ResponseReturnValue:
    """Answer the report."""
    vault, words = resources().vault, request.form.get("words", "")
    return _done(key, lambda session: handling.answer(session, vault, _viewer(), key, words, now()))


def tell_school(key: str) -> ResponseReturnValue:
    """Ask the school to explain, in words that the office answers for."""
    vault, words = resources().vault, request.form.get("told", "")
    return _done(
        key, lambda session: handling.tell_school(session, vault, _viewer(), key, words, now())
    )


def explain(key: str) -> ResponseReturnValue:
    """Keep what the school says about it."""
    vault, words = resources().vault, request.form.get("words", "")
    return _done(
        key, lambda session: handling.explain(session, vault, _viewer(), key, words, now())
    )


def take_over(key: str) -> ResponseReturnValue:
    """Take the report over from the school; a second press changes nothing."""
    return _done(key, lambda session: handling.take_over(session, _viewer(), key, now()))


def _done(key: str, do: Callable[[Session], None]) -> ResponseReturnValue:
    """Do something about a report and show it; where it is refused, with what was typed."""
    try:
        with writing() as session:
            do(session)
    except NotFound:
        raise
    except RuleError as refusal:
        return _page(key, refusal), status_of(refusal)
    return redirect(url_for(".breach", key=key), 303)
