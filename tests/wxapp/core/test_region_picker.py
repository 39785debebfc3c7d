"""A place is chosen in three lists: all that is in force can be, nothing that is abolished."""

import pytest

from registry.codes import regions
from wxapp.core import region_picker

FIELD = "unit_location_code"


def chosen(*codes: str) -> str:
    """Return what a form gives whose lists stand so, from the province down."""
    names = [f"{FIELD}-{level}" for level, _ in region_picker.LEVELS]
    return region_picker.picked(dict(zip(names, codes, strict=False)), FIELD)


def shown(code: str) -> list[str]:
    return [each.chosen for each in region_picker.selects(FIELD, code)]


def test_every_region_in_force_can_be_chosen_and_is_shown_again() -> None:
    whole = [code for code in regions.codes() if regions.is_whole(code)]
    assert len(whole) > 2_800
    for code in whole:
        assert chosen(*regions.above(code), code) == code
        assert [each for each in shown(code) if each] == [*regions.above(code), code]


@pytest.mark.parametrize("code", ["500112", "330104"])
def test_an_abolished_region_is_not_offered_and_stays_until_another_is_chosen(code: str) -> None:
    assert shown(code) == ["", "", ""]
    province = region_picker.selects(FIELD, code)[0]
    assert (province.stands, province.stands_name) == (code, regions.region_name(code))
    kept = {f"{FIELD}-stands": code}
    assert region_picker.picked(kept, FIELD) == code
    assert region_picker.picked(kept | {f"{FIELD}-province": "370000"}, FIELD) == "370000"
    assert region_picker.picked({f"{FIELD}-stands": "110108"}, FIELD) == ""


@pytest.mark.parametrize("code", ["330113", "330114", "460302", "653132", "232761"])
def test_a_region_of_the_last_years_is_in_the_list(code: str) -> None:
    options = dict(region_picker.selects(FIELD, code)[2].options)
    assert options[code] == regions.own_names(code)[-1]


def test_where_there_is_one_way_down_it_is_gone() -> None:
    assert chosen("110000") == "110100"
    assert chosen("810000") == "810000"
    assert chosen("370000") == "370000"


def test_choices_that_do_not_fit_each_other_count_as_far_as_they_do() -> None:
    assert chosen("370000", "330100", "330106") == "370000"
    assert chosen("990000") == ""
