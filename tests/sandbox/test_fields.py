"""The rules of a template's fields, one line each."""

import pytest

from sandbox.errors import Refusal
from sandbox.fields import check_data, fits, kind_of

FITTING = [
    ("thing1", "二十字以内，标点 and ABC 12"),
    ("thing12", "字" * 20),
    ("short_thing3", "五个字正好"),
    ("character_string2", "A-0001/2026"),
    ("number4", "12.5"),
    ("letter5", "ABCdef"),
    ("symbol6", "￥#!"),
    ("phrase7", "未确认"),
    ("name8", "李娟"),
    ("name8", "Maria Fernanda Silva"),
    ("time9", "15:01"),
    ("time9", "2019年10月1日 15:01"),
    ("time9", "2026-06-30 17:00:00"),
    ("time9", "2019年10月1日 15:01 ~ 2019年10月2日 16:00"),
    ("date1", "2019年10月1日"),
    ("date1", "2019-10-01"),
    ("date1", "2019.10.1 08:00"),
    ("amount2", "￥100.00元"),
    ("phone_number3", "+86-0766-66888866"),
    ("car_number4", "粤A8Z888挂"),
    ("const5", "已通过"),
    ("keyword1", "旧模板不受限制，" * 9),
]
BREAKING = [
    ("thing1", "字" * 21),
    ("thing1", "第一行\n第二行"),
    ("thing1", "笑脸😀"),
    ("short_thing3", "五个字还多"[:5] + "了"),
    ("character_string2", "编号1"),
    ("character_string2", "x" * 33),
    ("number4", "十二"),
    ("letter5", "A1"),
    ("symbol6", "a"),
    ("phrase7", "未确认2"),
    ("phrase7", "多于五个汉字"),
    ("name8", "十一个汉字的姓名太长了啊"),
    ("name8", "x" * 21),
    ("time9", "2019年10月1日"),
    ("time9", "25:00"),
    ("date1", "15:01"),
    ("date1", "10月1日"),
    ("amount2", "一百元"),
    ("amount2", "12345678901"),
    ("phone_number3", "1" * 18),
    ("car_number4", "粤A8Z888挂车位"),
]


@pytest.mark.parametrize(("key", "value"), FITTING)
def test_a_fitting_value_passes(key: str, value: str) -> None:
    assert fits(key, value)


@pytest.mark.parametrize(("key", "value"), BREAKING)
def test_a_breaking_value_is_refused(key: str, value: str) -> None:
    assert not fits(key, value)


@pytest.mark.parametrize(
    ("key", "kind"),
    [("thing12", "thing"), ("short_thing1", "short_thing"), ("phone_number10", "phone_number")],
)
def test_the_kind_is_the_whole_word_before_the_number(key: str, kind: str) -> None:
    assert kind_of(key) == kind


CONTENT = "姓名:{{thing1.DATA}}\n时间:{{time2.DATA}}\n"
RIGHT = {"thing1": {"value": "某人"}, "time2": {"value": "15:01"}}


@pytest.mark.parametrize(
    ("wrong", "errmsg"),
    [
        ({"thing1": {"value": "字" * 21}}, "argument invalid! data.thing1.value invalid"),
        ({"thing1": {"value": ""}}, "argument invalid! data.thing1.value is empty"),
        ({"time2": {"value": "   "}}, "argument invalid! data.time2.value is empty"),
        ({"time2": None}, "argument invalid! data.time2.value is empty"),
    ],
)
def test_a_refusal_names_the_field(wrong: dict[str, object], errmsg: str) -> None:
    with pytest.raises(Refusal) as refused:
        check_data(CONTENT, RIGHT | wrong)
    assert (refused.value.errcode, refused.value.errmsg) == (47003, errmsg)


def test_what_the_template_does_not_know_is_left_out() -> None:
    extra = {"first": {"value": "不再显示"}}
    assert check_data(CONTENT, RIGHT | extra) == {"thing1": "某人", "time2": "15:01"}
