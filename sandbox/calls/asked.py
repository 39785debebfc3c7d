"""One call as it came in."""

import json
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from sandbox.errors import Refusal

ESCAPED_HALF = rb"\ud"
"""How the halves of a surrogate pair begin, escaped in JSON."""


@dataclass(slots=True)
class Asked:
    """Path, query, headers and body; `before_answer` is awaited before the answer goes out."""

    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    raw: bytes
    origin: str
    files: Mapping[str, web.FileField] = field(default_factory=dict)
    """What a form uploaded, by field."""
    before_answer: list[Awaitable[None]] = field(default_factory=list)

    def body(self) -> dict[str, Any]:
        """Return the JSON object sent; raise Refusal 47001 for anything else.

        Also for half a character: an escape that stands for no text, which nobody could be shown.
        """
        try:
            parsed = json.loads(self.raw)
            if ESCAPED_HALF in self.raw.lower():
                json.dumps(parsed, ensure_ascii=False).encode()
        except (ValueError, RecursionError):  # the latter where lists lie within lists without end
            raise Refusal(47001) from None
        if not isinstance(parsed, dict):
            raise Refusal(47001)
        return parsed

    def part(self, name: str) -> dict[str, Any]:
        """Return an object within the one sent; raise Refusal 47001 for anything else."""
        part = self.body().get(name)
        if not isinstance(part, dict):
            raise Refusal(47001)
        return part

    def number(self, name: str, default: int) -> int:
        """Return a whole number of the body; raise Refusal 40097 for what is none."""
        given = self.body().get(name) or default
        try:
            return int(given)
        except (TypeError, ValueError, OverflowError):
            raise Refusal(40097) from None

    def openid(self) -> str:
        """Return whom the call is about, "" when it is about nobody in particular."""
        if "openid" in self.query:
            return self.query["openid"]
        try:
            return str(self.body().get("touser", "")) if self.raw else ""
        except Refusal:
            return ""
