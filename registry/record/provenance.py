"""Where a registration came from (信息来源), as lists, filters, counts and pages say it.

`Source` has three values, those of the guides. What a graduate registered here and what a school
corrected here are kept as the national system's, and told apart by `source_name`.
"""

from enum import StrEnum
from functools import cache

from sqlalchemy import ColumnElement, case, func

from registry.record.tables import (
    OWN_REGISTRATION,
    SCHOOL_CORRECTION,
    SIGNED_ON_PAPER,
    SIGNED_ONLINE,
    SOURCE_TITLES,
    Registration,
    Source,
)


class Provenance(StrEnum):
    """Where a registration came from."""

    OWN = "own"
    """Registered here by the graduate, and passed by the reviewers."""
    AGREEMENT = "agreement"
    """By an agreement that was signed here, online or on paper."""
    SCHOOL = "school"
    """Corrected here by the school."""
    IMPORT = "import"
    PROVINCE_INTERFACE = "province_interface"
    NATIONAL = "national"


TITLES = {
    Provenance.OWN: OWN_REGISTRATION,
    Provenance.AGREEMENT: "就业协议",
    Provenance.SCHOOL: SCHOOL_CORRECTION,
    Provenance.IMPORT: SOURCE_TITLES[Source.IMPORT],
    Provenance.PROVINCE_INTERFACE: SOURCE_TITLES[Source.PROVINCE_INTERFACE],
    Provenance.NATIONAL: SOURCE_TITLES[Source.NATIONAL],
}
FROM_ELSEWHERE = frozenset({Provenance.PROVINCE_INTERFACE, Provenance.NATIONAL})
"""Another system reported it."""
_CAME_ABOUT_HERE = {
    OWN_REGISTRATION: Provenance.OWN,
    SIGNED_ONLINE: Provenance.AGREEMENT,
    SIGNED_ON_PAPER: Provenance.AGREEMENT,
    SCHOOL_CORRECTION: Provenance.SCHOOL,
}


def provenance_of(registration: Registration) -> Provenance:
    """Return where a registration came from."""
    if registration.source == Source.NATIONAL:
        for name, provenance in _CAME_ABOUT_HERE.items():
            if registration.source_name.startswith(name):
                return provenance
    return Provenance(registration.source)


@cache
def provenance_sql() -> ColumnElement[str]:
    """Return the same as SQL, empty where no registration was joined."""
    came_about_here = Registration.source == Source.NATIONAL
    return case(
        *(
            (came_about_here & Registration.source_name.startswith(name), provenance)
            for name, provenance in _CAME_ABOUT_HERE.items()
        ),
        else_=func.coalesce(Registration.source, ""),
    )


def words_of(registration: Registration) -> str:
    """Return where it came from, by whom where that is known: 学校更正：王老师."""
    title = TITLES[provenance_of(registration)]
    name = registration.source_name
    if not name or name == title or name in _CAME_ABOUT_HERE:
        return title
    return name if name.startswith(title) else f"{title}（{name}）"
