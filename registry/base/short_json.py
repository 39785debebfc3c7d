"""How JSON is written into columns: a character as itself, not as six of ASCII, and no blanks."""

import json

_short = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def written_json(value: object) -> str:
    """Return the text of a JSON column: half as long as it would be with escapes."""
    return _short(value)
