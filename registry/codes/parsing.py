"""Single values as files and forms write them: how each is read, and the sentence of a refusal."""

import re
import unicodedata
from datetime import date, timedelta
from functools import lru_cache

from stdnum.cn import uscc

from registry.base import text as written
from registry.base.errors import RuleError
from registry.base.text import folded_number
from registry.codes import region_names, regions
from registry.codes.code_tables import CodeTable

_NAME_SIGNS = frozenset("·.'’- 〇")
_NAME_MARKS = frozenset({"Mn", "Mc"})  # accents of letters that Unicode has no single character for
_EXPONENT = re.compile(r"[0-9]\.[0-9]*E\+?[0-9]+|[0-9]+E\+[0-9]+", re.IGNORECASE)
_TIME = re.compile(  # what programs write behind a day
    r"(?<=[0-9日])(?:T| +)(?:[上下]午 ?)?[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?(?: ?[AP]M)?"
    r"(?:Z|[+-][0-9]{2}:?[0-9]{2})?$",
    re.IGNORECASE,
)
_FRACTION_OF_ZEROS = re.compile(r"(?<=^[0-9]{6})\.0+$|(?<=^[0-9]{8})\.0+$")
_DIGITS = re.compile(r"[0-9]{6}|[0-9]{8}")
_DATE = re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})(?:[-/.月]([0-9]{1,2}))?(?:月份?|日)?")
_MONTH_OR_MONTHS = re.compile(r"[0-9]{4}\.1")
_SERIAL = re.compile(r"[3-6][0-9]{4}(?:\.[0-9]+)?")
_DAY_ZERO = date(1899, 12, 30)  # from which spreadsheets count days
_CREDIT_CODE = re.compile(r"[0-9ANY][0-9A-HJ-NP-RTUW-Y][0-9]{6}[0-9A-HJ-NP-RTUW-Y]{10}")
_ORGANISATION_CODE = re.compile(r"[0-9A-Z]{8}-?[0-9X]")
_POSTCODE = re.compile(r"[0-9]{6}")
_CONTACT_PHONE = re.compile(
    r"(\+?86-?)?(1[3-9][0-9]{9}|(0[0-9]{2,3}-?)?[0-9]{7,8}([-转][0-9]{1,6})?)"
)


def is_damaged(text: str) -> bool:
    """Say whether a number lost its last digits because the spreadsheet took it for a quantity."""
    return bool(_EXPONENT.fullmatch(text))


def damaged(title: str) -> RuleError:
    """Return the refusal of a number whose digits are lost."""
    return RuleError(
        "number_damaged",
        f"“{title}”被表格当成了数值，后几位已经丢失。请把这一列设为“文本”格式，重新填写后再导入。",
    )


def person_name(text: str) -> str:
    """Return a name as it is stored; raise RuleError `name_form`."""
    name = written.person_name(text)
    if len(name) < 2:
        raise RuleError("name_form", "姓名至少两个字。")
    for char in name:
        if unicodedata.category(char) == "Co":
            sentence = (
                f"姓名中有系统自造字（U+{ord(char):04X}），别处显示不出来，请改用标准生僻字。"
            )
            raise RuleError("name_form", sentence)
        if not _is_of_a_name(char):
            raise RuleError("name_form", f"姓名中有不应出现的“{_shown(char)}”，请核对。")
    return name


def _is_of_a_name(char: str) -> bool:
    return char.isalpha() or char in _NAME_SIGNS or unicodedata.category(char) in _NAME_MARKS


def _shown(char: str) -> str:
    return char if char.isprintable() else f"U+{ord(char):04X}"


def _date_parts(text: str) -> tuple[int, int, int | None] | None:
    """Return year, month and, where it is said, day; they need not exist."""
    if _DIGITS.fullmatch(text):
        return int(text[:4]), int(text[4:6]), int(text[6:]) if len(text) == 8 else None
    found = _DATE.fullmatch(text)
    if found is None:
        return None
    year, month, day = found.groups()
    return int(year), int(month), int(day) if day else None


def _folded_date(text: str) -> str:
    """Return a date without the time of day and the fraction that programs add to it."""
    plain = unicodedata.normalize("NFKC", written.clean(text))
    return _FRACTION_OF_ZEROS.sub("", folded_number(_TIME.sub("", plain)))


def _refuse_serial(text: str) -> None:
    """Raise RuleError `date_as_number` for a day as spreadsheets count it (46203)."""
    if _SERIAL.fullmatch(text):
        shown = _DAY_ZERO + timedelta(days=int(text[:5]))
        sentence = (
            f"{text} 像是显示成数值的日期（{shown.year} 年 {shown.month} 月 {shown.day} 日），"
            "请把单元格格式改为日期，或填写六位或八位数字。"
        )
        raise RuleError("date_as_number", sentence)


@lru_cache(maxsize=4096)
def month(text: str) -> str:
    """Return YYYYMM from any of the usual ways to write a month or a day.

    Raises RuleError `month_form`, `date_as_number`, or `month_doubtful` for 2026.1, which a number
    cell shows of 2026.10 too.
    """
    folded = _folded_date(text)
    _refuse_serial(folded)
    if _MONTH_OR_MONTHS.fullmatch(folded):
        year = folded[:4]
        sentence = f"{folded} 可能是 1 月，也可能是 10 月，请写作 {year}01 或 {year}10。"
        raise RuleError("month_doubtful", sentence)
    parts = _date_parts(folded)
    if parts is None or not 1900 <= parts[0] <= 2100 or not _exists(parts):
        sentence = "年月写法无法识别或日期不存在，请写作 202606 这样的六位数字。"
        raise RuleError("month_form", sentence)
    return f"{parts[0]}{parts[1]:02}"


