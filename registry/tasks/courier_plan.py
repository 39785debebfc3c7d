"""What would become, and what became, of each row of a courier's list.

It is kept sealed between the check and the noting, as an import's plan is.
"""

import json
import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from registry.base.errors import RuleError


class CourierOutcome(StrEnum):
    """What becomes of a row; each row is in exactly one."""

    READY = "ready"
    NOTED = "noted"
    NOT_FOUND = "not_found"
    CANNOT_POST = "cannot_post"
    INVALID = "invalid"
    REPEATED = "repeated"
    """It was noted before."""
    NOBODY = "nobody"


COURIER_OUTCOMES = {
    CourierOutcome.READY: "可登记",
    CourierOutcome.NOTED: "已登记",
    CourierOutcome.NOT_FOUND: "未找到该毕业生",
    CourierOutcome.CANNOT_POST: "不能登记",
    CourierOutcome.INVALID: "内容有误",
    CourierOutcome.REPEATED: "此前已登记",
    CourierOutcome.NOBODY: "空行",
}
_SKIPPED = frozenset({CourierOutcome.REPEATED, CourierOutcome.NOBODY})
_REFUSED = frozenset(CourierOutcome) - _SKIPPED - {CourierOutcome.READY, CourierOutcome.NOTED}
_OF_REFUSALS = {
    "graduate_not_found": CourierOutcome.NOT_FOUND,
    "nothing_registered": CourierOutcome.CANNOT_POST,
    "file_stays": CourierOutcome.CANNOT_POST,
    "receiver_missing": CourierOutcome.CANNOT_POST,
    "already_posted": CourierOutcome.CANNOT_POST,
    "came_back": CourierOutcome.CANNOT_POST,
    "changed_meanwhile": CourierOutcome.CANNOT_POST,
}


@dataclass
class PlannedPosting:
    """One row, and what is to become of it."""

    row: int
    name: str
    student_number: str
    number: str
    posted_on: str = ""
    """In ISO 8601, as the next."""
    received_on: str = ""
    outcome: CourierOutcome = CourierOutcome.READY
    why: str = ""
    graduate_id: int | None = None
    does: str = ""
    """寄出, 签收, or both."""
    unit: str = ""
    odd: list[str] = field(default_factory=list)
    """What should be looked at twice."""

    def refuse(self, refusal: RuleError) -> None:
        """Say why it is not noted."""
        self.outcome = _OF_REFUSALS.get(refusal.code, CourierOutcome.INVALID)
        self.why = refusal.sentence.rstrip("。")

    @property
    def title(self) -> str:
        """Return what becomes of it, as people read it."""
        return COURIER_OUTCOMES[self.outcome]


@dataclass
class CourierPlan:
    """What becomes of a whole list."""

    rows: list[PlannedPosting] = field(default_factory=list)

    def of(self, outcome: CourierOutcome | None) -> Sequence[PlannedPosting]:
        """Return the rows with one outcome, or all."""
        return [each for each in self.rows if outcome in {None, each.outcome}]

    @property
    def has_refused(self) -> bool:
        """Say whether a row is refused."""
        return any(each.outcome in _REFUSED for each in self.rows)

    def by_outcome(self) -> Mapping[CourierOutcome, int]:
        """Return how many rows have each outcome, of those that some row has."""
        counted = Counter(each.outcome for each in self.rows)
        return {outcome: counted[outcome] for outcome in CourierOutcome if counted[outcome]}

    def counts(self) -> dict[str, int]:
        """Return rows, and how many of them are ready, noted, refused and skipped."""
        found = self.by_outcome()
        return {
            "rows": len(self.rows),
            "ready": found.get(CourierOutcome.READY, 0),
            "noted": found.get(CourierOutcome.NOTED, 0),
            "refused": sum(found.get(each, 0) for each in _REFUSED),
            "skipped": sum(found.get(each, 0) for each in _SKIPPED),
            "warnings": sum(len(each.odd) for each in self.rows),
        }

    def packed(self) -> bytes:
        """Return it as it is stored."""
        rows = [vars(each) for each in self.rows]
        return zlib.compress(json.dumps(rows, ensure_ascii=False).encode(), level=1)


def unpacked(content: bytes) -> CourierPlan:
    """Return a plan that was stored."""
    return CourierPlan([_row(each) for each in json.loads(zlib.decompress(content))])


def _row(told: dict[str, Any]) -> PlannedPosting:
    return PlannedPosting(**{**told, "outcome": CourierOutcome(told["outcome"])})
