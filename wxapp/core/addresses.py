"""Addresses of links, made once where they are the same on every page, or in each row of a list.

To make one takes longer than to write the rest of the row; a list has a hundred.
"""

import re
import secrets
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from flask import request

from wxapp.core.remembered import remembered

KEY = "key"
"""What the addresses of a list's rows differ in."""
REPEATED = frozenset({"filename", "v", "year", KEY})
"""What addresses are made of that stand on many pages: files of the static folder, cohorts, and
rows whatever their key."""
MOST = 5_000
"""That are kept for good."""
_PLAIN = re.compile(r"[\w-]+", re.ASCII)
"""A key that stands in an address as it is."""

_SIMPLE = {str, int, type(None)}
"""Types whose equal values make equal addresses."""

Make = Callable[..., str]
Asked = tuple[object, ...]


class Addresses:
    """The addresses that an application's pages have in common."""

    def __init__(self) -> None:
        """Begin with none."""
        self._kept = dict[Asked, str]()
        self._place = f"key{secrets.token_hex(8)}"
        """Stands for the key of a row; nobody can send it."""

    def find(self, make: Make, endpoint: str, values: Mapping[str, Any]) -> str:
        """Return the address that `make` makes of these values during this request.

        Of an endpoint in full, and with all that its door adds: what is kept is for everybody.
        """
        key = values.get(KEY)
        if not isinstance(key, str) or not _PLAIN.fullmatch(key):
            return self._made(make, endpoint, values)
        return self._made(make, endpoint, {**values, KEY: self._place}).replace(self._place, key, 1)

    def _made(self, make: Make, endpoint: str, values: Mapping[str, Any]) -> str:
        if not all(type(each) in _SIMPLE for each in values.values()):
            return make(endpoint, **values)
        asked = (request.root_path, endpoint, *values.items())
        kept = self._place_of(values)
        if (found := kept.get(asked)) is None:
            found = kept[asked] = make(endpoint, **values)
        return found

    def _place_of(self, values: Mapping[str, Any]) -> dict[Asked, str]:
        """Return where an address is kept: for good, or for this request where a page made it."""
        of_all = values.keys() <= REPEATED and values.get(KEY) in {None, self._place}
        if of_all and len(self._kept) < MOST:
            return self._kept
        own = remembered()
        if "addresses" not in own:
            own.addresses = {}
        of_page: dict[Asked, str] = own.addresses
        return of_page


class RowAddresses:
    """The addresses of a list's rows, which differ in their key: made once for the page."""

    def __init__(self, make: Make, endpoint: str, values: Mapping[str, Any]) -> None:
        """Make the one address; `make` is `url_for` of this request."""
        self._one = partial(make, endpoint, **values)
        place = f"key{secrets.token_hex(8)}"
        self._before, _, self._after = self._one(**{KEY: place}).partition(place)

    def __call__(self, key: str) -> str:
        """Return the address of a row."""
        if not _PLAIN.fullmatch(key):
            return self._one(**{KEY: key})
        return f"{self._before}{key}{self._after}"
