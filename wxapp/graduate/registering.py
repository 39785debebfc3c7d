"""Registering a destination in WeChat (去向登记), one question a screen; every answer is kept."""

from dataclasses import dataclass, replace

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from registry.base.errors import NotFound, RuleError
from registry.numbers.posting import directory
from registry.record import fields, known_places, requirements, validation
from registry.record.validation import Problem
from registry.review import application_moves, applications
from registry.review.states import EDITABLE, Purpose
from registry.review.tables import Application
from wxapp.core import region_picker, unsent
from wxapp.core.db import writing
from wxapp.core.incoming import whole
from wxapp.core.refusals import status_of
from wxapp.graduate import register_form, sending
from wxapp.graduate.register_door import (
    FormState,
    address,
    blueprint,
    form_state,
    own_situation,
    writer,
)
from wxapp.graduate.register_form import TYPED, Step

LATER, FIND, SEND = "later", "find", "send"


@dataclass(frozen=True)
class Sent:
    """A step as it was sent."""

    step: Step
    category: str
    """The category that stood there before."""
    values: dict[str, str]
    revision: int
    acknowledged: str
    button: str
    mending: bool
    """Whether she came from the review screen, to mend this and go back."""


@blueprint.get("")
def page() -> ResponseReturnValue:
    """Lead to where she stands: the form, the review under way, or why there is no form."""
    situation = own_situation()
    if situation.voiding or situation.signing:
        where = "voiding.page" if situation.voiding else "signing.page"
        return redirect(url_for(where), 303)
    if situation.waiting:
        return redirect(url_for("registering.progress"), 303)
    if situation.refusal:
        return render_template("graduate/register_refused.html", situation=situation)
    if situation.draft is None and situation.graduate.registration_id:
        return render_template("graduate/register_change.html")
    return redirect(address(_first_open(form_state())), 303)


@blueprint.get("/<step>")
def ask(step: str) -> ResponseReturnValue:
    """Ask one question; what is wrong is said where she comes to mend it."""
    found, asked = form_state(), _step(step)
    if not found.may_write:
        return redirect(url_for("registering.page"), 303)
    if asked not in register_form.steps_of(found.category):  # this category asks nothing there
        return redirect(address(_first_open(found)), 303)
    problems = found.of(asked) if "check" in request.args else []
    return _show(asked, _with_unsent(found, asked), problems)


def _with_unsent(found: FormState, asked: Step) -> FormState:
    """Return what stands there, with what she typed while her session ended."""
    kept = unsent.typed()
    if not kept:
        return found
    typed = register_form.typed(asked, found.category, kept)
    return replace(found, values={**found.values, **typed})


@blueprint.post("/<step>")
def answer(step: str) -> ResponseReturnValue:
    """Keep what was filled in, whatever it is; go on where nothing speaks against it."""
    before = form_state()
    sent = _sent(_step(step), before.category)
    if sent.button == SEND and before.situation.waiting:
        return redirect(url_for("registering.progress"), 303)
    try:
        revision = _keep(sent)
    except RuleError as refusal:
        return _show_again(sent, refusal), status_of(refusal)
    if aside := _aside(sent):
        return redirect(aside, 303)
    return _go_on(sent, revision)


def _go_on(sent: Sent, revision: int) -> ResponseReturnValue:
    """Lead on from a step that was kept, unless something on it is wrong, or odd and not seen."""
    found = form_state()
    problems = found.of(sent.step)
    if validation.refused(problems):
        return _show(sent.step, found, problems), 400
    if register_form.unacknowledged(problems, sent.acknowledged):
        return _show(sent.step, found, problems)
    if sent.button == SEND and found.is_brief:
        return sending.send(revision)
    if sent.mending and found.category == sent.category:
        return redirect(address(Step.REVIEW), 303)
    return redirect(address(register_form.after(sent.step, found.category)), 303)


blueprint.add_url_rule("/regions", "region_choices", region_picker.choices)


def _aside(sent: Sent) -> str | None:
    """Return where a button leads that keeps what was typed and checks nothing."""
    if sent.button == LATER:
        return url_for("record.home")
    if sent.button in fields.PLACES:  # without scripts: list what lies below what was chosen
        return f"{address(sent.step)}#{sent.button}"
    if sent.button == FIND:
        unit = sent.values.get("unit_name") or sent.values.get("unit_code", "")
        return url_for("registering.employers", text=unit)
    return None


def _step(name: str) -> Step:
    if name not in TYPED:
        raise NotFound("页面")
    return Step(name)


def _first_open(found: FormState) -> Step:
    """Return the first step that is not done; for what was returned, all of it at a glance."""
    if found.situation.returned:
        return Step.REVIEW
    steps = register_form.steps_of(found.category)
    return next((each for each in steps if validation.refused(found.of(each))), Step.REVIEW)


def _sent(step: Step, category: str) -> Sent:
    given = request.form
    return Sent(
        step=step,
        category=category,
        values=register_form.typed(step, category, given),
        revision=given.get("revision", 0, type=whole),
        acknowledged=given.get("anyway", ""),
        button=given.get("go", ""),
        mending="check" in request.args,
    )


def _keep(sent: Sent) -> int:
    """Save the step over the draft; the same once more changes nothing.

    Return the revision as her page showed it, with what she filled in.
    """
    who = writer()
    with writing() as session:
        draft = application_moves.current(session, who.graduate.id)
        held = draft.values if draft else applications.first_values(session, who.graduate)
        values = register_form.merged(who, sent.step, held, sent.values)
        if sent.step is Step.TRANSFER:
            values |= directory.missing(session, who.graduate.school_id, values)
        if not _editable(draft) or values != held:
            return applications.save(session, who, values, sent.revision).revision
    return sent.revision


def _editable(draft: Application | None) -> bool:
    return draft is not None and draft.purpose == Purpose.REGISTER and draft.state in EDITABLE


def _show_again(sent: Sent, refusal: RuleError) -> str:
    """Show what was typed beside why it was not kept, over the draft as it stands now."""
    found = form_state()
    typed = {**found.values, **sent.values}
    return _show(sent.step, replace(found, values=typed), [], refusal)


def _show(
    step: Step, found: FormState, problems: list[Problem], refusal: RuleError | None = None
) -> str:
    category = found.category
    fields = register_form.shown(step, category, found.values, problems)
    return render_template(
        f"graduate/register_{step.value}.html",
        form_state=found,
        step=step,
        mending="1" if "check" in request.args else None,
        back=register_form.before(step, category),
        fields={each.name: each for each in fields},
        problems=problems,
        elsewhere=[each for each in problems if each.field not in {field.name for field in fields}],
        anyway=""
        if validation.refused(problems)
        else " ".join(map(register_form.mark_of, problems)),
        refusal=refusal,
        usual=requirements.usual_choices(),
        others=requirements.other_choices(),
        offered=register_form.transfers_offered(found.values, category, found.graduate.origin_code),
        where_to_open={
            block: known_places.is_open(block, found.values) for block in known_places.BLOCKS
        },
    )
