"""The form of a registration: its steps, and each field as a page shows it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from werkzeug.datastructures import MultiDict

from registry.base.errors import RuleError
from registry.base.iso_dates import day_of
from registry.codes import categories, parsing, regions, transfer_types
from registry.codes.categories import Group
from registry.codes.transfer_types import Transfer
from registry.record import fields, known_places, requirements, validation
from registry.record.fields import Field, ValueType
from registry.record.validation import Problem, Severity
from registry.review.application_moves import Writer
from wxapp.core import region_picker
from wxapp.core.region_picker import Select


class Step(StrEnum):
    """What one screen asks."""

    CATEGORY = "category"
    DESTINATION = "destination"
    TRANSFER = "transfer"
    EVIDENCE = "evidence"
    REVIEW = "review"


STEP_TITLES = {
    Step.CATEGORY: "毕业去向",
    Step.DESTINATION: "具体信息",
    Step.TRANSFER: "档案和户口",
    Step.EVIDENCE: "佐证材料",
    Step.REVIEW: "核对并提交",
}
TYPED = (Step.CATEGORY, Step.DESTINATION, Step.TRANSFER)
"""The steps that fill in fields."""

_TRANSFERS = {
    "file_type": transfer_types.file_type,
    "household_type": transfer_types.household_type,
}
_KEYBOARDS = {ValueType.PHONE: "tel", ValueType.POSTCODE: "numeric"}
DAY = "signed_on"


@dataclass(frozen=True)
class FieldShown:
    """A field with what stands in it and what is to be said about it."""

    name: str
    title: str
    value: str
    required: bool
    problems: Sequence[Problem] = ()
    control: str = "text"
    """text, choice, region or day."""
    hint: str = ""
    limit: int = validation.MOST_TYPED
    keyboard: str = "text"
    options: Sequence[tuple[str, str]] = ()
    selects: Sequence[Select] = field(default=())
    kept: str = ""
    """What stands there without a code, and stays until a region is chosen."""

    @property
    def refused(self) -> bool:
        """Say whether it cannot stay like this."""
        return validation.refused(list(self.problems))


def steps_of(category: str) -> list[Step]:
    """Return the steps of a category, in order: none that would ask nothing."""
    empty = {
        Step.DESTINATION: not fields.asked(category).fields,
        Step.TRANSFER: not category,
        Step.EVIDENCE: not requirements.evidence(category),
    }
    return [each for each in Step if not empty.get(each)]


def after(step: Step, category: str) -> Step:
    """Return the step that follows."""
    steps = steps_of(category)
    later = [each for each in steps if list(Step).index(each) > list(Step).index(step)]
    return later[0] if later else Step.REVIEW


def before(step: Step, category: str) -> Step | None:
    """Return the step that comes before; None before the first."""
    earlier = [
        each for each in steps_of(category) if list(Step).index(each) < list(Step).index(step)
    ]
    return earlier[-1] if earlier else None


def fields_of(step: Step, category: str) -> tuple[str, ...]:
    """Return the fields a step fills in; a place is chosen by its code."""
    blocks = (*fields.FILE_BLOCK, *fields.HOUSEHOLD_BLOCK)
    return {
        Step.CATEGORY: ("category",),
        Step.DESTINATION: fields.asked(category).fields,
        Step.TRANSFER: tuple(each for each in blocks if each not in fields.PLACE_CODES),
    }.get(step, ())


def step_of(name: str, category: str) -> Step:
    """Return the step on which something about a field can be mended."""
    if name == "evidence":
        return Step.EVIDENCE
    asked = fields.PLACE_CODES.get(name, name)
    found = (each for each in TYPED if asked in fields_of(each, category))
    return next(found, Step.CATEGORY)


def typed(step: Step, category: str, given: MultiDict[str, str]) -> dict[str, str]:
    """Return what was filled in on a step, by field."""
    found = {name: given[name] for name in fields_of(step, category) if name in given}
    places = (each for each in fields_of(step, category) if each in fields.PLACES)
    return found | {each: region_picker.picked(given, each) for each in places}


def merged(
    writer: Writer, step: Step, held: Mapping[str, str], filled_in: Mapping[str, str]
) -> dict[str, str]:
    """Return the whole draft with what was filled in on one step."""
    values = {**held, **validation.cleaned(filled_in)}
    graduate = writer.graduate
    if step is Step.CATEGORY and graduate.training_mode in categories.BOUND_TRAINING:
        # Directed and commissioned graduates begin with the unit of their agreement.
        values["unit_name"] = values.get("unit_name") or graduate.training_unit
    if step is Step.CATEGORY:
        return {**values, **_asked_anew(held, values)}
    values |= known_places.followed(held, values, graduate.origin_code)
    if step is Step.TRANSFER:
        values |= _places_left_out(values)
        return {**values, **known_places.filled_in(values, graduate.origin_code)}
    return values


def _asked_anew(held: Mapping[str, str], values: Mapping[str, str]) -> dict[str, str]:
    """Return what waited at the school as not chosen, once there is a destination to go to."""
    before = categories.category_group(held.get("category", ""))
    after = categories.category_group(values.get("category", ""))
    if before is not Group.UNPLACED or after in {None, Group.UNPLACED}:
        return {}
    kinds = {name: find(values.get(name, "")) for name, find in _TRANSFERS.items()}
    return {name: "" for name, kind in kinds.items() if kind and kind.waits}


def _places_left_out(values: Mapping[str, str]) -> dict[str, str]:
    """Return empty places where nothing goes anywhere, so that none is sent unseen."""
    left: dict[str, str] = {}
    for name, find in _TRANSFERS.items():
        kind = find(values.get(name, ""))
        if kind and kind.stays:
            left |= {each: "" for each in known_places.BLOCKS[name] if each != name}
    return left


def shown(
    step: Step, category: str, values: Mapping[str, str], problems: Collection[Problem]
) -> list[FieldShown]:
    """Return the fields of a step, filled in."""
    return [_shown(name, category, values, problems) for name in fields_of(step, category)]


def _shown(
    name: str, category: str, values: Mapping[str, str], problems: Collection[Problem]
) -> FieldShown:
    value, about = values.get(name, ""), fields.REGISTRATION[name]
    return FieldShown(
        name=name,
        title=fields.title(name, category),
        value=(_iso(value) or value) if about.type is ValueType.DAY else value,
        required=about.where_it_goes or name in fields.asked(category).required,
        problems=[each for each in problems if each.field == name],
        control=_control(about, value),
        hint=about.hint,
        limit=about.limit or validation.MOST_TYPED,
        keyboard=_KEYBOARDS.get(about.type, "text"),
        options=list(about.table.codes.items()) if about.table else (),
        selects=region_picker.selects(name, value) if about.place else (),
        kept="" if value else values.get(about.place, ""),
    )


def _control(about: Field, value: str) -> str:
    if about.type is ValueType.DAY and value and not _iso(value):
        return "text"  # a day's control shows nothing of what it cannot read; so it can be mended
    controls = {ValueType.REGION: "region", ValueType.DAY: "day", ValueType.CODE: "choice"}
    return controls.get(about.type, "text")


def read_through(values: Mapping[str, object]) -> dict[str, object]:
    """Return what was typed with days and regions as a registration has them, where readable."""
    found = {name: value for name, value in values.items() if name in fields.REGISTRATION}
    for code, name in fields.PLACES.items():
        if chosen := regions.region_name(str(found.get(code, ""))):
            found[name] = chosen
    if day := _iso(str(found.get(DAY) or "")):
        found[DAY] = day_of(day)
    return found


def _iso(value: str) -> str:
    try:
        return parsing.day(value).isoformat()
    except RuleError:
        return ""


@dataclass(frozen=True)
class Offer:
    """A transfer to choose, and what is known of where it leads to."""

    transfer: Transfer
    known: str
    """As a sentence says it."""
    suffices: bool
    """Whether nothing is left to ask."""


def transfers_offered(
    values: Mapping[str, str], category: str, origin_code: str
) -> dict[str, list[Offer]]:
    """Return the transfers to choose from: those that fit, and the one that stands there now."""
    fitting = {
        "file_type": transfer_types.files_for(category),
        "household_type": transfer_types.households_for(category),
    }
    found: dict[str, list[Offer]] = {}
    for name, transfers in fitting.items():
        now = _TRANSFERS[name](values.get(name, ""))
        offered = [*transfers, *([now] if now and now not in transfers else [])]
        found[name] = [_offer(name, each, values, origin_code) for each in offered]
    return found


def _offer(block: str, transfer: Transfer, values: Mapping[str, str], origin_code: str) -> Offer:
    known = known_places.known_places(block, transfer.title, values, origin_code)
    return Offer(transfer, known_places.said(known), known_places.suffices(block, known))


def unacknowledged(problems: Collection[Problem], said: str) -> list[Problem]:
    """Return the oddities she has not yet said 确认无误，继续 to."""
    known = set(said.split())
    odd = (each for each in problems if each.severity is Severity.WARN)
    return [each for each in odd if mark_of(each) not in known]


def mark_of(problem: Problem) -> str:
    """Return how the form names an oddity that was pointed out."""
    return f"{problem.field}:{problem.code}"
