"""The names of the interface: the column codes of the national layouts, in pinyin initials.

Those that the national upload has (`ksh`, `byqxdm`, `dwmc` …) are taken as they are; what it has no
code for is named in the same way by its Chinese title. A record says everything each time: a name
that is left out is as good as an empty text.
"""

from dataclasses import dataclass

from registry.record.fields import REGISTRATION
from registry.roster.layouts import TITLES, Header, Layout

_DESTINATION = """
byqxdm   category_code
qyrq     signed_on
dwzzjgdm unit_code
dwmc     unit_name
dwxzdm   unit_nature_code
dwhydm   unit_industry_code
dwszddm  unit_location_code
dwszd    unit_location
gzzwlbdm job_class_code
dwlxr    unit_contact
lxrdh    unit_phone
lxrsj    unit_mobile
dwdz     unit_address
dwyb     unit_postcode
lxgjdq   study_country
lxyxzwmc study_school
lxyxwwmc study_school_foreign
lxzyzwmc study_major
lxzywwmc study_major_foreign
dazdlx   file_type
dazjdwmc file_unit
dazjdwszddm file_location_code
dazjdwszd file_location
dazjdwdz file_address
dazjdwyb file_postcode
dazjlxr  file_contact
dazjlxdh file_phone
hkqylx   household_type
hkqzdzdm household_location_code
hkqzdz   household_location
"""
FIELDS = dict(line.split() for line in _DESTINATION.strip().splitlines())
"""Name -> field of a roster's row."""
_LONGEST = 200


@dataclass(frozen=True)
class NationalName:
    """One name of a destination's part of a record."""

    name: str
    title: str
    limit: int
    """Characters."""


def _title(field: str) -> str:
    if field in TITLES:
        return TITLES[field]
    return f"{REGISTRATION[field].title}代码"


def _limit(field: str) -> int:
    known = REGISTRATION.get(field) or REGISTRATION.get(field.removesuffix("_code"))
    return known.limit if known and known.limit else _LONGEST


NAMES = tuple(NationalName(name, _title(field), _limit(field)) for name, field in FIELDS.items())
HEADER = Header(
    layout=Layout.NATIONAL,
    columns={field: place for place, field in enumerate(FIELDS.values())},
    titles=tuple(FIELDS),
    first_row=0,
    unknown=(),
)
"""The names as the header of a roster, so that rows are read as rosters are."""
