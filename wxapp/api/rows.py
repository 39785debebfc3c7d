"""Rows of a request as the record takes them: each looked at by itself, faults by their pointer."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from registry.base.iso_dates import moment_of
from registry.interface.pushing import PushOutcome, RowResult
from registry.interface.reading import PushedRow, RowFault
from wxapp.api.models import SOURCE_ID, DestinationRecord, Fault, RowAnswer, VoidRecord

_OWN = frozenset({"source_id", "version", "void", "sbsj"})
_NO_NUMBER = RowFault("ksh", "number_missing", "请填写考生号或学号。")
_NO_MOMENT = RowFault("sbsj", "moment_unreadable", "上报时间不存在，请核对。")
_SENTENCES = {
    "missing": "缺少这个字段。",
    "extra_forbidden": "没有这个字段，请对照接口文档核对字段名。",
    "string_type": "应为字符串。",
    "string_too_long": "内容过长，请缩短。",
    "string_too_short": "不能为空。",
    "int_type": "应为整数。",
    "greater_than_equal": "数值过小。",
    "less_than_equal": "数值过大。",
    "literal_error": "应为 true 或 false。",
}
_FORM = "格式不符合规定，请对照接口文档核对。"
"""By type of pydantic's error; the form of all others."""


@dataclass(frozen=True)
class ReadRows:
    """The rows whose shape is right, and the answers to the others by their place."""

    good: list[PushedRow] = field(default_factory=list)
    bad: dict[int, RowAnswer] = field(default_factory=dict)


def read_rows(said: Sequence[Mapping[str, Any]], prefix: str) -> ReadRows:
    """Read rows, which stand at `prefix` of the request, a JSON pointer."""
    found = ReadRows()
    for index, each in enumerate(said):
        row, faults = _read(index, each)
        if row is not None:
            found.good.append(row)
        else:
            found.bad[index] = _rejected(index, each, faults, prefix)
    return found


def _read(index: int, said: Mapping[str, Any]) -> tuple[PushedRow | None, list[RowFault]]:
    model = VoidRecord if said.get("void") is True else DestinationRecord
    try:
        record = model.model_validate(said)
    except ValidationError as error:
        return None, _faults(error)
    moment = getattr(record, "sbsj", None)
    at = _moment(moment) if moment else None
    values = {name: text for name, text in record if name not in _OWN and text}
    faults = [_NO_MOMENT] if moment and at is None else []
    if not record.void and not {"ksh", "xh"} & values.keys():
        faults.append(_NO_NUMBER)
    row = PushedRow(index, record.source_id, record.version, record.void, values, at)
    return (None, faults) if faults else (row, [])


def _moment(text: str) -> datetime | None:
    try:
        return moment_of(text)
    except ValueError:
        return None


def _faults(error: ValidationError) -> list[RowFault]:
    """Return what is wrong with a row's shape; nothing of the row is repeated."""
    wrong = error.errors(include_url=False, include_context=False, include_input=False)
    return [
        RowFault(str(each["loc"][0]), each["type"], _SENTENCES.get(each["type"], _FORM))
        for each in wrong
    ]


def _rejected(
    index: int, said: Mapping[str, Any], faults: Sequence[RowFault], prefix: str
) -> RowAnswer:
    """Answer a row whose shape is wrong, by the names that can be read."""
    source_id, version = said.get("source_id"), said.get("version")
    is_name = isinstance(source_id, str) and re.fullmatch(SOURCE_ID, source_id)
    return RowAnswer(
        index=index,
        source_id=str(source_id) if is_name else "",
        outcome=PushOutcome.REJECTED,
        version=version if type(version) is int and 0 < version < 2**53 else 0,
        errors=_pointed(faults, index, prefix),
    )


def answered(result: RowResult, prefix: str) -> RowAnswer:
    """Return what became of a row as the interface says it."""
    return RowAnswer(
        index=result.index,
        source_id=result.source_id,
        outcome=result.outcome,
        version=result.version,
        errors=_pointed(result.errors, result.index, prefix),
        warnings=_pointed(result.warnings, result.index, prefix),
    )


def _pointed(faults: Sequence[RowFault], index: int, prefix: str) -> list[Fault]:
    where = prefix.format(index=index)
    return [
        Fault(pointer=f"{where}/{_escaped(each.name)}", code=each.code, detail=each.sentence)
        if each.name
        else Fault(pointer=where, code=each.code, detail=each.sentence)
        for each in faults
    ]


def _escaped(name: str) -> str:
    """Return a name as a JSON pointer has it (RFC 6901); a made-up one is cut."""
    return name[:64].replace("~", "~0").replace("/", "~1")
