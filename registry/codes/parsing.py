"""Single values as files and forms write them: how each is read, and the sentence of a refusal."""

import re
import unicodedata
from datetime import date
from functools import lru_cache

from stdnum.cn import uscc

from registry.base import text as written
from registry.base.errors import RuleError
from registry.base.text import folded_number
from registry.codes import region_names, regions
from registry.codes.code_tables import CodeTable

_NAME_SIGNS = frozenset("·.'’- ")
_EXPONENT = re.compile(r"[0-9.]+E\+?[0-9]+", re.IGNORECASE)
_DIGITS = re.compile(r"[0-9]{6}|[0-9]{8}")
_DATE = re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})(?:[-/.月]([0-9]{1,2}))?[月日]?")
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
    if any(unicodedata.category(char) == "Co" for char in name):
        raise RuleError("name_form", "姓名中有系统自造字，别处显示不出来，请改用标准生僻字。")
    if not all(char.isalpha() or char in _NAME_SIGNS for char in name):
        raise RuleError("name_form", "姓名中有不应出现的数字或符号。")
    return name


def _date_parts(text: str) -> tuple[int, int, int | None] | None:
    if _DIGITS.fullmatch(text):
        return int(text[:4]), int(text[4:6]), int(text[6:]) if len(text) == 8 else None
    found = _DATE.fullmatch(text)
    if found is None:
        return None
    year, month, day = found.groups()
    return int(year), int(month), int(day) if day else None


@lru_cache(maxsize=4096)
def month(text: str) -> str:
    """Return YYYYMM from any of the usual ways to write a month or a day; raise RuleError."""
    parts = _date_parts(folded_number(text))
    if parts is None or not 1 <= parts[1] <= 12 or not 1900 <= parts[0] <= 2100:
        raise RuleError("month_form", "年月写法无法识别，请写作 202606 这样的六位数字。")
    return f"{parts[0]}{parts[1]:02}"


@lru_cache(maxsize=8192)
def day(text: str) -> date:
    """Return a day from any of the usual ways to write it; raise RuleError `date_form`."""
    parts = _date_parts(folded_number(text))
    try:
        if parts is not None and parts[2] is not None:
            return date(parts[0], parts[1], parts[2])
    except ValueError:
        pass
    raise RuleError("date_form", "日期写法无法识别或不存在，请写作 20260630 这样的八位数字。")


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
    numbers = re.split(r"[,，、/;；]", folded_number(text))
    return all(_CONTACT_PHONE.fullmatch(number) for number in numbers)


@lru_cache(maxsize=8192)
def coded(table: CodeTable, code: str, name: str) -> str:
    """Return the code that a code cell and a name cell agree on; empty for two empty cells.

    Raises RuleError `code_unknown`, `name_unknown` or `code_name_disagree`.
    """
    if not code:
        found = table.code_of(name) if name else ""
        if found is None:
            raise RuleError("name_unknown", f"“{name[:20]}”不在{table.title}的代码表中。")
        return found
    known = table.known(folded_number(code))
    if known is None:
        raise RuleError("code_unknown", f"“{code[:20]}”不在{table.title}的代码表中。")
    named = table.code_of(name) if name else None
    if named is not None and not _same_kind(table, known, named):
        stands_for = table.title_of(known)
        sentence = f"代码 {known} 是“{stands_for}”，名称却写着“{name[:20]}”，请核对哪个对。"
        raise RuleError("code_name_disagree", sentence)
    return known


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
