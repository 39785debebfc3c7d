"""Values are made to fit the types of a template, or refused before anything is sent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifier.ledger.fields import TYPES, ImpossibleValue, fit, type_of


@pytest.mark.parametrize(
    ("kind", "value", "sent"),
    [
        ("thing", "毕业去向", "毕业去向"),
        ("thing", "  某某大学 \n 计算机学院 ", "某某大学 计算机学院"),
        ("thing", "恭喜🎉你", "恭喜 你"),
        ("thing", "北" * 20, "北" * 20),
        ("thing", "北" * 21, "北" * 19 + "…"),
        (
            "thing",
            "北京市海淀区人力资源公共服务中心，档案接收科",
            "北京市海淀区人力资源公共服务中心…",
        ),
        ("phrase", "未确认", "未确认"),
        ("time", "2026年6月30日 23:59", "2026年6月30日 23:59"),
        ("time", "15:01", "15:01"),
        ("date", "2026-06-30", "2026-06-30"),
        ("character_string", "AB-12", "AB-12"),
        ("amount", "￥12.50元", "￥12.50元"),
    ],
    ids=str,
)
def test_a_value_that_fits_is_sent_as_it_is_or_cut_at_a_break(
    kind: str, value: str, sent: str
) -> None:
    assert fit(kind, value) == sent


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("thing", ""),
        ("thing", " \n "),
        ("thing", "🎉"),
        ("phrase", "未确认的状态"),
        ("phrase", "OK"),
        ("time", "2026年6月30日"),
        ("date", "明天"),
        ("number", "十二"),
        ("character_string", "编号"),
    ],
    ids=str,
)
def test_a_value_that_cannot_fit_is_refused(kind: str, value: str) -> None:
    with pytest.raises(ImpossibleValue):
        fit(kind, value)


@given(st.sampled_from(sorted(TYPES)), st.text(max_size=60))
def test_whatever_is_sent_keeps_to_its_type(kind: str, value: str) -> None:
    try:
        sent = fit(kind, value)
    except ImpossibleValue:
        return
    limits = TYPES[kind]
    assert 0 < len(sent) <= limits.limit
    assert "\n" not in sent
    assert limits.pattern is None or limits.pattern.fullmatch(sent)


def test_a_key_names_its_type_by_its_longest_prefix() -> None:
    assert type_of("character_string12") == "character_string"
    assert type_of("short_thing1") == "short_thing"
    with pytest.raises(KeyError):
        type_of("nothing3")
