"""The table of regions: complete, dated, in simplified characters, and what of it is offered."""

import re

import pytest

from registry.codes import regions
from registry.population import facts

FIRST_YEAR, LAST_YEAR = 1980, 2026
CODES = list(regions.codes())


def offered(above: str = "") -> list[str]:
    below = [code for code, _ in regions.below(above)]
    return below + [each for code in below for each in offered(code)]


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("110000", "北京市"),
        ("110101", "北京市东城区"),
        ("370101", "山东省济南市"),  # 市辖区: no name of its own
        ("370102", "山东省济南市历下区"),
        ("441900", "广东省东莞市"),
        ("460302", "海南省三沙市西沙区"),
        ("460400", "海南省儋州市"),
        ("659001", "新疆维吾尔自治区石河子市"),
        ("429004", "湖北省仙桃市"),
        ("710000", "台湾省"),
        ("810000", "香港特别行政区"),
        ("820000", "澳门特别行政区"),
        ("370199", ""),
        ("830000", ""),
        ("990000", ""),
        ("3701", ""),
        ("３７０１０２", ""),
        ("", ""),
    ],
)
def test_a_region_has_its_full_name(code: str, name: str) -> None:
    assert regions.region_name(code) == name


@pytest.mark.parametrize(
    ("code", "name", "since"),
    [
        ("330113", "浙江省杭州市临平区", 2021),
        ("330114", "浙江省杭州市钱塘区", 2021),
        ("130502", "河北省邢台市襄都区", 2020),
        ("350405", "福建省三明市沙县区", 2021),
        ("540481", "西藏自治区林芝市米林市", 2023),
        ("659012", "新疆维吾尔自治区白杨市", 2022),
        ("653228", "新疆维吾尔自治区和田地区和康县", 2024),
        ("500157", "重庆市两江新区", 2025),
        ("653132", "新疆维吾尔自治区喀什地区岑岭县", 2026),
        ("659013", "新疆维吾尔自治区草湖市", 2026),
    ],
)
def test_a_region_of_the_last_years_is_known_and_offered(code: str, name: str, since: int) -> None:
    assert regions.region_name(code) == name
    assert regions.validities(code)[-1].since == since
    assert code in offered()


@pytest.mark.parametrize(
    ("code", "name", "until", "successor"),
    [
        ("110103", "北京市崇文区", 2010, "110101"),
        ("330104", "浙江省杭州市江干区", 2021, "330102"),
        ("330184", "浙江省杭州市余杭市", 2001, "330110"),
        ("371202", "山东省莱芜市莱城区", 2018, "370116"),
        ("440524", "广东省汕头市潮阳县", 1993, "449011"),
        ("379001", "山东省青州市", 1995, "370781"),
        ("500112", "重庆市渝北区", 2025, "500157"),
        ("512301", "四川省涪陵地区涪陵市", 1995, ""),
    ],
)
def test_an_abolished_region_is_known_and_not_offered(
    code: str, name: str, until: int, successor: str
) -> None:
    assert regions.region_name(code) == name
    ended = regions.validities(code)[-1]
    assert (ended.until, ended.successor) == (until, successor)
    assert not regions.in_force(code)
    assert not regions.is_whole(code)
    assert code not in offered()


def test_a_code_used_again_keeps_what_it_stood_for() -> None:
    assert [(each.name, each.since, each.until) for each in regions.validities("232701")] == [
        ("加格达奇区", 1981, 2018),
        ("漠河市", 2018, None),
    ]


@pytest.mark.parametrize(
    ("code", "own"),
    [("232761", "加格达奇区"), ("232762", "松岭区"), ("232763", "新林区"), ("232764", "呼中区")],
)
def test_the_districts_of_the_hinggan_are_named_in_simplified_characters(
    code: str, own: str
) -> None:
    assert regions.region_name(code) == f"黑龙江省大兴安岭地区{own}"
    assert code in offered()


def test_where_an_area_went_is_followed_over_the_years_and_back() -> None:
    assert regions.successors("330125") == ("339021", "330184", "330110")
    assert {"330125", "339021", "330184"} <= set(regions.predecessors("330110"))
    assert regions.successors("370102") == ()


def test_there_are_34_provinces() -> None:
    assert len(regions.provinces()) == 34
    assert [code for code, _ in regions.below()] == [f"{code}0000" for code in regions.provinces()]
    assert regions.is_province("370000")
    assert not regions.is_province("830000")


def test_as_many_regions_are_in_force_as_the_ministry_counts() -> None:
    """The counts of the ministry's place name database on 2026-09-11, with Taiwan's province."""
    named = [code for code in CODES if regions.in_force(code) and regions.own_names(code)]
    beyond_the_standard = {"232761", "232762", "232763", "232764", "632857"}
    counties = {code for code in named if not code.endswith("00")} - beyond_the_standard
    prefectures = [code for code in named if code.endswith("00") and code[2:] != "0000"]
    assert (len(prefectures), len(counties)) == (333, 2847)


def test_what_is_offered_is_in_force_and_has_a_name() -> None:
    for code in offered():
        assert regions.in_force(code), code
        assert regions.region_name(code), code
    whole = [code for code in offered() if regions.is_whole(code)]
    assert len(whole) > 2_800
    assert not set(whole) & {regions.above(code)[-1] for code in whole if regions.above(code)}


@pytest.mark.parametrize(
    ("code", "whole"),
    [
        ("370102", True),
        ("441900", True),
        ("460400", True),
        ("810000", True),
        ("370100", False),
        ("370101", False),
        ("620201", False),
        ("370000", False),
        ("469000", False),
        ("370199", False),
    ],
)
def test_a_place_goes_down_to_a_county_or_to_what_has_none(code: str, *, whole: bool) -> None:
    assert regions.is_whole(code) is whole


def test_made_up_people_come_from_regions_in_force() -> None:
    assert all(regions.is_whole(code) for code in facts.REGIONS)


def test_the_table_is_in_order() -> None:
    assert sorted(set(CODES)) == CODES
    for code in CODES:
        assert re.fullmatch(r"[1-8][0-9]{5}", code)
        for each in regions.validities(code):
            assert re.fullmatch(r"[\u4e00-\u9fff]{1,20}", each.name), code
            assert not set(each.name) & set("縣區臺灣東門龍嶺廣陽場濟蘭"), code
            assert FIRST_YEAR <= (each.since or FIRST_YEAR) <= (each.until or LAST_YEAR), code
            assert (each.until or LAST_YEAR) <= LAST_YEAR, code
        assert all(each.until for each in regions.validities(code)[:-1]), code


def test_every_region_lies_in_a_known_one_and_went_to_a_known_one() -> None:
    known = set(CODES)
    for code in CODES:
        assert set(regions.above(code)) <= known, code
        assert set(regions.successors(code)) <= known, code
        if regions.in_force(code):
            assert all(map(regions.in_force, regions.above(code))), code