def _exists(parts: tuple[int, int, int | None]) -> bool:
    year, number, day_of_month = parts
    try:
        date(year, number, 1 if day_of_month is None else day_of_month)
    except ValueError:
        return False
    return True


@lru_cache(maxsize=8192)
def day(text: str) -> date:
    """Return a day from any of the usual ways to write it.

    Raises RuleError `date_form` or `date_as_number`.
    """
    folded = _folded_date(text)
    _refuse_serial(folded)
    parts = _date_parts(folded)
    if parts is None or parts[2] is None or not _exists(parts):
        sentence = "日期写法无法识别或不存在，请写作 20260630 这样的八位数字。"
        raise RuleError("date_form", sentence)
    return date(parts[0], parts[1], parts[2])


@lru_cache(maxsize=8192)
def unit_code(text: str) -> str:
    """Return a unified social credit code (GB 32100), or an old organisation code as it is.

    Raises RuleError `credit_code_form` or `credit_code_check`.
    """
    code = folded_number(text)
    if _ORGANISATION_CODE.fullmatch(code):
        return code
    if len(code) != 18:
        raise RuleError("credit_code_form", f"统一社会信用代码应为 18 位，现在是 {len(code)} 位。")
    if not _CREDIT_CODE.fullmatch(code):
        raise RuleError(
            "credit_code_form", "统一社会信用代码里有不会出现的字符（I、O、S、V、Z 不使用）。"
        )
    if uscc.calc_check_digit(code[:-1]) != code[-1]:
        raise RuleError("credit_code_check", "统一社会信用代码的校验位不对，请与营业执照核对。")
    return code


def is_old_unit_code(code: str) -> bool:
    """Say whether a unit code is an organisation code from before 2015."""
    return 0 < len(code) < 18


def major_code(text: str) -> str:
    """Return a major's code; the leading zero a number cell lost is put back (080901, 0854)."""
    code = folded_number(text)
    return f"0{code}" if code.isdecimal() and len(code) in {3, 5} else code


@lru_cache(maxsize=8192)
def postcode(text: str) -> str:
    """Return six digits, the leading zero a number cell lost put back; raise RuleError."""
    code = folded_number(text)
    code = code.zfill(6) if len(code) == 5 else code
    if not _POSTCODE.fullmatch(code):
        raise RuleError("postcode_form", "邮编应为 6 位数字。")
    return code


@lru_cache(maxsize=8192)
def is_contact_phone(text: str) -> bool:
    """Say whether a text is one or more mobile or fixed numbers."""
    bare = re.sub(r"[()]", "", folded_number(text))
    numbers = [number for number in re.split(r"[,，、/;；。]", bare) if number]
    return bool(numbers) and all(_CONTACT_PHONE.fullmatch(number) for number in numbers)


@lru_cache(maxsize=8192)
def coded(table: CodeTable, code: str, name: str) -> str:
    """Return the code that a code cell and a name cell agree on; empty for two empty cells.

    Raises RuleError `code_unknown`, `name_unknown` or `code_name_disagree`.
    """
    if not code:
        found = table.code_of(name) if name else ""
        if found is None:
            raise RuleError("name_unknown", _unknown(table, name))
        return found
    known = table.known(folded_number(code))
    if known is None:
        raise RuleError("code_unknown", _unknown(table, code))
    named = table.code_of(name) if name else None
    if named is not None and not _same_kind(table, known, named):
        stands_for = table.title_of(known)
        sentence = f"代码 {known} 是“{stands_for}”，名称却写着“{name[:20]}”，请核对哪个对。"
        raise RuleError("code_name_disagree", sentence)
    return known


def _unknown(table: CodeTable, text: str) -> str:
    exist = "、".join(dict.fromkeys(table.codes.values()))
    return f"“{text[:20]}”不在{table.title}的代码表中，可填：{exist}。"


def _same_kind(table: CodeTable, code: str, named: str) -> bool:
    """Say whether two codes mean the same, or one is a finer kind of the other."""
    if table.title_of(code) == table.title_of(named):
        return True
    finer = max(code, named, key=len)
    return len(finer) == 3 and finer.startswith(min(code, named, key=len))


def region_code(text: str) -> str:
    """Return a region's code of six digits, also where statistics wrote twelve (370102000000).

    Raises RuleError `region_form`.
    """
    found = folded_number(text)
    number = found.removesuffix("000000") if len(found) == 12 else found
    if len(number) != 6 or not number.isdecimal():
        raise RuleError("region_form", "地区代码应为 6 位数字（GB/T 2260）。")
    return number


@lru_cache(maxsize=16384)
def region(code: str, name: str) -> tuple[str, str]:
    """Return a region's code and full name; without a code, the name as it stands.

    Raises RuleError `region_form`, `region_unknown` or `region_name_disagree`.
    """
    if not code:
        return "", name
    number = region_code(code)
    official = regions.region_name(number)
    if not official and regions.province_of(number):
        return number, name or regions.province_of(number)
    if not official:
        hint = "台湾省的代码是 710000，830000 只用在居住证号码中。" if number == "830000" else ""
        raise RuleError("region_unknown", f"地区代码 {number} 不存在。{hint}")
    if not region_names.agrees(number, name):
        sentence = f"代码 {number} 是“{official}”，名称却写着“{name[:30]}”，请核对哪个对。"
        raise RuleError("region_name_disagree", sentence)
    return number, official
