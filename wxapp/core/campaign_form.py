"""What every form of a reminder has: whom by state and level, what it says, when, as written."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from werkzeug.datastructures import MultiDict

from notifier.campaigns.audience import Audience
from notifier.campaigns.campaigns import Draft
from notifier.delivery.school_queues import quiet_until
from notifier.ledger import fields, kinds, wording
from notifier.ledger.kinds import Kind
from notifier.ledger.tables import Planned
from registry.base.clock import SHANGHAI
from registry.base.errors import RuleError
from registry.base.iso_dates import moment_of
from registry.record.confirmation.states import TITLES, ConfirmationState
from wxapp.core.resources import now, resources

CONFIRM = "confirmation_reminder"
REMINDED = (
    ConfirmationState.NOT_REPORTED,
    ConfirmationState.UNCONFIRMED,
    ConfirmationState.DISPUTED,
)
"""Whom a reminder to confirm can be for: who confirmed needs none."""
STATE_CHOICES = [(state.value, TITLES[state]) for state in REMINDED]
BOUND = {"yes": True, "no": False}


@dataclass(frozen=True)
class ReminderForm:
    """What stands in the form, as it was written."""

    key: str
    """Of the draft that is being changed; empty for a new one."""
    kind: Kind
    title: str
    state: str
    level: str
    bound: str
    texts: dict[str, str]
    start_at: str
    not_after: str
    prefers: str

    def audience(self, year: int) -> Audience:
        """Return whom it is for."""
        return Audience(
            year=year,
            confirmation=(self.state,) if self.state else (),
            levels=(self.level,) if self.level else (),
            bound=BOUND.get(self.bound),
        )

    def draft(self, year: int) -> Draft:
        """Return the campaign to be; raise RuleError `moment_unreadable` naming the field."""
        return Draft(
            title=self.title,
            kind=self.kind.name,
            audience=self.audience(year),
            texts=self.texts,
            start_at=_moment(self.start_at, "start_at", "开始时间"),
            not_after=_moment(self.not_after, "not_after", "最晚发送时间"),
            prefers=self.prefers,
        )


def _moment(text: str, field: str, title: str) -> datetime | None:
    if not text.strip():
        return None
    try:
        return moment_of(text.strip()).replace(tzinfo=SHANGHAI)
    except ValueError:
        sentence = f"“{title}”请写成日期和时间，例如 2026-06-30 09:00。"
        raise RuleError("moment_unreadable", sentence, field) from None


def begins_at(kind: Kind, start_at: datetime | None) -> datetime | None:
    """Return when what is sent now would begin; None for at once.

    At the moment that was chosen, or when the quiet hours end that hold then.
    """
    chosen = start_at if start_at and start_at > now() else None
    quiet = quiet_until(resources().settings, chosen or now())
    return chosen if kind.any_hour or quiet is None else quiet


def read_common(given: MultiDict[str, str], kind: Kind) -> dict[str, Any]:
    """Read the fields of `ReminderForm`."""
    return {
        "key": given.get("draft", ""),
        "kind": kind,
        "title": given.get("title") or kind.title,
        "state": given.get("state", ConfirmationState.UNCONFIRMED),
        "level": given.get("level", ""),
        "bound": given.get("bound", ""),
        "texts": {
            each.name: given.get(each.name, wording.proposed(each, now())) for each in kind.inputs
        },
        "start_at": given.get("start_at", ""),
        "not_after": given.get("not_after", ""),
        "prefers": given.get("prefers") or "no_duplicate",
    }


def common_of(kept: Planned, key: str) -> dict[str, Any]:
    """Return the fields of `ReminderForm` that led to what is kept.

    `key` is of the draft to change; of one that is only repeated the moments are over.
    """
    audience, kind = Audience.from_json(kept.audience), kinds.kinds()[kept.kind]
    return {
        "key": key,
        "kind": kind,
        "title": kept.title,
        "state": only(audience.confirmation),
        "level": only(audience.levels),
        "bound": next((word for word, each in BOUND.items() if each is audience.bound), ""),
        "texts": wording.given(kind, kept.texts),
        "start_at": _local(kept.start_at) if key else "",
        "not_after": _local(kept.not_after) if key else "",
        "prefers": kept.prefers,
    }


def only(values: Sequence[str]) -> str:
    """Return the one value a field of the form can show; empty for none or many."""
    return values[0] if len(values) == 1 else ""


def _local(moment: datetime | None) -> str:
    """Return a moment as a form's field has it: 2026-06-30T09:00, by Shanghai's clock."""
    return moment.astimezone(SHANGHAI).strftime("%Y-%m-%dT%H:%M") if moment else ""


def limits(kind: Kind) -> dict[str, int]:
    """Return how many characters WeChat shows of each input, by the field it stands in."""
    return {
        each.name: min(
            fields.TYPES[field.type].limit
            for field in kind.fields
            if f"{{{each.name}}}" in field.value
        )
        for each in kind.inputs
    }
