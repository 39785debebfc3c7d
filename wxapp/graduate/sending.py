"""The review screen before sending, the way through the reviews, and taking it back."""

from dataclasses import dataclass, replace

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from registry.base.errors import RuleError
from registry.numbers import lapse
from registry.numbers.shape import Kind
from registry.numbers.verification import authorize
from registry.record import (
    comparison,
    fields,
    important_fields,
    own_record,
    requirements,
    validation,
)
from registry.record.comparison import Compared
from registry.record.validation import Problem
from registry.review import applications, evidence, own_application
from registry.review.states import WAITING, Purpose
from registry.review.tables import Application, Evidence
from wxapp.core.db import reading, writing
from wxapp.core.incoming import whole
from wxapp.core.refusals import status_of
from wxapp.core.resources import resources
from wxapp.graduate import register_form
from wxapp.graduate.register_door import FormState, blueprint, form_state, writer
from wxapp.graduate.register_form import STEP_TITLES, Step


@dataclass(frozen=True)
class Part:
    """A part of the review screen: the lines of one step, and what is to be said about them."""

    step: Step
    title: str
    lines: list[Compared]
    problems: list[Problem]


@blueprint.get("/review")
def review() -> ResponseReturnValue:
    """Show everything once more before it is sent, with what is missing or odd."""
    found = form_state()
    if not found.may_write:
        return redirect(url_for("registering.page"), 303)
    return _show_review(found)


@blueprint.post("/review")
def submit() -> ResponseReturnValue:
    """Send it to the first level of review; a second press of the button changes nothing."""
    return send(request.form.get("revision", 0, type=whole))


def send(revision: int) -> ResponseReturnValue:
    """Send the draft as a page showed it; where that is refused, show it all and say why."""
    who = writer()
    try:
        with writing() as session:
            situation = own_application.find(session, who.graduate, who.at)
            if not _sent_already(situation.waiting, revision):
                applications.submit(session, resources().vault, who, revision)
    except RuleError as refusal:
        found = form_state()
        if found.situation.waiting:
            return redirect(url_for("registering.progress"), 303)
        return _show_review(found, refusal), status_of(refusal)
    return redirect(url_for("registering.progress"), 303)


@blueprint.get("/progress")
def progress() -> ResponseReturnValue:
    """Show who is looking at what was sent, and what it says."""
    found = form_state()
    sent = found.situation.waiting
    if sent is None or sent.purpose != Purpose.REGISTER:
        return redirect(url_for("registering.page"), 303)
    return render_template(
        "graduate/register_progress.html",
        form_state=found,
        parts=_parts_of(found, sent.values),
        documents_held=_documents(sent),
        evidence_titles=requirements.EVIDENCE_TITLES,
    )


@blueprint.post("/withdraw")
def withdraw() -> ResponseReturnValue:
    """Take back what waits for review, to write on."""
    with writing() as session:
        applications.withdraw(session, writer(), request.form.get("revision", 0, type=whole))
    return redirect(url_for("registering.page"), 303)


@blueprint.get("/discard")
def ask_to_discard() -> ResponseReturnValue:
    """Say what giving up the draft means, and ask."""
    found = form_state()
    if found.situation.draft is None:
        return redirect(url_for("registering.page"), 303)
    return render_template("graduate/register_discard.html", form_state=found)


@blueprint.post("/discard")
def discard() -> ResponseReturnValue:
    """Give up the draft."""
    with writing() as session:
        applications.discard(session, writer(), request.form.get("revision", 0, type=whole))
    return redirect(url_for("record.home"), 303)


def _sent_already(waiting: Application | None, revision: int) -> bool:
    return (
        waiting is not None
        and waiting.state in WAITING
        and waiting.purpose == Purpose.REGISTER
        and waiting.revision > revision
    )


def _show_review(found: FormState, refusal: RuleError | None = None) -> str:
    return render_template(
        "graduate/register_review.html",
        form_state=found,
        parts=_parts_of(found, found.values),
        documents_held=_documents(found.situation.draft),
        evidence_titles=requirements.EVIDENCE_TITLES,
        refused=validation.refused(found.problems),
        odd=len(found.problems),
        refusals=found.refusals,
        # What is wrong with a field stands beside the field.
        refusal=None if isinstance(refusal, validation.Refused) else refusal,
        ending=_ending(found),
    )


def _ending(found: FormState) -> list[Kind]:
    """Return the verifications she has authorized that end when this is passed."""
    who = writer()
    if validation.refused(found.problems):
        return []
    with reading() as session:
        before = own_record.own_record(session, who.graduate).values
        after = before | important_fields.snapshot(
            before | validation.as_registration(found.values)
        )
        kinds = lapse.kinds_of(important_fields.differences(before, after))
        return authorize.would_end(session, who.graduate.id, kinds, who.at)


def _documents(application: Application | None) -> list[Evidence]:
    with reading() as session:
        return evidence.listed(session, application.id) if application else []


def _parts_of(found: FormState, values: dict[str, str]) -> list[Part]:
    """Return the lines of each step beside what was said before, where anything was."""
    with reading() as session:
        before = own_application.earlier(session, found.situation)
    category = values.get("category", "")
    asked = fields.form_fields(category)
    now = {name: text for name, text in values.items() if name in asked}
    lines = comparison.side_by_side(
        register_form.read_through(before), register_form.read_through(now)
    )
    named = [_by_its_field(each, category) for each in lines]
    return [
        Part(
            step,
            STEP_TITLES[step],
            [each for each in named if register_form.step_of(each.field, category) is step],
            found.of(step),
        )
        for step in register_form.steps_of(category)
        if step is not Step.REVIEW
    ]


def _by_its_field(line: Compared, category: str) -> Compared:
    """Return the line of a region's name under the field that it was chosen in."""
    region = fields.PLACE_CODES.get(line.field)
    if region is None:
        return line
    return replace(line, field=region, title=fields.title(region, category))
