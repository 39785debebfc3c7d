"""Checks what a registration says, field by field and as a whole; changes and looks up nothing.

Sources: the fields by category of the 2021 data standard, GB 32100 and GB/T 2260, the registration
notice of 2023 (directed graduates follow their agreement), the notices on files of 2023.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import Any

from registry.base.errors import RuleError
from registry.base.text import clean, compared, compared_name
from registry.codes import categories, identity, parsing, regions, transfer_types
from registry.codes.categories import Group
from registry.codes.code_tables import CATEGORY
from registry.codes.transfer_types import Transfer
from registry.record import fields
from registry.record.field_values import parsed
from registry.record.fields import PLACES, REGISTRATION, Block

MOST_TYPED = 500
"""Characters kept of a field however long it is; its own limit is told as a problem."""
_ORDER = {name: place for place, name in enumerate(REGISTRATION)}
YEARS_BEFORE, YEARS_AFTER = 4, 1  # a signing day this far around the graduation year


class Severity(StrEnum):
    """Whether it cannot be sent like this, or is only pointed out."""

    REFUSE = "refuse"
    WARN = "warn"


@dataclass(frozen=True)
class Problem:
    """One thing about one field; the sentence is Chinese and says what to do."""

    field: str
    code: str
    sentence: str
    severity: Severity = Severity.REFUSE


@dataclass(frozen=True)
class GraduateFacts:
    """What of a graduate the rules look at."""

    name: str = ""
    year: int = 0
    training_mode: str = ""
    training_unit: str = ""
    phone: str = ""
    """Her own, normalised; empty where it is not known."""


class Refused(RuleError):
    """A form that cannot be sent like this; all that is wrong is in `problems`."""

    def __init__(self, problems: list[Problem]) -> None:
        """Say the first thing that is wrong, and keep them all."""
        self.problems = problems
        first = next(each for each in problems if each.severity is Severity.REFUSE)
        super().__init__(first.code, first.sentence, first.field)


def cleaned(typed: Mapping[str, object]) -> dict[str, str]:
    """Return the fields of a registration among what was typed, as text that can be stored."""
    return {
        name: typed_text(typed[name])
        for name in REGISTRATION
        if name in typed and name != "unit_location"  # a unit's place is its code's
    }


def typed_text(value: object) -> str:
    """Return what was typed into a field as text that can be stored, `MOST_TYPED` characters."""
    if not isinstance(value, str | int | date):
        return ""
    storable = str(value).encode("utf-8", "ignore").decode()
    return clean(storable)[:MOST_TYPED]


def as_registration(typed: Mapping[str, object]) -> dict[str, Any]:
    """Return the whole next version: every column, empty where the category does not ask for it.

    Raises RuleError where a field cannot be read; call it with what has no refused problem.
    """
    said = cleaned(typed)
    shown = fields.form_fields(said.get("category", ""))
    found: dict[str, Any] = {
        name: parsed(REGISTRATION[name], said[name]) if name in shown and said.get(name) else ""
        for name in REGISTRATION
    }
    found["signed_on"] = found["signed_on"] or None
    for code, name in PLACES.items():
        found[name] = regions.region_name(found[code]) or found[name]
    name_unit_abroad(found)
    return found


def name_unit_abroad(found: dict[str, Any]) -> None:
    """Name the institution as the unit: the confirmation page and the report know one alone."""
    if categories.category_group(found.get("category", "")) is Group.STUDY_ABROAD:
        found["unit_name"] = found["study_school"][: REGISTRATION["unit_name"].limit]
        found["unit_location"] = found["study_country"]


def refused(problems: list[Problem]) -> bool:
    """Say whether a form with these problems cannot be sent."""
    return any(each.severity is Severity.REFUSE for each in problems)


def problems(typed: Mapping[str, object], person: GraduateFacts) -> list[Problem]:
    """Return all that is missing, impossible or odd, in the order of the form. Never raises."""
    return problems_of(cleaned(typed), person)


def problems_of(values: Mapping[str, str], person: GraduateFacts) -> list[Problem]:
    """Return the problems of values that are clean text already, as `problems` does."""
    category = CATEGORY.known(values.get("category", ""))
    if category is None:
        return [Problem("category", "category_missing", "请先选择毕业去向。")]
    shown = fields.form_fields(category)
    said = {name: values[name] for name in shown if values.get(name)}
    said["category"] = category
    found = [
        *_missing(said, category),
        *_unreadable(said),
        *_signing(said, person),
        *_transfers(said, category),
        *_receiver(said, person),
        *agreement_problems(said, person),
    ]
    return sorted(found, key=lambda each: _ORDER[each.field])


def _missing(said: Mapping[str, str], category: str) -> Iterator[Problem]:
    for name in fields.asked(category).required:
        if name not in said:
            yield _one_missing(name, category)


@lru_cache(maxsize=1024)  # a roster says the same of many
def _one_missing(name: str, category: str) -> Problem:
    return Problem(name, "missing", f"请{_asked(name, category)}")


def _asked(name: str, category: str) -> str:
    verb = "选择" if REGISTRATION[name].chosen else "填写"
    return f"{verb}{fields.title(name, category)}"


def _unreadable(said: Mapping[str, str]) -> Iterator[Problem]:
    for name, text in said.items():
        if refusal := _refusal(name, text):
            yield Problem(name, *refusal)


@lru_cache(maxsize=32768)  # a roster says the same of many
def _refusal(name: str, text: str) -> tuple[str, str] | None:
    """Return the code and the sentence of what is wrong with a text."""
    try:
        parsed(REGISTRATION[name], text)
    except RuleError as refusal:
        return refusal.code, refusal.sentence
    return None


def _signing(said: Mapping[str, str], person: GraduateFacts) -> Iterator[Problem]:
    try:
        day = parsing.day(said["signed_on"]) if "signed_on" in said else None
    except RuleError:
        return
    if day and person.year and not -YEARS_BEFORE <= day.year - person.year <= YEARS_AFTER:
        title = fields.title("signed_on", said["category"])
        yield Problem("signed_on", "day_out_of_range", f"“{title}”的年份不合理，请核对。")


_TRANSFERS = {
    "file_type": transfer_types.file_type,
    "household_type": transfer_types.household_type,
}
_NO_TRANSFER = {
    name: Problem(
        name,
        "transfer_missing",
        f"尚未选择{what}转递方式，可先提交，离校前补填。",
        Severity.WARN,
    )
    for name, what in (("file_type", "档案"), ("household_type", "户口"))
}


def _transfers(said: Mapping[str, str], category: str) -> Iterator[Problem]:
    for name, find in _TRANSFERS.items():
        if name not in said:
            yield _NO_TRANSFER[name]
            continue
        kind = find(said[name])
        if kind is None:
            sentence = f"没有“{said[name][:20]}”这种{REGISTRATION[name].title}，请另选一种。"
            yield Problem(name, "transfer_unknown", sentence)
            continue
        yield from _fit(name, kind, category)
        yield from _place(name, kind, said)
    if said.get("file_type") == "签约单位接收" and said.get("unit_nature") == "39":
        sentence = "民营等企业大多没有档案管理权，请先向单位问清是否接收档案。"
        yield Problem("file_type", "file_rights_unlikely", sentence, Severity.WARN)


def _fit(field: str, kind: Transfer, category: str) -> Iterator[Problem]:
    if categories.category_group(category) in kind.fits:
        return
    title = categories.category_title(category)
    if kind.elsewhere_impossible:
        sentence = f"“{kind.title}”只适用于升学，与毕业去向“{title}”不符，请另选一种。"
        yield Problem(field, "transfer_impossible", sentence)
    else:
        sentence = f"“{title}”一般不选“{kind.title}”，请核对；如确实如此，可以不改。"
        yield Problem(field, "transfer_odd", sentence, Severity.WARN)


_WHERE_IT_GOES = {
    block: [
        name for name, each in REGISTRATION.items() if each.block is block and each.where_it_goes
    ]
    for block in (Block.FILE, Block.HOUSEHOLD)
}


def _place(field: str, kind: Transfer, said: Mapping[str, str]) -> Iterator[Problem]:
    block = REGISTRATION[field].block
    for name in _WHERE_IT_GOES[block] if kind.wants_place else ():
        if name not in said and PLACES.get(name) not in said:
            sentence = f"选择“{kind.title}”，请{_asked(name, said['category'])}。"
            yield Problem(name, "place_missing", sentence)


def _receiver(said: Mapping[str, str], person: GraduateFacts) -> Iterator[Problem]:
    own = {compared_name(person.name), person.phone} - {""}
    for name in ("file_unit", "file_contact", "file_phone"):
        text = said.get(name, "")
        folded = identity.normalised_phone if name == "file_phone" else compared_name
        if text and folded(text) in own:
            sentence = "档案不能寄给本人，也不能由亲属代收，请填写接收单位的名称和电话。"
            yield Problem(name, "receiver_is_graduate", sentence)


def agreement_problems(said: Mapping[str, str], person: GraduateFacts) -> Iterator[Problem]:
    """Hold directed and commissioned graduates to their agreement (notice of 2023, clause 1.2).

    `said` has a category, and no empty values.
    """
    if person.training_mode not in categories.BOUND_TRAINING:
        return
    if not person.training_unit:
        sentence = "定向或委培生的定向单位，学校尚未登记，请按协议填写，由学校核对。"
        yield Problem("unit_name", "agreement_unknown", sentence, Severity.WARN)
        return
    unit = person.training_unit
    if categories.category_group(said["category"]) not in {Group.EMPLOYED, Group.GRASSROOTS}:
        sentence = f"定向或委培生应按协议到“{unit}”就业。如协议已解除，请由学校更新培养方式。"
        yield Problem("category", "agreement_category", sentence)
    elif not _agrees(said, unit):
        sentence = (
            f"单位与定向或委培协议不一致，协议单位是“{unit}”。如协议已变更，请由学校更新定向单位。"
        )
        yield Problem("unit_name", "agreement_unit", sentence)


def _agrees(said: Mapping[str, str], unit: str) -> bool:
    """Compare with the agreement's unit, or the region where it names one (西藏自治区)."""
    wanted = compared(unit)
    place = compared(regions.region_name(said.get("unit_location_code", "")))
    return compared(said.get("unit_name", "")) == wanted or place.startswith(wanted)
