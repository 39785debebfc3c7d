"""The school's own correction (更正) of one registration, with a reason that is kept."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from registry.base.errors import RuleError
from registry.base.written_reason import REASON_LENGTH
from registry.codes import transfer_types
from registry.province import batch_entries
from registry.record import fields, graduate_page, province_lock, requirements, validation
from registry.record.fields import BLOCK_TITLES, Block
from registry.record.shown import SEEN, FormOutdated
from registry.record.validation import Problem, Refused
from registry.review import applications, correction
from registry.review.correction import CorrectionForm
from wxapp.core import region_picker, seeing
from wxapp.core.db import reading, writing
from wxapp.core.field_inputs import CONTROLS, FieldInput
from wxapp.core.refusals import status_of
from wxapp.core.resources import now
from wxapp.school.door import blueprint, school_only, staff_context


@dataclass(frozen=True)
class Trouble:
    """What was written, and why it was not saved; no sentence where nobody asked to save it."""

    typed: Mapping[str, str]
    sentence: str = ""
    problems: tuple[Problem, ...] = ()


@blueprint.get("/graduates/<key>/correction", endpoint="correction")
def show_correction(key: str) -> str:
    """Show the form with what is in force; another category brings its own fields."""
    school_only()
    with reading() as session:
        return _page(session, key)


@blueprint.post("/graduates/<key>/correction")
def save_correction(key: str) -> Response | tuple[str, int]:
    """Put the new values in force, and tell the graduate."""
    school_only()
    typed = _typed(request.form)
    if request.form.get("go") in fields.PLACES:  # without scripts: list what lies below
        with reading() as session:
            return _page(session, key, Trouble(typed)), 200
    change = CorrectionForm(typed, typed.get("reason", ""), typed.get(SEEN, ""))
    try:
        with writing() as session:
            correction.correct(
                session, staff_context().scope, staff_context().staff, key, change, now()
            )
    except RuleError as refusal:
        if refusal.code == "not_found":
            raise
        problems = tuple(refusal.problems) if isinstance(refusal, Refused) else ()
        with reading() as session:
            trouble = Trouble(_looked_at_anew(typed, refusal), refusal.sentence, problems)
            return _page(session, key, trouble), status_of(refusal)
    return redirect(url_for("school.graduate", key=key, saved=1, tab="confirmation"), 303)


def _looked_at_anew(typed: dict[str, str], refusal: RuleError) -> Mapping[str, str]:
    """Return what was typed, as of now where the refusal has said what another changed."""
    is_told = isinstance(refusal, FormOutdated)
    return {name: value for name, value in typed.items() if name != SEEN or not is_told}


def _typed(given: Mapping[str, str]) -> dict[str, str]:
    places = [each for each in fields.PLACES if f"{each}-province" in given]
    return {**given, **{each: region_picker.picked(given, each) for each in places}}


def _page(session: Session, key: str, trouble: Trouble | None = None) -> str:
    graduate = graduate_page.find(session, staff_context().scope, key)
    seeing.person(key, "seen_form")
    values = dict(trouble.typed) if trouble else applications.first_values(session, graduate)
    if not trouble and request.args.get("category") in requirements.OFFERED:
        values["category"] = request.args["category"]
    category = values.get("category", "")
    return render_template(
        "school/correction.html",
        graduate=graduate,
        category=category,
        category_groups=requirements.CHOICES,
        known=category in requirements.OFFERED,
        places=fields.PLACES,
        seen=values.get(SEEN) or correction.seen_of(session, graduate),
        blocks=_blocks(category, values, trouble.problems if trouble else ()),
        reported=batch_entries.standing_of(session, graduate),
        locked=bool(province_lock.locked_ids(session, [graduate.id])),
        locked_sentence=province_lock.SENTENCE,
        sentence=trouble.sentence if trouble else "",
        reason=values.get("reason", ""),
        reason_length=REASON_LENGTH,
    )


def _blocks(
    category: str, values: Mapping[str, str], problems: tuple[Problem, ...]
) -> list[tuple[str, list[FieldInput]]]:
    if not category:
        return []
    names = {
        BLOCK_TITLES[Block.DESTINATION]: fields.asked(category).fields,
        BLOCK_TITLES[Block.FILE]: fields.FILE_BLOCK,
        BLOCK_TITLES[Block.HOUSEHOLD]: fields.HOUSEHOLD_BLOCK,
    }
    said = {each.field: each.sentence for each in reversed(problems)}
    return [
        (
            title,
            [
                _field(name, category, values, said)
                for name in block
                if name not in fields.PLACE_CODES
            ],
        )
        for title, block in names.items()
        if block
    ]


def _field(
    name: str, category: str, values: Mapping[str, str], said: Mapping[str, str]
) -> FieldInput:
    about, options = fields.REGISTRATION[name], _options(name, category)
    return FieldInput(
        name=name,
        title=fields.title(name, category),
        kind=CONTROLS.get(about.type) or ("select" if options else "text"),
        value=values.get(name, ""),
        options=options,
        required=name in fields.asked(category).required,
        limit=about.limit or validation.MOST_TYPED,
        problem=said.get(name, ""),
        kept="" if values.get(name) else values.get(about.place, ""),
    )


def _options(name: str, category: str) -> list[tuple[str, str]]:
    table = fields.REGISTRATION[name].table
    if table:
        return list(table.codes.items())
    if name == "file_type":
        return [(each.title, each.title) for each in transfer_types.files_for(category)]
    if name == "household_type":
        return [(each.title, each.title) for each in transfer_types.households_for(category)]
    return []


blueprint.add_url_rule("/regions", "region_choices", region_picker.choices)
