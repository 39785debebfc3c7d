"""Which fields matter (重要字段): what a change of each resets, and how values are compared.

The guide for schools, 1.1 and 2.2, says a change of the important fields of destination, file
transfer and household move makes the confirmation 未确认 again; the fields are those that the
confirmation page and the report show. What only the report shows resets nothing, but lapses the
numbers it was printed with (`registry.numbers.lapse`).
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from registry.base.text import compared
from registry.record.fields import BLOCK_TITLES, IMPORTANT, Block, Field


@dataclass(frozen=True)
class Difference:
    """An important field whose value really changed."""

    field: str
    before: str
    after: str

    @property
    def about(self) -> Field:
        """Return what is known of the field."""
        return IMPORTANT[self.field]


def snapshot(values: Mapping[str, object]) -> dict[str, str]:
    """Return the important fields of a record as text, in the order of the table."""
    found = {name: values.get(name) for name in IMPORTANT}
    return {name: "" if value is None else str(value).strip() for name, value in found.items()}


def snapshot_hash(values: Mapping[str, object]) -> str:
    """Return the SHA-256 (hex) of the compared values: equal for equal records."""
    found = [compared(values.get(field)) for field in IMPORTANT]
    return hashlib.sha256(json.dumps(found, ensure_ascii=False).encode()).hexdigest()


def differences(before: Mapping[str, object], after: Mapping[str, object]) -> list[Difference]:
    """Return the important fields that differ by value, in the order of the table."""
    return [
        Difference(field, str(before.get(field) or ""), str(after.get(field) or ""))
        for field in IMPORTANT
        if before.get(field) != after.get(field)  # most do not: what is compared costs more
        and compared(before.get(field)) != compared(after.get(field))
    ]


def differences_since(taken: Mapping[str, object], now: Mapping[str, object]) -> list[Difference]:
    """Return what differs from a snapshot taken earlier, perhaps before a field mattered."""
    return differences({**now, **taken}, now)


def resets(found: list[Difference]) -> bool:
    """Say whether any of these changes resets the confirmation."""
    return any(difference.about.resets for difference in found)


def changed_blocks(found: Sequence[Difference]) -> tuple[Block, ...]:
    """Return the blocks these changes touch, each once, in the order of the table."""
    return tuple(dict.fromkeys(difference.about.block for difference in found))


def changed_titles(found: Sequence[Difference]) -> tuple[str, ...]:
    """Return the titles of those blocks."""
    return tuple(BLOCK_TITLES[block] for block in changed_blocks(found))
