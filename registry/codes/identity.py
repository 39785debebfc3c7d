"""Identity numbers and phones: their written form, their checks, how they are shown and sealed.

Source: GB 11643 (resident identity number, check character ISO 7064 MOD 11-2). The address code
in a number is that of the year it was given out, so abolished ones are right.
"""

import re
from collections.abc import Sequence
from datetime import date

from stdnum.cn import ric

from registry.base.crypto import Vault
from registry.base.errors import RuleError
from registry.base.iso_dates import day_of
from registry.base.text import folded_number
from registry.codes import identity_faults, regions

IDENTITY = "identity"
PHONE = "phone"
PARTICULARS = "particulars"
"""The purposes a Vault seals and indexes under."""

_RESIDENT = re.compile(r"[0-9]{17}[0-9X]")
_RESIDENCE_PERMITS = ("810000", "820000", "830000")  # of Hong Kong, Macau, Taiwan; since 2018
_FOREIGNER = "9"  # permanent residents since 2023: 9, then province and nation instead of a region
_OTHER_DOCUMENT = re.compile(r"[A-Z]{1,3}[0-9]{6,12}|[0-9]{8}|[0-9]{10}|[A-Z0-9]{7,9}")
_MOBILE = re.compile(r"1[3-9][0-9]{9}")
_PHONE_TAIL = re.compile(r"[0-9]{4}")
_TWO_PHONES = re.compile(r"1[3-9][0-9]{9}[^0-9]*1[3-9][0-9]{9}.*")
_BRACKETS = str.maketrans("", "", "()")
_AFTER_A_PHONE = ";,、。./"
_SHOWN_START, _SHOWN_END = 6, 4


def normalised(text: str) -> str:
    """Return a number as it is compared and stored: half width, capitals, no blanks or hyphens."""
    return folded_number(text).replace("-", "")


def normalised_phone(text: str) -> str:
    """Return a mobile number as it is compared and stored: its 11 digits, without +86."""
    digits = normalised(text).translate(_BRACKETS).rstrip(_AFTER_A_PHONE)
    for prefix in ("+86", "0086", "86"):
        if digits.startswith(prefix) and len(digits) == len(prefix) + 11:
            return digits.removeprefix(prefix)
    return digits


def is_mobile(phone: str) -> bool:
    """Say whether a normalised phone is a mobile number of the mainland."""
    return bool(_MOBILE.fullmatch(phone))


def is_phone_tail(number: str) -> bool:
    """Say whether a normalised number has the form of the last four digits of a phone."""
    return bool(_PHONE_TAIL.fullmatch(number))


def check_phone(phone: str) -> None:
    """Check a normalised phone; raise RuleError `phone_two` or `phone_form`."""
    if _TWO_PHONES.fullmatch(phone):
        sentence = "手机号码只填一个，这里写了两个，请留下本人在用的那个。"
        raise RuleError("phone_two", sentence, "phone")
    if not is_mobile(phone):
        sentence = "手机号码应为 11 位大陆手机号，请核对；没有的可以留空。"
        raise RuleError("phone_form", sentence, "phone")


def is_resident(number: str) -> bool:
    """Say whether a normalised number has the form of a resident identity number.

    Residence permits of people from Hong Kong, Macau and Taiwan and, since 2023, the cards of
    foreign permanent residents have numbers of the same form.
    """
    return bool(_RESIDENT.fullmatch(number))


def is_other_document(number: str) -> bool:
    """Say whether a normalised number has the form of a passport, a permit or an old card."""
    return bool(_OTHER_DOCUMENT.fullmatch(number))


def check(number: str) -> None:
    """Check a normalised identity number; other documents only by their form.

    Raises RuleError `identity_length`, `identity_sign`, `identity_check`, `identity_birth_date`,
    `identity_region` or `identity_form`. The sentence carries no part of the number but a
    letter that should not be in it.
    """
    if is_other_document(number):
        return
    if not is_resident(number):
        raise RuleError(*identity_faults.described(number), "identity")
    if ric.calc_check_digit(number) != number[-1]:
        raise RuleError("identity_check", "身份证号的校验位不对，请与证件逐位核对。", "identity")
    if birth_date(number) is None:
        raise RuleError("identity_birth_date", "身份证号第 7 至 14 位不是真实的日期。", "identity")
    if not _is_given_out(number):
        raise RuleError("identity_region", "身份证号开头的地区码不存在。", "identity")


def _is_given_out(number: str) -> bool:
    """Say whether numbers begin like this: with a region, a permit's prefix, or a foreigner's 9."""
    return number.startswith((_FOREIGNER, *_RESIDENCE_PERMITS)) or regions.province_of(number) != ""


def birth_date(number: str) -> date | None:
    """Return the birth date a resident identity number carries; None where it is no date."""
    try:
        return day_of(number[6:14])
    except ValueError:
        return None


def sex(number: str) -> str:
    """Return the sex a resident identity number carries (GB/T 2261.1: 1 male, 2 female)."""
    return "1" if int(number[16]) % 2 else "2"


def with_check_character(first_17: str) -> str:
    """Return the full identity number for its first 17 digits."""
    return first_17 + ric.calc_check_digit(first_17 + "0")


def masked(number: str) -> str:
    """Return an identity number as it may be shown: six in front, four at the end."""
    if len(number) <= _SHOWN_START + _SHOWN_END:
        return number[:1] + "*" * max(len(number) - 3, 0) + number[-2:] if number else ""
    hidden = len(number) - _SHOWN_START - _SHOWN_END
    return number[:_SHOWN_START] + "*" * hidden + number[-_SHOWN_END:]


def masked_phone(phone: str) -> str:
    """Return a phone as it may be shown: three in front, four at the end."""
    return f"{phone[:3]}****{phone[-4:]}" if len(phone) > 7 else "****"


def identity_index(vault: Vault, number: str) -> str:
    """Return the blind index to find a normalised number by; empty for an empty one."""
    return vault.index(IDENTITY, number) if number else ""


def identity_indexes(vault: Vault, number: str) -> Sequence[str]:
    """Return every index a person may be kept under: two while the index key changes."""
    return vault.indexes(IDENTITY, number) if number else []


def phone_indexes(vault: Vault, phone: str) -> Sequence[str]:
    """Return every index a phone may be kept under: two while the index key changes."""
    return vault.indexes(PHONE, phone) if phone else []


def phone_index(vault: Vault, phone: str) -> str | None:
    """Return the blind index to find a normalised phone by."""
    return vault.index(PHONE, phone) if phone else None
