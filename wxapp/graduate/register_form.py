"""The form of a registration: its steps, and each field as a page shows it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from werkzeug.datastructures import MultiDict

from registry.base.errors import RuleError
from registry.codes import categories, parsing, regions, transfer_types
from registry.codes.code_tables import JOB_CLASS, UNIT_INDUSTRY, UNIT_NATURE, CodeTable
from registry.codes.transfer_types import Transfer
from registry.record import requirements, validation
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

_CHOICES: dict[str, CodeTable] = {
    "unit_nature": UNIT_NATURE,
    "unit_industry": UNIT_INDUSTRY,
    "job_class": JOB_CLASS,
}
_HINTS = {
    "unit_name": "与协议、合同或营业执照上的全称一致",
    "unit_code": "18 位，在营业执照上",
    "unit_address": "写到门牌号",
    "unit_contact": "单位人事部门或负责人",
    "unit_phone": "手机，或带区号的固定电话",
    "file_unit": "单位或人才服务机构的全称",
    "file_address": "写到门牌号，机要或 EMS 寄达",
    "file_contact": "如 人事处、档案科",
    "file_phone": "接收单位的电话，不是您本人的",
    "study_country": "如 英国",
    "study_school_foreign": "与录取通知上的写法一致",
    "study_major_foreign": "与录取通知上的写法一致",
}
_KEYBOARDS = {
    "unit_phone": "tel",
    "file_phone": "tel",
    "unit_postcode": "numeric",
    "file_postcode": "numeric",
}
_WANTED_WHERE_IT_GOES = {"file_unit", "file_address", "file_phone", "household_location_code"}
"""Not marked as optional: they are asked only where something goes somewhere."""
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
    asked = requirements.asked(category)
    empty = {
        Step.DESTINATION: not asked.fields,
        Step.TRANSFER: not category,
        Step.EVIDENCE: not asked.evidence,
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
    blocks = (*requirements.FILE_BLOCK, *requirements.HOUSEHOLD_BLOCK)
    return {
        Step.CATEGORY: ("category",),
        Step.DESTINATION: requirements.asked(category).fields,
        Step.TRANSFER: tuple(each for each in blocks if each not in requirements.PLACE_CODES),
    }.get(step, ())


def step_of(name: str, category: str) -> Step:
    """Return the step on which something about a field can be mended."""
    if name == "evidence":
        return Step.EVIDENCE
    asked = requirements.PLACE_CODES.get(name, name)
    found = (each for each in TYPED if asked in fields_of(each, category))
    return next(found, Step.CATEGORY)


def typed(step: Step, category: str, given: MultiDict[str, str]) -> dict[str, str]:
    """Return what was filled in on a step, by field."""
    found = {name: given[name] for name in fields_of(step, category) if name in given}
    places = (each for each in fields_of(step, category) if each in requirements.PLACES)
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
    if step is Step.TRANSFER:
        return {**values, **_places_left_out(values)}
    return values


def _places_left_out(values: Mapping[str, str]) -> dict[str, str]:
    """Return empty places where nothing goes anywhere, so that none is sent unseen."""
    left: dict[str, str] = {}
    for name, find, block in (
        ("file_type", transfer_types.file_type, requirements.FILE_BLOCK),
        ("household_type", transfer_types.household_type, requirements.HOUSEHOLD_BLOCK),
    ):
        kind = find(values.get(name, ""))
        if kind and kind.stays:
            left |= {each: "" for each in block if each != name}
    return left


def shown(
    step: Step, category: str, values: Mapping[str, str], problems: Collection[Problem]
) -> list[FieldShown]:
    """Return the fields of a step, filled in."""
    return [_shown(name, category, values, problems) for name in fields_of(step, category)]


def _shown(
    name: str, category: str, values: Mapping[str, str], problems: Collection[Problem]
) -> FieldShown:
    value = values.get(name, "")
    table = _CHOICES.get(name)
    return FieldShown(
        name=name,
        title=requirements.title(name, category),
        value=(_iso(value) or value) if name == DAY else value,
        required=name in {*requirements.asked(category).required, *_WANTED_WHERE_IT_GOES},
        problems=[each for each in problems if each.field == name],
        control=_control(name, value),
        hint=_HINTS.get(name, ""),
        limit=validation.LIMITS.get(name, validation.MOST_TYPED),
        keyboard=_KEYBOARDS.get(name, "text"),
        options=list(table.codes.items()) if table else (),
        selects=region_picker.selects(name, value) if name in requirements.PLACES else (),
        kept="" if value else values.get(requirements.PLACES.get(name, ""), ""),
    )


def _control(name: str, value: str) -> str:
    if name in requirements.PLACES:
        return "region"
    if name == DAY and (not value or _iso(value)):
        return "day"  # it shows nothing of what it cannot read: that stays text, to be mended
    return "choice" if name in _CHOICES else "text"


def read_through(values: Mapping[str, object]) -> dict[str, object]:
    """Return what was typed with days and regions as a registration has them, where readable."""
    found = {name: value for name, value in values.items() if name in requirements.TITLES}
    for code, name in requirements.PLACES.items():
        if chosen := regions.region_name(str(found.get(code, ""))):
            found[name] = chosen
    if day := _iso(str(found.get(DAY) or "")):
        found[DAY] = date.fromisoformat(day)
    return found


def _iso(value: str) -> str:
    try:
        return parsing.day(value).isoformat()
    except RuleError:
        return ""


def transfers_offered(values: Mapping[str, str], category: str) -> dict[str, list[Transfer]]:
    """Return the transfers to choose from: those that fit, and the one that stands there now."""
    offered = {
        "file_type": (transfer_types.files_for(category), transfer_types.file_type),
        "household_type": (transfer_types.households_for(category), transfer_types.household_type),
    }
    found: dict[str, list[Transfer]] = {}
    for name, (fitting, find) in offered.items():
        now = find(values.get(name, ""))
        found[name] = [*fitting, *([now] if now and now not in fitting else [])]
    return found


def unacknowledged(problems: Collection[Problem], said: str) -> list[Problem]:
    """Return the oddities she has not yet said 仍要这样填 to."""
    known = set(said.split())
    odd = (each for each in problems if each.severity is Severity.WARN)
    return [each for each in odd if mark_of(each) not in known]


def mark_of(problem: Problem) -> str:
    """Return how the form names an oddity that was pointed out."""
    return f"{problem.field}:{problem.code}"
