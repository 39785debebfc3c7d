"""What would become, and what became, of each row of a spreadsheet of invitations.

It is kept sealed between the check and the sending, as an import's plan is.
"""

import json
import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from registry.base.errors import RuleError


class RowOutcome(StrEnum):
    """What becomes of a row; each row is in exactly one."""

    READY = "ready"
    SENT = "sent"
    NOT_FOUND = "not_found"
    NOT_LOOKED_UP = "not_looked_up"
    INVITED = "invited"
    CANNOT_SIGN = "cannot_sign"
    INVALID = "invalid"
    TOO_MANY_TODAY = "too_many_today"
    REPEATED = "repeated"
    """The same row of the same file was sent before."""
    NOBODY = "nobody"
    """Prepared for somebody, and left empty."""


OUTCOME_TITLES = {
    RowOutcome.READY: "可发送",
    RowOutcome.SENT: "已发送",
    RowOutcome.NOT_FOUND: "未找到该毕业生",
    RowOutcome.NOT_LOOKED_UP: "未核对",
    RowOutcome.INVITED: "已邀请",
    RowOutcome.CANNOT_SIGN: "目前不能签约",
    RowOutcome.INVALID: "内容有误",
    RowOutcome.TOO_MANY_TODAY: "超过当日数量",
    RowOutcome.REPEATED: "已发送过",
    RowOutcome.NOBODY: "空行",
}
SKIPPED = frozenset({RowOutcome.REPEATED, RowOutcome.NOBODY})
REFUSED = frozenset(RowOutcome) - SKIPPED - {RowOutcome.READY, RowOutcome.SENT}
_OF_REFUSALS = {
    "graduate_not_found": RowOutcome.NOT_FOUND,
    "too_many_attempts": RowOutcome.NOT_LOOKED_UP,
    "not_looked_up": RowOutcome.NOT_LOOKED_UP,
    "already_invited": RowOutcome.INVITED,
    "cannot_sign": RowOutcome.CANNOT_SIGN,
    "too_many_today": RowOutcome.TOO_MANY_TODAY,
}


@dataclass
class PlannedInvitation:
    """One row, and what is to become of it."""

    row: int
    name: str
    student_number: str
    terms: dict[str, str]
    answer_by: str
    """As the file has it: days count from the sending."""
    outcome: RowOutcome = RowOutcome.READY
    why: str = ""
    graduate_id: int | None = None
    about: str = ""
    """Department and major of who was found."""
    odd: list[str] = field(default_factory=list)
    """What both parties should look at twice."""
    sent_at: str = ""
    """In ISO 8601, of what was sent now or before."""

    def refuse(self, refusal: RuleError) -> None:
        """Say why it is not sent."""
        self.outcome = _OF_REFUSALS.get(refusal.code, RowOutcome.INVALID)
        self.why = refusal.sentence.rstrip("。")

    def repeat(self, sent_at: str) -> None:
        """Say that the same row of the same file was sent before."""
        self.outcome, self.sent_at = RowOutcome.REPEATED, sent_at
        self.why = "同一文件的这一行已经发送过，没有重复发送"

    @property
    def title(self) -> str:
        """Return what becomes of it, as people read it."""
        return OUTCOME_TITLES[self.outcome]


@dataclass
class InvitationPlan:
    """What becomes of a whole file."""

    rows: list[PlannedInvitation] = field(default_factory=list)

    def of(self, outcome: RowOutcome | None) -> Sequence[PlannedInvitation]:
        """Return the rows with one outcome, or all."""
        return [each for each in self.rows if outcome in {None, each.outcome}]

    @property
    def ready(self) -> list[PlannedInvitation]:
        """Return the rows that can be sent."""
        return [each for each in self.rows if each.outcome is RowOutcome.READY]

    @property
    def has_refused(self) -> bool:
        """Say whether a row is refused."""
        return any(each.outcome in REFUSED for each in self.rows)

    def by_outcome(self) -> Mapping[RowOutcome, int]:
        """Return how many rows have each outcome, of those that some row has."""
        counted = Counter(each.outcome for each in self.rows)
        return {outcome: counted[outcome] for outcome in RowOutcome if counted[outcome]}

    def counts(self) -> dict[str, int]:
        """Return rows, and how many of them are ready, sent, refused and skipped."""
        found = self.by_outcome()
        return {
            "rows": len(self.rows),
            "ready": found.get(RowOutcome.READY, 0),
            "sent": found.get(RowOutcome.SENT, 0),
            "refused": sum(found.get(each, 0) for each in REFUSED),
            "skipped": sum(found.get(each, 0) for each in SKIPPED),
            "warnings": sum(len(each.odd) for each in self.rows),
        }

    def packed(self) -> bytes:
        """Return it as it is stored."""
        rows = [vars(each) for each in self.rows]
        return zlib.compress(json.dumps(rows, ensure_ascii=False).encode(), level=1)


def unpacked(content: bytes) -> InvitationPlan:
    """Return a plan that was stored."""
    return InvitationPlan([_row(each) for each in json.loads(zlib.decompress(content))])


def _row(told: dict[str, Any]) -> PlannedInvitation:
    return PlannedInvitation(**{**told, "outcome": RowOutcome(told["outcome"])})
