"""What a row says of destination, file and household, and what the form would say to that.

Each field is read as the catalogue has it. The finished row is held against the rules of the form
(`registry.record.validation`): what the form would refuse or ask about is a warning here; a
destination against a directed graduate's agreement is refused here, too.
"""

from collections.abc import Callable, Container, Mapping
from functools import partial
from typing import Any

from registry.codes import categories, parsing
from registry.codes.categories import Group
from registry.codes.code_tables import CodeTable
from registry.record import fields, validation
from registry.record.fields import OF_A_UNIT, PLACE_CODES, REGISTRATION, Field, ValueType
from registry.record.validation import GraduateFacts, Problem
from registry.roster.cells import Cells
from registry.roster.layouts import TITLES, Header

Reader = Callable[[Cells], Any]

_INSTEAD = {"unit_phone": "unit_mobile"}
"""Columns that speak where the field's own is empty."""
_AGAINST_THE_AGREEMENT = frozenset({"agreement_category", "agreement_unit"})
_SAID_OTHERWISE = frozenset({"agreement_unknown"})
"""Directed training without a unit: `training_unit_missing` says so already."""


def columns_of(field: Field) -> tuple[str, ...]:
    """Return the columns of a roster that say a field, the one to blame first."""
    if field.place:
        return (field.name, field.place)
    if field.name in PLACE_CODES:
        return (field.name, PLACE_CODES[field.name])
    if field.table:
        return (field.name, f"{field.name}_code")
    return (field.name, _INSTEAD[field.name]) if field.name in _INSTEAD else (field.name,)


class Destinations:
    """Reads the registrations of one file."""

    def __init__(self, header: Header) -> None:
        """Keep which fields the file has a column for."""
        self._columns = {
            name: found
            for name, field in REGISTRATION.items()
            if (found := [each for each in columns_of(field) if each in header.columns])
        }
        known = TITLES.keys() | header.columns.keys()
        self._readers = {
            name: _reader(REGISTRATION[name], known)
            for name in self._columns
            if name in known  # where a file goes has no code in any layout of files
        }

    def absent(self) -> list[str]:
        """Return the titles of what forms require and this file has no column for."""
        return [
            TITLES.get(field.name) or TITLES[field.place]
            for field in REGISTRATION.values()
            if field.name not in self._columns
            and (field.required or field.where_it_goes or field.type is ValueType.TRANSFER)
        ]

    def read(self, cells: Cells) -> dict[str, Any]:
        """Return what a row registers, by column; nothing at all where it has no category.

        A field of the unit that its category does not ask for goes with the unit's name. What a
        cell that is an error would say stays as it was.
        """
        said = {name: read(cells) for name, read in self._readers.items()}
        if cells.broken:
            broken = [
                name for name in said if not cells.broken.isdisjoint(columns_of(REGISTRATION[name]))
            ]
            for name in broken:
                del said[name]
        if not said.get("category"):
            return {}
        if "unit_name" in said and not said["unit_name"]:
            asked = fields.asked(said["category"]).fields
            gone = [
                name
                for name in OF_A_UNIT
                if PLACE_CODES.get(name, name) not in asked or name not in said
            ]
            said.update(dict.fromkeys(gone, ""))
        return said

    def point_out(self, cells: Cells, said: dict[str, Any], person: GraduateFacts) -> None:
        """Warn of what the form would refuse or ask about, where nothing is said of it yet."""
        values = {name: str(value) for name, value in said.items() if value}
        told = frozenset(cells.told)
        for problem in validation.problems_of(values, person):
            columns = self._columns.get(problem.field, [])
            if columns and told.isdisjoint(columns) and problem.code not in _SAID_OTHERWISE:
                blamed = next((each for each in columns if each in cells.texts), columns[0])
                complain = cells.error if breaks_agreement(problem, said) else cells.warn
                complain(blamed, problem.code, problem.sentence)


def breaks_agreement(problem: Problem, said: Mapping[str, Any]) -> bool:
    """Say whether a destination against an agreement refuses the row, as it does in the form.

    Who has none yet (待就业) is let in with a warning: that is no other destination.
    """
    unplaced = categories.category_group(said["category"]) is Group.UNPLACED
    return problem.code in _AGAINST_THE_AGREEMENT and not unplaced


def _reader(field: Field, known: Container[str]) -> Reader:
    if field.table:
        return partial(coded, name=field.name, table=field.table)
    if field.place:
        return lambda cells: region(cells, field.place)[0]
    if field.name in PLACE_CODES and PLACE_CODES[field.name] in known:
        return lambda cells: region(cells, field.name)[1]
    if field.name in _INSTEAD:
        return partial(_text_or_another, name=field.name)
    return partial(_BY_TYPE.get(field.type, _text), name=field.name)


def coded(cells: Cells, name: str, table: CodeTable) -> str:
    """Return the code that the two columns of a coded field agree on."""
    by_code = f"{name}_code"
    code, title = cells.texts.get(by_code, ""), cells.texts.get(name, "")
    if not code and not title:
        return ""
    return cells.parsed(by_code if code else name, parsing.coded, table, code, title) or ""


def region(cells: Cells, name: str) -> tuple[str, str]:
    """Return the code and the name of a region; both empty where the two columns disagree."""
    blamed, code, title = f"{name}_code", cells.get(f"{name}_code"), cells.get(name)
    if blamed in cells.told:
        return "", ""
    return cells.parsed(blamed, parsing.region, code, title) or ("", "")


def _text(cells: Cells, name: str) -> str:
    return cells.texts.get(name, "")


def _text_or_another(cells: Cells, name: str) -> str:
    return cells.texts.get(name) or cells.get(_INSTEAD[name])


def _unit_code(cells: Cells, name: str) -> str:
    text = cells.get(name)
    return (text and cells.parsed(name, parsing.unit_code, text)) or ""


def _postcode(cells: Cells, name: str) -> str:
    text = cells.get(name)
    return (text and cells.parsed(name, parsing.postcode, text, strict=False)) or ""


def _day(cells: Cells, name: str) -> Any:  # noqa: ANN401 - a day, or None where there is none
    text = cells.get(name)
    return cells.parsed(name, parsing.day, text) if text else None


_BY_TYPE: dict[ValueType, Callable[..., Any]] = {
    ValueType.UNIT_CODE: _unit_code,
    ValueType.POSTCODE: _postcode,
    ValueType.DAY: _day,
}
