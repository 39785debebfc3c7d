"""The settings that are keys: `id:base64key`, newest first, each of as many bytes as a key has."""

import base64
import binascii
import re
from typing import Annotated

from pydantic import BeforeValidator, SecretStr
from pydantic_settings import NoDecode

KEY_BYTES = 32
KEY_ID = "[!-~]{1,40}"
"""The id of a key: it stands before each value that the key seals, and beside each signature."""


def _key(text: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except binascii.Error:
        raise ValueError("not base64") from None
    if len(key) != KEY_BYTES:
        raise ValueError(f"a key is {KEY_BYTES} bytes in base64")
    return key


def _keys(value: object) -> object:
    """Read `id:base64,id:base64`, newest first."""
    if not isinstance(value, str):
        return value
    pairs = [part.strip().partition(":") for part in value.split(",") if part.strip()]
    if not pairs or not all(kid and text for kid, _, text in pairs):
        raise ValueError("write id:base64key, newest first, separated by commas")
    _check_ids([kid for kid, _, _ in pairs])
    return {kid: SecretStr(_key(text).hex()) for kid, _, text in pairs}


def _check_ids(ids: list[str]) -> None:
    """Refuse what no column holds, and what seals a value that would never open again."""
    if not all(re.fullmatch(KEY_ID, kid) for kid in ids):
        raise ValueError("an id is 1 to 40 letters, digits and signs of ASCII, without spaces")
    twice = {kid for kid in ids if ids.count(kid) > 1}
    if twice:
        raise ValueError(f"an id stands for one key, and {', '.join(sorted(twice))} twice")


def _keys_or_none(value: object) -> object:
    """Read keys as `_keys` does; empty for none."""
    return {} if isinstance(value, str) and not value.strip() else _keys(value)


Keys = Annotated[dict[str, SecretStr], NoDecode, BeforeValidator(_keys)]
KeysOrNone = Annotated[dict[str, SecretStr], NoDecode, BeforeValidator(_keys_or_none)]
