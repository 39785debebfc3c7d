"""What is known of where file and household go is not asked."""

import pytest

from registry.record import known_places

UNIT = {
    "unit_name": "青岛海纳软件有限公司",
    "unit_location_code": "370202",
    "unit_address": "香港中路 1 号",
    "unit_phone": "0532-86981234",
}
COUNTY, CITY = "370202", "370200"


def filled_in(origin: str = COUNTY, **values: str) -> dict[str, str]:
    return known_places.filled_in({**UNIT, **values}, origin)


def test_the_unit_that_signed_receives_the_file_where_it_is() -> None:
    assert filled_in(file_type="签约单位接收") == {
        "file_unit": "青岛海纳软件有限公司",
        "file_location_code": "370202",
        "file_address": "香港中路 1 号",
        "file_phone": "0532-86981234",
    }


def test_only_what_is_empty_is_filled_in() -> None:
    found = filled_in(file_type="签约单位接收", file_phone="0532-80001111")
    assert "file_phone" not in found
    assert found["file_unit"] == "青岛海纳软件有限公司"


def test_nothing_of_a_unit_goes_beside_the_name_of_another() -> None:
    assert filled_in(file_type="签约单位接收", file_unit="海尔集团公司") == {}


@pytest.mark.parametrize("kind", ["签约单位接收", "升学外校接收"])
def test_a_household_goes_to_the_place_of_unit_or_school(kind: str) -> None:
    assert filled_in(household_type=kind) == {"household_location_code": "370202"}


def test_a_household_goes_home_where_home_is_known_to_the_county() -> None:
    assert filled_in("370203", household_type="迁回生源地") == {"household_location_code": "370203"}
    assert filled_in(CITY, household_type="迁回生源地") == {}
    assert filled_in("", household_type="迁回生源地") == {}


def test_a_place_that_stands_by_its_name_alone_stays() -> None:
    assert filled_in(household_type="迁回生源地", household_location="青岛市") == {}


@pytest.mark.parametrize("kind", ["托管单位接收", "转回生源地", "暂存学校", ""])
def test_of_other_ways_nothing_is_known(kind: str) -> None:
    assert filled_in(file_type=kind) == {}


def test_a_unit_without_an_address_does_not_suffice() -> None:
    known = known_places.known_places("file_type", "签约单位接收", UNIT, "")
    assert known_places.suffices("file_type", known)
    assert known_places.said(known) == (
        "青岛海纳软件有限公司，山东省青岛市市南区，香港中路 1 号，0532-86981234"
    )
    del known["file_address"]
    assert not known_places.suffices("file_type", known)


def followed(before: dict[str, str], **changed: str) -> dict[str, str]:
    held = {**UNIT, **before}
    held |= known_places.filled_in(held, COUNTY)
    values = {**held, **changed}
    values |= known_places.followed(held, values, COUNTY)
    return values


TO_THE_UNIT = {"file_type": "签约单位接收", "household_type": "签约单位接收"}
OTHER = {"unit_name": "海尔集团公司", "unit_location_code": "370203", "unit_address": "海尔路 1 号"}


def test_file_and_household_follow_to_another_unit() -> None:
    values = followed({**TO_THE_UNIT, "file_contact": "张经理"}, **OTHER, unit_phone="")
    assert values["file_unit"] == "海尔集团公司"
    assert (values["file_location_code"], values["household_location_code"]) == ("370203", "370203")
    assert values["file_address"] == "海尔路 1 号"
    assert (values["file_phone"], values["file_contact"]) == ("", ""), "nothing of the old one's"


def test_what_is_corrected_of_the_unit_is_corrected_of_the_file() -> None:
    values = followed({**TO_THE_UNIT, "file_contact": "人事处"}, unit_phone="0532-80001111")
    assert (values["file_phone"], values["file_contact"]) == ("0532-80001111", "人事处")


def test_a_unit_she_named_herself_stays_whatever_signs() -> None:
    values = followed({**TO_THE_UNIT, "file_unit": "青岛市人才中心"}, **OTHER)
    assert values["file_unit"] == "青岛市人才中心"


def test_another_way_leads_elsewhere() -> None:
    values = followed(
        {"file_type": "签约单位接收", "household_type": "迁回生源地"},
        file_type="托管单位接收",
        household_type="签约单位接收",
        unit_location_code="370203",
    )
    assert (values["file_unit"], values["file_address"]) == ("", ""), "so it is asked for"
    assert values["household_location_code"] == "370203"
