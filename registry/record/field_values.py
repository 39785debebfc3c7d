"""Values of fields: how a form's text is read, how a value is said. One way for each type."""

from collections.abc import Callable
from datetime import date
from typing import Any

from registry.base.errors import RuleError
from registry.base.text import folded_number
from registry.codes import parsing, regions
from registry.record.fields import ALL, Field, ValueType


def parsed(field: Field, text: str) -> Any:  # noqa: ANN401 - a day or a text, as the column has it
    """Return what a form's text means; raise RuleError with what to do about it."""
    if field.type is ValueType.CODE:
        return _coded(field, text)
    found = _PARSERS[field.type](text) if field.type in _PARSERS else text
    if field.limit and len(found) > field.limit:
        sentence = f"最多 {field.limit} 个字，现在是 {len(found)} 个，请缩短。"
        raise RuleError("too_long", sentence)
    return found


def _coded(field: Field, text: str) -> str:
    assert field.table is not None, field.name
    known = field.table.known(text)
    if known is None:
        raise RuleError("code_unknown", f"请从列表中选择“{field.table.title}”。")
    return known


def _credit_code(text: str) -> str:
    code = parsing.unit_code(text)
    if parsing.is_old_unit_code(code):
        raise RuleError(
            "old_unit_code", "这是旧的组织机构代码，请填写营业执照上 18 位的统一社会信用代码。"
        )
    return code


def _region(text: str) -> str:
    code = folded_number(text)
    if not regions.is_whole(code):
        gone = "" if regions.in_force(code) else regions.region_name(code)
        sentence = f"{gone}已撤销，请重新选择所在地。" if gone else "请把所在地选到区、县一级。"
        raise RuleError("region_not_whole", sentence)
    return code


def _phone(text: str) -> str:
    if not parsing.is_contact_phone(text):
        raise RuleError("phone_form", "请填写手机号，或带区号的固定电话，如 0532-86981234。")
    return folded_number(text)


_PARSERS: dict[ValueType, Callable[[str], Any]] = {
    ValueType.UNIT_CODE: _credit_code,
    ValueType.REGION: _region,
    ValueType.PHONE: _phone,
    ValueType.POSTCODE: parsing.postcode,
    ValueType.DAY: parsing.day,
    ValueType.MONTH: parsing.month,
}


def said(name: str, value: object) -> str:
    """Return a field's value as people read it: codes by their names, days as 2026年6月1日."""
    if value is None or value == "":
        return ""
    if isinstance(value, date):
        return f"{value.year}年{value.month}月{value.day}日"
    field, text = ALL[name], str(value)
    if field.table and not field.reading:
        return field.table.title_of(text) or text
    return (field.reading or _READINGS.get(field.type, str))(text)


def _place(code: str) -> str:
    return regions.region_name(code) or code


def _month(text: str) -> str:
    """Return 202606 as 2026年6月; anything else as it is."""
    whole = len(text) == len("202606") and text.isdecimal()
    return f"{text[:4]}年{int(text[4:])}月" if whole else text


_READINGS: dict[ValueType, Callable[[str], str]] = {
    ValueType.REGION: _place,
    ValueType.MONTH: _month,
}
