"""The form of an agreement on paper: who employs her, and the terms, as her phone shows them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from werkzeug.datastructures import MultiDict

from registry.base.text import clean
from registry.record import validation
from registry.record.fields import REGISTRATION, ValueType
from registry.record.validation import Problem
from registry.signing import employers, terms
from registry.signing.offline_requests import PaperTerms
from registry.signing.terms import UNIT, Term, TermType
from wxapp.core import region_picker
from wxapp.core.term_form import PLACES as TERM_PLACES
from wxapp.core.term_form import read_terms
from wxapp.graduate.register_form import FieldShown

UNIT_PLACE = "unit_location_code"
PLACES = (UNIT_PLACE, *TERM_PLACES)
"""Fields whose button, without scripts, lists what lies below a region."""
_BLOCKS = (
    ("岗位和待遇", ""),
    ("档案", "takes_file"),
    ("户口", "takes_household"),
)
_LAST = ("exits", "remarks")
USUAL = PaperTerms({}, {"exits": "、".join(terms.TERMS["exits"].choices)})
"""What an empty form begins with."""


def read(given: MultiDict[str, str]) -> PaperTerms:
    """Return what was typed, clean."""
    unit = {name: clean(given.get(name, ""))[: validation.MOST_TYPED] for name in UNIT}
    if f"{UNIT_PLACE}-province" in given:
        unit[UNIT_PLACE] = region_picker.picked(given, UNIT_PLACE)
    return PaperTerms(unit, read_terms(given))


def blocks(asked: PaperTerms, problems: Sequence[Problem]) -> list[tuple[str, list[FieldShown]]]:
    """Return the fields by block, with what stands in them and what is wrong of it."""
    unit = [_unit(name, asked.unit.get(name, "")) for name in UNIT]
    shown = {each.name: _term(each, asked.said.get(each.name, "")) for each in terms.TERMS.values()}
    found = [("用人单位", unit)]
    for title, takes in _BLOCKS:
        found.append((title, [shown[name] for name in _of_block(takes)]))
    found.append(("其他约定", [shown[name] for name in _LAST]))
    return [(title, [_with(each, problems) for each in fields]) for title, fields in found]


def _of_block(takes: str) -> list[str]:
    """Return the terms of a block: a yes-or-no with what follows it, or all that is in none."""
    if takes:
        return [takes, *(each.name for each in terms.TERMS.values() if each.only_if == takes)]
    aside = {*_LAST, "takes_file", "takes_household"}
    return [
        each.name for each in terms.TERMS.values() if not each.only_if and each.name not in aside
    ]


def _with(shown: FieldShown, problems: Sequence[Problem]) -> FieldShown:
    mine = [each for each in problems if each.field == shown.name]
    return replace(shown, problems=mine) if mine else shown


def _unit(name: str, value: str) -> FieldShown:
    about = REGISTRATION[name]
    return FieldShown(
        name=name,
        title=about.title,
        value=value,
        required=name in employers.REQUIRED,
        control=_CONTROLS.get(about.type, "choice" if about.table else "text"),
        hint=about.hint,
        limit=about.limit or validation.MOST_TYPED,
        keyboard="tel" if about.type is ValueType.PHONE else "text",
        options=list(about.table.codes.items()) if about.table else (),
        selects=region_picker.selects(name, value) if about.type is ValueType.REGION else (),
    )


def _term(term: Term, value: str) -> FieldShown:
    return FieldShown(
        name=term.name,
        title=term.title,
        value=value,
        required=term.required and not term.only_if,
        control=_control(term),
        hint="；".join(each for each in (term.unit, term.hint) if each),
        limit=term.most or validation.MOST_TYPED,
        keyboard="numeric" if term.type is TermType.NUMBER else "text",
        options=_options(term),
        selects=region_picker.selects(term.name, value)
        if term.value_type is ValueType.REGION
        else (),
    )


_CONTROLS = {ValueType.REGION: "region", ValueType.DAY: "day"}


def _control(term: Term) -> str:
    if term.type is TermType.SEVERAL:
        return "several"
    if term.type is TermType.YES_NO or term.table:
        return "choice"
    if term.type is TermType.TEXT and term.most > terms.TERMS["post"].most:
        return "long"
    return _CONTROLS.get(term.value_type, "text") if term.field else "text"


def _options(term: Term) -> list[tuple[str, str]]:
    if term.type is TermType.YES_NO:
        return [(terms.YES, "是"), (terms.NO, "否")]
    if term.table:
        return list(term.table.codes.items())
    return [(each, each) for each in term.choices]


def hidden(asked: PaperTerms) -> list[tuple[str, str]]:
    """Return all that was typed, as a form carries it on unseen."""
    values: Mapping[str, str] = {**asked.unit, **asked.said}
    exits = values.get("exits", "").split("、")
    return [
        *((name, text) for name, text in values.items() if text and name != "exits"),
        *(("exits", each) for each in exits if each),
    ]
