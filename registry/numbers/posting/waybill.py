"""What is said of a posting, read and checked by itself: the courier's number and the days.

Source of the check digit: UPU standard S10 (EMS: two letters, nine digits, two letters).
"""

import re
from dataclasses import dataclass
from datetime import date

from registry.base.errors import RuleError
from registry.base.text import folded_number
from registry.codes import parsing
from registry.numbers.posting.states import PostingWay

LONGEST_NUMBER = 40
LONGEST_REASON = 200
YEARS_BEFORE = 1
"""How many years before her cohort's year a file may have been posted."""

_NUMBER = re.compile(r"[0-9A-Z]{5,40}")
_S10 = re.compile(r"[A-Z]{2}([0-9]{8})([0-9])[A-Z]{2}")
_S10_WEIGHTS = (8, 6, 4, 2, 3, 5, 9, 7)
_SIGNS = re.compile(r"[-‐-―_.·]+")
_WAYS = {
    PostingWay.EMS: ("ems", "中国邮政ems", "邮政ems", "特快专递", "邮政特快专递", "邮政速递"),
    PostingWay.CONFIDENTIAL: ("机要", "机要邮件", "机要通信", "机要件", "机要寄送"),
}
_BY_WORD = {word: way for way, words in _WAYS.items() for word in words}


@dataclass(frozen=True)
class Waybill:
    """By what a file went, under which number, on which day."""

    way: PostingWay
    number: str
    posted_on: date


def way_of(text: str) -> PostingWay:
    """Return the way that words name; raise RuleError `way_unknown`."""
    found = _BY_WORD.get(folded_number(text).lower())
    if found is None:
        raise RuleError("way_unknown", "寄送方式请填写“EMS”或“机要”。", "way")
    return found


def number_of(text: str) -> str:
    """Return a courier's number as it is kept: capitals and digits.

    Raises RuleError `waybill_missing`, `number_damaged` or `waybill_form`.
    """
    bare = folded_number(text)
    if not bare:
        raise RuleError("waybill_missing", "请填写单号。", "number")
    if parsing.is_damaged(bare):
        raise parsing.damaged("单号")
    number = _SIGNS.sub("", bare)
    if not _NUMBER.fullmatch(number):
        raise RuleError("waybill_form", "单号应为 5 至 40 位数字或字母。", "number")
    return number


def has_slip(number: str) -> bool:
    """Say whether a number of EMS was copied with a wrong digit, by its check digit."""
    found = _S10.fullmatch(number)
    if found is None:
        return False
    total = sum(int(digit) * by for digit, by in zip(found[1], _S10_WEIGHTS, strict=True))
    return {10: 0, 11: 5}.get(11 - total % 11, 11 - total % 11) != int(found[2])


def refuse_posted_on(day: date, cohort: int, today: date) -> None:
    """Raise RuleError `posted_in_future` or `posted_too_early` for a day no file was posted on."""
    if day > today:
        raise RuleError("posted_in_future", "寄出日期不能晚于今天。", "posted_on")
    if day.year < cohort - YEARS_BEFORE:
        raise RuleError(
            "posted_too_early", f"寄出日期早于 {cohort} 届毕业前一年，请核对。", "posted_on"
        )


def refuse_arrival(day: date, posted_on: date, today: date, title: str, field: str) -> None:
    """Raise RuleError `arrived_in_future` or `arrived_before`; `title` is how the day is called."""
    if day > today:
        raise RuleError("arrived_in_future", f"{title}不能晚于今天。", field)
    if day < posted_on:
        sentence = f"{title}不能早于寄出日期（{posted_on:%Y-%m-%d}）。"
        raise RuleError("arrived_before", sentence, field)
