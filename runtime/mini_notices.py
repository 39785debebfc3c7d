"""The setting of one-time notices: which template of the mini program serves which message."""

import re
from typing import Annotated

from pydantic import BeforeValidator
from pydantic_settings import NoDecode

MOST = 3
"""As many as WeChat asks for at once."""
_ENTRY = re.compile(r"([a-z_]{1,40}):([A-Za-z0-9_-]{20,64})")

TemplateIds = tuple[tuple[str, str], ...]
"""Kinds of messages, each with the id of its template."""


def _read(value: object) -> object:
    """Read `review_result:ID,signing_invitation:ID`; empty for none."""
    if not isinstance(value, str):
        return value
    found = tuple(_entry(part.strip()) for part in value.split(",") if part.strip())
    if len(found) > MOST:
        raise ValueError(f"{MOST} at most: WeChat asks for no more at once")
    if len(dict(found)) != len(found) or len({ident for _, ident in found}) != len(found):
        raise ValueError("each kind once, each template once")
    return found


def _entry(text: str) -> tuple[str, str]:
    found = _ENTRY.fullmatch(text)
    if found is None:
        raise ValueError("write KIND:TEMPLATE_ID, as the mini program's console shows the id")
    return found[1], found[2]


MiniNotices = Annotated[TemplateIds, NoDecode, BeforeValidator(_read)]
