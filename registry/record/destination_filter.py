"""Which destinations in force a list is narrowed to: category, unit, place and post."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import ColumnElement, SQLColumnExpression, func, or_

from registry.record.tables import Registration

UNFILLED = "未填写"
"""What a filter is given for those of whom a column says nothing."""
PROVINCE_DIGITS = 2


@dataclass(frozen=True)
class DestinationFilter:
    """What the version in force has to say; what is empty does not narrow."""

    categories: tuple[str, ...] = ()
    """Codes of 毕业去向, or what they begin with: `50` is every national project."""
    unit_name: str = ""
    unit_nature: str = ""
    unit_industry: str = ""
    unit_province: str = ""
    """The first two digits of the place's code."""
    job_class: str = ""


def conditions(wanted: DestinationFilter) -> Iterator[ColumnElement[bool]]:
    """Yield the conditions of a query that joined the registration in force."""
    if wanted.categories:
        yield or_(
            *(Registration.category.startswith(each, autoescape=True) for each in wanted.categories)
        )
    plain: list[tuple[SQLColumnExpression[str], str]] = [
        (Registration.unit_name, wanted.unit_name),
        (Registration.unit_nature, wanted.unit_nature),
        (Registration.unit_industry, wanted.unit_industry),
        (unit_province(), wanted.unit_province),
        (Registration.job_class, wanted.job_class),
    ]
    yield from (says(column, value) for column, value in plain if value)


def unit_province() -> ColumnElement[str]:
    """Return the first two digits of where the unit is, empty where that has no code."""
    return func.substr(Registration.unit_location_code, 1, PROVINCE_DIGITS)


def says(column: SQLColumnExpression[str], value: str) -> ColumnElement[bool]:
    """Return the condition that a column says a value, or nothing where `UNFILLED` is asked for."""
    return column.in_(("", UNFILLED)) if value == UNFILLED else column == value
