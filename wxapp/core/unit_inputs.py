"""The fields by which an employer says what it is."""

from collections.abc import Mapping

from registry.record.fields import REGISTRATION
from registry.signing import employers
from registry.signing.terms import UNIT
from wxapp.core.field_inputs import CONTROLS, FieldInput


def unit_inputs(
    values: Mapping[str, str], problems: Mapping[str, str], without: frozenset[str] = frozenset()
) -> list[FieldInput]:
    """Return the inputs with what stands in them and what is wrong."""
    names = [each for each in UNIT if each not in without]
    return [_input(each, values.get(each, ""), problems.get(each, "")) for each in names]


def _input(name: str, value: str, problem: str) -> FieldInput:
    about = REGISTRATION[name]
    options = list(about.table.codes.items()) if about.table else []
    for_graduates = "您" in about.hint
    return FieldInput(
        name=name,
        title=about.title,
        kind=CONTROLS.get(about.type) or ("select" if options else "text"),
        value=value,
        options=options,
        required=name in employers.REQUIRED,
        limit=about.limit,
        problem=problem,
        hint="" if for_graduates else about.hint,
    )
