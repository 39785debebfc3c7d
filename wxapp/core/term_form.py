"""The form of an agreement's terms: its inputs in blocks, and what was typed into them."""

from collections.abc import Mapping

from werkzeug.datastructures import MultiDict

from registry.record.fields import ValueType
from registry.record.validation import Problem
from registry.signing import terms
from registry.signing.terms import Term, TermType
from wxapp.core import region_picker
from wxapp.core.field_inputs import CONTROLS, FieldInput

NAME_LENGTH = 80
PLACES = [each.name for each in terms.TERMS.values() if each.value_type is ValueType.REGION]
"""Terms whose button, without scripts, lists what lies below a region."""


def read_terms(given: MultiDict[str, str]) -> dict[str, str]:
    """Return the terms as they were typed, clean."""
    typed: dict[str, object] = {name: given.get(name, "") for name in terms.TERMS}
    typed["exits"] = "、".join(given.getlist("exits"))
    chosen = [each for each in PLACES if f"{each}-province" in given]
    typed |= {each: region_picker.picked(given, each) for each in chosen}
    return terms.read(typed)


def term_blocks(
    values: Mapping[str, str], problems: list[Problem]
) -> list[tuple[str, list[FieldInput]]]:
    """Return the inputs by block, with what was typed and what is wrong of it."""
    said = {each.field: each.sentence for each in reversed(problems)}
    shown = {each.name: _input(each, values, said) for each in terms.TERMS.values()}
    file_terms = [each.name for each in terms.TERMS.values() if each.only_if == "takes_file"]
    household = [each.name for each in terms.TERMS.values() if each.only_if == "takes_household"]
    aside = {"takes_file", *file_terms, "takes_household", *household, "exits", "remarks"}
    return [
        ("岗位和待遇", [each for name, each in shown.items() if name not in aside]),
        ("档案", [shown[each] for each in ("takes_file", *file_terms)]),
        ("户口", [shown[each] for each in ("takes_household", *household)]),
        ("其他约定", [shown["exits"], shown["remarks"]]),
    ]


def _input(term: Term, values: Mapping[str, str], said: Mapping[str, str]) -> FieldInput:
    hint = "；".join(each for each in (term.unit, term.hint) if each)
    return FieldInput(
        name=term.name,
        title=term.title,
        kind=_kind(term),
        value=values.get(term.name, ""),
        options=_options(term),
        required=term.required,
        limit=term.most or NAME_LENGTH,
        problem=said.get(term.name, ""),
        hint=hint,
    )


def _kind(term: Term) -> str:
    if term.type is TermType.SEVERAL:
        return "several"
    if term.type is TermType.YES_NO or term.table:
        return "select"
    if term.type is TermType.TEXT and term.most > terms.TERMS["post"].most:
        return "long"
    return CONTROLS.get(term.value_type, "text")


def _options(term: Term) -> list[tuple[str, str]]:
    if term.type is TermType.YES_NO:
        return [(terms.YES, "是"), (terms.NO, "否")]
    if term.table:
        return list(term.table.codes.items())
    return [(each, each) for each in term.choices]
