"""JSON as a program must send it: UTF-8, every name once, finite numbers, no deep nesting.

The standard reader keeps the last of two equal names, takes NaN and UTF-16, and a lone surrogate
breaks at the database: each is refused here. Nothing of the text is repeated in a refusal.
"""

import json
from typing import Any, NoReturn

from registry.base.errors import RuleError

_WRITER = json.JSONEncoder(allow_nan=False, ensure_ascii=False)


def read(body: bytes) -> object:
    """Return what a body says; raise RuleError `json_unreadable` or `name_twice`."""
    try:
        text = body.decode("utf-8")
        said: object = json.loads(text, object_pairs_hook=_object, parse_constant=_refuse_constant)
        _WRITER.encode(said).encode("utf-8")  # 1e400 and lone surrogates fail here
    except (ValueError, RecursionError):
        sentence = "请求体不是合规的 JSON：须为 UTF-8 编码、没有 BOM、NaN 和过深的嵌套。"
        raise RuleError("json_unreadable", sentence) from None
    return said


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise RuleError("name_twice", "同一个 JSON 对象中有重复的字段名，请只保留一个。")
    return found


def _refuse_constant(_name: str) -> NoReturn:
    raise ValueError("not a number of JSON")
