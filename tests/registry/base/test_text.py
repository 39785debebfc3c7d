"""Text is cleaned, folded and compared in one way, whichever door it comes through."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from registry.base.text import clean, compared, compared_name, folded_number, person_name


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("  青禾　科技\t有限\n公司 ", "青禾 科技 有限 公司"),
        ("青\u200b禾\ufeff科\u202d技", "青禾科技"),
        ("e\u0301cole", "école"),
        ("葛\U000e0101城\ufe00", "葛城"),
        ("A1", "A1"),
        ("", ""),
    ],
)
def test_a_text_is_stored_without_what_nobody_sees(written: str, stored: str) -> None:
    assert clean(written) == stored


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("李　娟", "李娟"),
        ("阿依古丽 • 买买提", "阿依古丽·买买提"),
        ("阿依古丽.买买提", "阿依古丽·买买提"),
        ("阿依古丽。买买提", "阿依古丽·买买提"),
        ("古丽 ˙ 艾山", "古丽·艾山"),
        ("⾼欣", "高欣"),
        ("ＡＮＮＡ ＫＯＣＨ", "ANNA KOCH"),
        ("Ana  M. Maria", "Ana M. Maria"),
        ("𠮷 野", "𠮷野"),
    ],
)
def test_a_name_is_stored_without_blanks_in_chinese_and_with_one_dot(
    written: str, stored: str
) -> None:
    assert person_name(written) == stored


@pytest.mark.parametrize("written", ["9135 0100m", "９１３５０１００Ｍ", "\u202d91350100M\u202c"])
def test_a_number_is_folded(written: str) -> None:
    assert folded_number(written) == "91350100M"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("（北京）有限公司", "(北京)有限公司"),
        ("青禾科技 有限公司", "青禾科技有限公司"),
        ("示例路 1 号", "示例路1号"),
        ("Northshore  University", " Northshore University "),
        ("", None),
        (7, "７"),
    ],
)
def test_the_same_value_in_two_spellings_compares_equal(one: object, other: object) -> None:
    assert compared(one) == compared(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("AnaMaria", "Ana Maria"), ("ABC", "abc"), ("青禾·科技", "青禾科技"), ("0", None)],
)
def test_what_people_would_correct_is_another_value(one: object, other: object) -> None:
    assert compared(one) != compared(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("O’Brien", "O'Brien"),
        ("Ana Maria", "ANA MARIA"),
        ("欧阳·娜仁", "欧阳娜仁"),
        ("J. Sato", "JSato"),
        ("ＡＮＡ", "ana"),
        ("古丽˙艾山", "古丽·艾山"),
        ("阿依古丽。买买提", "阿依古丽买买提"),
    ],
)
def test_names_compare_without_blanks_signs_and_capitals(one: str, other: str) -> None:
    assert compared_name(one) == compared_name(other)


@given(some.text(alphabet="李娟欧阳⾼·•.．･。˙ \u3000Aaé'’\u200b\u202a\n（(Ａ１1"))
def test_what_is_stored_compares_like_what_was_written(text: str) -> None:
    for stored in (clean, folded_number, person_name):
        assert stored(stored(text)) == stored(text)
    assert compared(clean(text)) == compared(text)
    assert compared_name(person_name(text)) == compared_name(text)
