"""What was done and said about a report, step by step; all that was written is sealed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from registry.base.crypto import Vault
from registry.base.database import random_key
from registry.base.errors import RuleError
from registry.base.text import clean
from registry.breaches.kinds import Office
from registry.breaches.tables import BreachReport, BreachStep

PURPOSE = "breach"
"""What its words are sealed for."""
LONGEST = 1000


class Act(StrEnum):
    """What was done."""

    BEGUN = "begun"
    RAISED = "raised"
    TOLD = "told"
    EXPLAINED = "explained"
    ANSWERED = "answered"
    REOPENED = "reopened"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


ACT_TITLES = {
    Act.BEGUN: "开始处理",
    Act.RAISED: "转由上级处理",
    Act.TOLD: "请学校说明情况",
    Act.EXPLAINED: "学校说明",
    Act.ANSWERED: "答复",
    Act.REOPENED: "申请复核",
    Act.CLOSED: "办结",
    Act.WITHDRAWN: "撤回",
}
SCHOOL_KNOWS = frozenset({Act.TOLD, Act.EXPLAINED})
"""All that a school learns of a report about itself."""


@dataclass(frozen=True)
class Hand:
    """Who does something, and when: the graduate or the clock where nobody is named."""

    at: datetime
    office: Office | None = None
    actor: str = ""


@dataclass(frozen=True)
class SaidStep:
    """A step as it is read."""

    act: Act
    office: Office | None
    words: str
    at: datetime

    @property
    def title(self) -> str:
        """Return what was done."""
        return ACT_TITLES[self.act]


def written(text: str, missing: str, field: str = "words") -> str:
    """Return words as they are kept; `missing` is the sentence for empty ones.

    Raises RuleError `words_missing` or `words_too_long`, with the field's name in front.
    """
    lines = (clean(each) for each in text.splitlines())
    words = "\n".join(each for each in lines if each)
    if not words:
        raise RuleError(f"{field}_missing", missing, field)
    if len(words) > LONGEST:
        raise RuleError(f"{field}_too_long", f"请控制在 {LONGEST} 字以内。", field)
    return words


def add(session: Session, report: BreachReport, act: Act, hand: Hand) -> None:
    """Keep a step that needs no words."""
    _keep(session, report, act, hand, random_key(), None)


def say(
    session: Session, vault: Vault, report: BreachReport, act: Act, hand: Hand, words: str
) -> None:
    """Keep a step with what was said."""
    key = random_key()
    _keep(session, report, act, hand, key, vault.seal(PURPOSE, key, words))


def _keep(
    session: Session, report: BreachReport, act: Act, hand: Hand, key: str, sealed: str | None
) -> None:
    session.add(
        BreachStep(
            key=key,
            report_id=report.id,
            act=act,
            office=hand.office or "",
            by=hand.actor,
            words_sealed=sealed,
            at=hand.at,
        )
    )
    session.flush()


def of_report(session: Session, vault: Vault, report: BreachReport) -> Sequence[SaidStep]:
    """Return the steps of a report, oldest first."""
    rows = session.scalars(
        select(BreachStep).where(BreachStep.report_id == report.id).order_by(BreachStep.id)
    )
    return [SaidStep(Act(each.act), _office(each), _opened(vault, each), each.at) for each in rows]


def _office(step: BreachStep) -> Office | None:
    return Office(step.office) if step.office else None


def _opened(vault: Vault, step: BreachStep) -> str:
    return vault.open(PURPOSE, step.key, step.words_sealed) if step.words_sealed else ""
