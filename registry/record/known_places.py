"""Where file and household go, as far as it is known already: what is known is not asked.

The unit that signed, the school that admits, the place she came from. Sources: the operating guide
of 2023 (types of transfer), the notices on files of 2023 (the receiver's address and telephone).
"""

from collections.abc import Mapping

from registry.codes import regions
from registry.record.fields import FILE_BLOCK, HOUSEHOLD_BLOCK, PLACES, REGISTRATION

_OF_UNIT = {
    "file_unit": "unit_name",
    "file_location_code": "unit_location_code",
    "file_address": "unit_address",
    "file_postcode": "unit_postcode",
    "file_contact": "unit_contact",
    "file_phone": "unit_phone",
}
_TO_THE_UNIT = frozenset({"签约单位接收", "升学外校接收"})
_HOME = frozenset({"迁回生源地", "回原籍"})
BLOCKS = {"file_type": FILE_BLOCK, "household_type": HOUSEHOLD_BLOCK}
_HEADS = {"file_type": "file_unit", "household_type": "household_location_code"}
"""What says of a block that the place is another."""
_CITY = "file_location_code"
"""Whoever takes files in a unit's stead is mostly where the unit is: it stays until another is."""


def known_places(
    block: str, title: str, values: Mapping[str, str], origin_code: str
) -> dict[str, str]:
    """Return what is known of where a type of transfer leads to, by field; nothing of others.

    `block` is `file_type` or `household_type`, `title` a type of that block, `values` the form.
    """
    if title in _TO_THE_UNIT and block == "file_type":
        found = {name: values.get(source, "") for name, source in _OF_UNIT.items()}
    elif title in _TO_THE_UNIT:
        found = {"household_location_code": values.get("unit_location_code", "")}
    elif title in _HOME and regions.is_whole(origin_code):
        found = {"household_location_code": origin_code}
    else:
        found = {}
    return {name: text for name, text in found.items() if text}


def filled_in(values: Mapping[str, str], origin_code: str) -> dict[str, str]:
    """Return what is known of places that she left empty; nothing where she named another unit."""
    found: dict[str, str] = {}
    for block in BLOCKS:
        known = known_places(block, values.get(block, ""), values, origin_code)
        if values.get("file_unit", "") in {"", known.get("file_unit")} or block != "file_type":
            found |= {name: text for name, text in known.items() if not _stands(name, values)}
    return found


def followed(
    before: Mapping[str, str], values: Mapping[str, str], origin_code: str
) -> dict[str, str]:
    """Return what was known of places in the form before as it is known now; empty if it is not.

    Another unit or another type leads elsewhere; what stood in the form beside the old place goes
    with it. Where she named a place herself, and what she wrote just now, stays.
    """
    found: dict[str, str] = {}
    for block, head in _HEADS.items():
        old = known_places(block, before.get(block, ""), before, origin_code)
        new = known_places(block, values.get(block, ""), values, origin_code)
        kept = {name for name, text in old.items() if values.get(name) == text}
        if head in kept and new.get(head) != old[head]:
            places = set(BLOCKS[block]) - {block}
            kept |= {each for each in places if values.get(each) == before.get(each)}
        found |= {name: new.get(name, "") for name in kept if name in new or name != _CITY}
    return found


def suffices(block: str, known: Mapping[str, str]) -> bool:
    """Say whether what is known leaves nothing of a block to be asked."""
    wanted = (name for name in BLOCKS[block] if REGISTRATION[name].where_it_goes)
    return all(name in known for name in wanted)


def is_open(block: str, values: Mapping[str, str]) -> bool:
    """Say whether a place of a block was filled in already."""
    return any(values.get(name) for name in BLOCKS[block] if name != block)


def said(known: Mapping[str, str]) -> str:
    """Return what is known as a sentence says it: unit, place, address, telephone."""
    code = known.get("file_location_code") or known.get("household_location_code", "")
    parts = (known.get("file_unit"), regions.region_name(code), known.get("file_address"))
    return "，".join(each for each in (*parts, known.get("file_phone")) if each)


def _stands(name: str, values: Mapping[str, str]) -> bool:
    """Say whether a field was filled in; a place also by its name alone."""
    return bool(values.get(name) or values.get(PLACES.get(name, "")))
