"""Whether a region's written name fits its code."""

import pytest

from registry.base.errors import RuleError
from registry.codes import parsing, region_names, regions


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("330106", "浙江省杭州市西湖区"),
        ("330106", "浙江杭州西湖"),
        ("330106", "西湖区"),
        ("330106", "浙江省 杭州市 西湖区"),
        ("330106", "浙江省-杭州市-西湖区"),
        ("330106", "浙江省杭州市西湖区文三路 1 号"),
        ("370102", "山东省济南市市辖区历下区"),
        ("110101", "北京市北京市东城区"),
        ("659001", "新疆石河子市"),
        ("659001", "新疆生产建设兵团石河子市"),
        ("429004", "湖北省省直辖县级行政区划仙桃市"),
        ("450102", "广西自治区南宁市兴宁区"),
        ("632521", "海南州共和县"),
        ("220202", "吉林市昌邑区"),
        ("710000", "中国台湾省"),
        ("810000", "香港"),
    ],
)
def test_a_name_fits_however_it_is_written(code: str, name: str) -> None:
    assert region_names.agrees(code, name)


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("330106", "浙江省宁波市海曙区"),
        ("330106", "宁波市海曙区"),
        ("330106", "海曙区"),
        ("330106", "浙江省杭州市上城区"),
        ("330106", "浙江省上城区"),
        ("330106", "江西省南昌市西湖区"),
        ("330106", "朝阳区"),
        ("370100", "山东省青岛市"),
        ("430102", "湖南省长沙市长沙县"),
        ("430102", "长沙县"),
        ("110000", "天津市"),
        ("370102", "河北"),
        ("500112", "重庆市江北区"),
        ("371202", "山东省济南市历下区"),
        ("810000", "澳门特别行政区"),
        ("710000", "福建省"),
        ("140215", "山西省大同市云冈区"),  # it was 大同县
        ("150624", "内蒙古自治区鄂尔多斯市鄂托克前旗"),
        ("140303", "山西省阳泉市城区"),
    ],
)
def test_the_name_of_another_region_does_not_fit(code: str, name: str) -> None:
    assert not region_names.agrees(code, name)


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("330184", "浙江省杭州市余杭区"),
        ("330110", "浙江省余杭市"),
        ("371202", "山东省济南市莱芜区"),
        ("370116", "山东省莱芜市莱城区"),
        ("500112", "重庆市两江新区"),
        ("341402", "安徽省合肥市巢湖市"),
        ("419001", "河南省焦作市济源市"),
        ("130502", "河北省邢台市桥东区"),
    ],
)
def test_a_name_from_before_or_after_a_change_fits(code: str, name: str) -> None:
    assert region_names.agrees(code, name)


@pytest.mark.parametrize("code", ["320106", "320302", "350102"])
def test_a_name_that_several_regions_have_fits_each(code: str) -> None:
    assert region_names.agrees(code, "鼓楼区")


def test_a_name_that_several_regions_have_fits_only_one_with_its_city() -> None:
    assert region_names.agrees("320302", "江苏省徐州市鼓楼区")
    assert not region_names.agrees("320106", "江苏省徐州市鼓楼区")


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("370102", ""),
        ("370102", "无"),
        ("370102", "山东省"),
        ("370102", "济南市"),
        ("370102", "济南高新技术产业开发区"),
        ("370100", "山东省济南市历下区"),
        ("370000", "济南市"),
        ("370101", "山东省济南市历下区"),
        ("370901", "山东省泰安市泰山区"),
        ("330106", "浙江省杭州市郊区"),
        ("441900", "广东省东莞市长安镇"),
        ("710000", "台湾省台北市"),
    ],
)
def test_a_name_that_says_less_or_more_or_nothing_known_fits(code: str, name: str) -> None:
    assert region_names.agrees(code, name)


def test_every_code_fits_its_own_name() -> None:
    assert [each for each in regions.codes() if not agrees_with_itself(each)] == []


def test_no_whole_region_fits_the_name_of_one_near_it() -> None:
    whole = [code for code in regions.codes() if regions.is_whole(code)]
    assert [
        (code, other)
        for step in (1, 2, 7)
        for code, other in zip(whole, whole[step:] + whole[:step], strict=True)
        if region_names.agrees(code, regions.region_name(other))
        or region_names.agrees(other, regions.region_name(code))
    ] == []


def agrees_with_itself(code: str) -> bool:
    return region_names.agrees(code, regions.region_name(code))


def test_a_code_is_stored_with_the_regions_full_name() -> None:
    assert parsing.region("370102", "历下区") == ("370102", "山东省济南市历下区")
    assert parsing.region("330113", "浙江省杭州市临平区") == ("330113", "浙江省杭州市临平区")
    assert parsing.region("370102000000", "") == ("370102", "山东省济南市历下区")
    assert parsing.region("371202", "济南市莱芜区") == ("371202", "山东省莱芜市莱城区")


def test_a_code_with_another_regions_name_is_refused_and_both_are_named() -> None:
    with pytest.raises(RuleError) as refused:
        parsing.region("330106", "浙江省宁波市海曙区")
    assert refused.value.code == "region_name_disagree"
    assert "浙江省杭州市西湖区" in refused.value.sentence
    assert "浙江省宁波市海曙区" in refused.value.sentence


def test_the_beginning_of_a_residence_permit_is_no_region_and_the_right_code_is_said() -> None:
    with pytest.raises(RuleError) as refused:
        parsing.region("830000", "台湾省")
    assert refused.value.code == "region_unknown"
    assert "710000" in refused.value.sentence
