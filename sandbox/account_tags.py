"""The tags an account puts on its followers.

Source: the pages of /cgi-bin/tags/create and its neighbours.
"""

from itertools import count

from sandbox.errors import Refusal

MOST = 100
MOST_NAME = 30
"""Characters."""
MOST_ON_ONE = 20
STARRED = {2: "星标组"}
RESERVED = frozenset({0, 1, 2})
FIRST = 100


class AccountTags:
    """Names by id; whom they are on is said by each phone."""

    def __init__(self) -> None:
        self.names: dict[int, str] = dict(STARRED)

    def create(self, name: object) -> int:
        """Add a tag; raise Refusal 45157, 45158, or 45056 beyond the hundred."""
        checked = self._checked(name)
        if len(self.names) - len(STARRED) >= MOST:
            raise Refusal(45056)
        number = next(each for each in count(FIRST) if each not in self.names)
        self.names[number] = checked
        return number

    def rename(self, number: object, name: object) -> None:
        """Give a tag another name; raise Refusal 45058 for the platform's own, 45159 for none."""
        own = self._own(number)
        self.names[own] = self._checked(name)

    def remove(self, number: object) -> int:
        """Delete a tag and return its id; raise as `rename` does."""
        own = self._own(number)
        del self.names[own]
        return own

    def known(self, number: object) -> int:
        """Return the id of a tag there is; raise Refusal 45159."""
        found = next((each for each in self.names if str(each) == str(number)), None)
        if found is None:
            raise Refusal(45159)
        return found

    def record(self) -> dict[str, str]:
        """Return the names as a JSON object."""
        return {str(number): name for number, name in self.names.items()}

    def restore(self, names: dict[str, str]) -> None:
        """Take back what `record` returned."""
        self.names = {int(number): name for number, name in names.items()}

    def _own(self, number: object) -> int:
        known = self.known(number)
        if known in RESERVED:
            raise Refusal(45058)
        return known

    def _checked(self, name: object) -> str:
        if not isinstance(name, str) or not name or name in self.names.values():
            raise Refusal(45157)
        if len(name) > MOST_NAME:
            raise Refusal(45158)
        return name
