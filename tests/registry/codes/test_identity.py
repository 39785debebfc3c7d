"""Identity numbers and phones: what is right, what is refused, and what may be shown of them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as some

from registry.base.errors import RuleError
from registry.codes import identity
from tests.registry.staff_context import VAULT


@pytest.mark.parametrize(
    "number",
    [
        "11010519491231002X",
        "440524188001010014",  # a county that is gone
        "830000200403120017",  # the residence permit of somebody from Taiwan
        "810000200403120021",  # from Hong Kong
        "820000200403120031",  # from Macau
        "911384200403120046",  # a foreigner's permanent residence card, since 2023
        "ABC110104031234",  # and before
        "EA1234567",
        "H12345678",
        "M1234567890",
        "E12345678",
        "12345678",
    ],
)
def test_a_right_number_passes(number: str) -> None:
    identity.check(number)


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("110105194912310021", "identity_check"),
        (identity.with_check_character("11010519491331002"), "identity_birth_date"),
        (identity.with_check_character("88010519491231002"), "identity_region"),
        ("110105491231002", "identity_length"),
        ("遗失，补办中", "identity_form"),
        ("", "identity_form"),
    ],
)
def test_a_wrong_number_is_refused_without_being_repeated(number: str, code: str) -> None:
    with pytest.raises(RuleError) as refused:
        identity.check(number)
    assert refused.value.code == code
    assert not number or number not in refused.value.sentence


@pytest.mark.parametrize(
    ("number", "code", "said"),
    [
        ("37010220040515105×", "identity_sign", "应是字母 X"),
        ("37010220040515105Х", "identity_sign", "应是字母 X"),  # Cyrillic
        ("37010220040515105Y", "identity_sign", "第 18 位"),
        ("37O102200409150089", "identity_sign", "第 3 位是字母 O，应为数字 0"),
        ("37О102200409150089", "identity_sign", "第 3 位是字母 O，应为数字 0"),  # Cyrillic
        ("3701022004091500l9", "identity_sign", "第 17 位是字母 L，应为数字 1"),
        ("370102********0079", "identity_sign", "星号"),
        ("370102＊＊＊＊＊＊＊＊0079", "identity_sign", "星号"),
        ("37010220040615005", "identity_length", "现在是 17 位"),
        ("3701020040515105X", "identity_length", "现在是 17 位"),
        ("3701022004071501577", "identity_length", "现在是 19 位"),
        ("370102040515003", "identity_length", "15 位的旧身份证号"),
        ("身份证370102200401150180", "identity_form", "只填写号码"),
        ("370102200401150180(补)", "identity_form", "只填写号码"),
        ("A123456(7)", "identity_form", "通行证、居住证或护照"),
        ("军字第2201988号", "identity_form", "不像护照或通行证号"),
        ("3.70102E+17", "identity_form", "不像护照或通行证号"),
    ],
)
def test_what_is_wrong_with_a_number_is_said(number: str, code: str, said: str) -> None:
    normalised = identity.normalised(number)
    with pytest.raises(RuleError) as refused:
        identity.check(normalised)
    assert refused.value.code == code
    assert said in refused.value.sentence
    assert not identity.is_other_document(normalised)


@given(some.text("0123456789XO*ABJ×() 身份证", max_size=20))
def test_what_is_refused_is_not_taken_for_a_passport(text: str) -> None:
    number = identity.normalised(text)
    if refused(number):
        assert not identity.is_other_document(number)
    else:
        assert identity.is_other_document(number) != identity.is_resident(number)


def refused(number: str) -> bool:
    try:
        identity.check(number)
    except RuleError:
        return True
    return False


@given(
    some.from_regex(r"[1-9][0-9]{16}", fullmatch=True), some.integers(0, 17), some.integers(1, 9)
)
def test_one_wrong_digit_never_passes(first: str, at: int, shift: int) -> None:
    number = identity.with_check_character(first)
    last = at == 17
    digits = "0123456789X" if last else "0123456789"
    wrong = digits[(digits.index(number[at]) + shift) % len(digits)]
    with pytest.raises(RuleError):
        identity.check(number[:at] + wrong + number[at + 1 :])


def test_a_number_tells_birth_date_and_sex() -> None:
    assert identity.birth_date("11010519491231002X") == date(1949, 12, 31)
    assert identity.sex("11010519491231002X") == "2"
    assert identity.sex("440524188001010014") == "1"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("１１０１０５１９４９１２３１００２ｘ", "11010519491231002X"),
        (" 110105-19491231 002x", "11010519491231002X"),
    ],
)
def test_a_number_is_compared_however_it_is_typed(typed: str, meant: str) -> None:
    assert identity.normalised(typed) == meant


@pytest.mark.parametrize(
    "typed", ["+86 160-0000-0001", "8616000000001", "１６０００００００01", "0086 16000000001"]
)
def test_a_phone_is_compared_however_it_is_typed(typed: str) -> None:
    assert identity.normalised_phone(typed) == "16000000001"
    assert identity.is_mobile(identity.normalised_phone(typed))


def test_little_of_a_number_is_shown() -> None:
    assert identity.masked("11010519491231002X") == "110105********002X"
    assert identity.masked("H12345678") == "H******78"
    assert identity.masked("") == ""
    assert identity.masked_phone("16012345678") == "160****5678"


def test_nobody_is_found_by_an_empty_number() -> None:
    assert identity.identity_index(VAULT, "") == ""
    assert identity.phone_index(VAULT, "") is None
    assert len(identity.identity_index(VAULT, "11010519491231002X")) == 32
