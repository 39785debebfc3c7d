"""The check files that a platform looks for under a domain before it believes who owns it."""

import re
from typing import Annotated

from pydantic import BeforeValidator
from pydantic_settings import NoDecode

_NAME = re.compile(r"[A-Za-z0-9_-]{1,80}\.txt")
_CONTENT = re.compile(r"[A-Za-z0-9_=-]{1,200}")


def _read(value: object) -> object:
    """Read `NAME.txt:CONTENT,NAME.txt:CONTENT`; empty for none."""
    if not isinstance(value, str):
        return value
    files = tuple(_file(part.strip()) for part in value.split(",") if part.strip())
    if len(dict(files)) != len(files):
        raise ValueError("a file is named twice")
    return files


def _file(text: str) -> tuple[str, str]:
    name, _, content = text.partition(":")
    if not (_NAME.fullmatch(name) and _CONTENT.fullmatch(content)):
        raise ValueError("write NAME.txt:CONTENT, as the platform's console gave both")
    return name, content


CheckFiles = Annotated[tuple[tuple[str, str], ...], NoDecode, BeforeValidator(_read)]
"""The files: the name of each, and what it says."""
