"""Every run of `make spec`: a model, its switches, and what is expected of it."""

from enum import StrEnum
from typing import NamedTuple

from spec.spin import Model


class Expected(StrEnum):
    """What a run must come to."""

    HOLDS = "holds"
    """All states were searched, and nothing is wrong in any."""
    UNDONE = "broken: undone"
    """One rule of the protocol is taken out, and the model notices."""
    LIMIT = "broken: limit"
    """What docs/delivery.md assumes does not hold here: the reason why it is assumed."""

    @property
    def verdict(self) -> str:
        """Return what the search must say."""
        return self.value.partition(":")[0]


class Check(NamedTuple):
    """A model and what it must come to."""

    model: Model
    expected: Expected


def _checks(name: str, expected: Expected, *switches: str) -> list[Check]:
    return [Check(Model(name, tuple(each.split())), expected) for each in switches]


_DELIVERY = [
    *_checks(
        "delivery",
        Expected.HOLDS,
        "CRASHES=1 BAD=2 PROMPT RECEIPTS UNHEARD UNBIND CANCEL",
        "CRASHES=2 BAD=2 PROMPT UNHEARD",
        "CRASHES=1 BAD=1 RECEIPTS UNHEARD CANCEL RETRY",
        "FREEZES=1 CRASHES=1 BAD=1",
        "FREEZES=1 BAD=1 PROMPT RECEIPTS CANCEL",
        "FREEZES=1 CRASHES=1 BAD=1 PROMPT WITHOUT_TIMEOUT",
        "CRASHES=1 BAD=2 PROMPT REBIND",
        "CRASHES=1 BAD=2 PROMPT PREFERS UNBIND CANCEL",
        "BAD=2 PROMPT PREFERS RECEIPTS CANCEL",
        "BAD=1 PROMPT PREFERS RECEIPTS REBIND",
        "LIVE CRASHES=1 BAD=1 LAST_TICK=8",
        "LIVE FREEZES=1 STAYS_FROZEN LAST_TICK=8",
    ),
    *_checks(
        "delivery",
        Expected.UNDONE,
        "FREEZES=1 PROMPT WITHOUT_BEGIN_BY",
        "FREEZES=1 PROMPT WITHOUT_LAST_LOOK",
        "FREEZES=1 PROMPT WITHOUT_FENCE",
        "FREEZES=1 STAYS_FROZEN LAST_TICK=8 WITHOUT_TIMEOUT",
        "BAD=1 PROMPT REBIND WITHOUT_REBOUND",
        "BAD=2 PROMPT PREFERS UNBIND WITHOUT_MEMORY_OF_CALLS",
        "BAD=2 PROMPT PREFERS RECEIPTS WITHOUT_REPEAT_DOUBTED",
        "BAD=1 PROMPT PREFERS RECEIPTS REBIND WITHOUT_OTHER_COPY",
        "BAD=2 WITHOUT_WINDOW_IN_CLAIM",
        "BAD=2 PROMPT WITHOUT_MARGIN",
        "BAD=1 PROMPT WITHOUT_UNSURE_REFUSAL",
        "BAD=1 PROMPT CANCEL WITHOUT_UNSURE_CLOSE",
        "BAD=3 PROMPT WITHOUT_WINDOW_KEPT",
        "CRASHES=1 WITHOUT_TAKEOVER",
    ),
]
_CAMPAIGN = [
    *_checks("campaign", Expected.HOLDS, "", "LIVE EXPIRIES=0 CANCELS=0 RETRIES=0"),
    *_checks(
        "campaign",
        Expected.UNDONE,
        "WITHOUT_LOOK_IN_CLAIM",
        "WITHOUT_UNSURE_CLOSE",
        "WITHOUT_CLOSE_AFTER_CANCEL",
        "WITHOUT_OPEN_ROWS_IN_FINISH",
        "EXPIRIES=0 CANCELS=0 RETRIES=0 WITHOUT_GO_ON",
    ),
]
_RECEIPTS = [
    *_checks(
        "receipts",
        Expected.HOLDS,
        "",
        "ZERO RETRY",
        "NEW_NUMBER ZERO RETRY",
        "FOREIGN NO_LOSS",
    ),
    *_checks(
        "receipts",
        Expected.UNDONE,
        "ZERO WITHOUT_ONLY_ONE",
        "NEW_NUMBER WITHOUT_REPEATED_COUNTED",
        "FOREIGN NO_LOSS WITHOUT_IN_FLIGHT_EXCEPTED",
        "WITHOUT_IN_FLIGHT_COUNTED",
    ),
    *_checks("receipts", Expected.LIMIT, "FOREIGN", "REBIND"),
]
_QUOTA = [
    *_checks("quota", Expected.HOLDS, "UNHEARD LOSS", "MIDNIGHT UNHEARD LOSS"),
    *_checks(
        "quota",
        Expected.UNDONE,
        "WITHOUT_LOCK",
        "MIDNIGHT WITHOUT_ONE_LOCK",
        "MIDNIGHT WITHOUT_OPEN_COUNTED",
        "UNHEARD WITHOUT_MOVED_ONLY",
        "MIDNIGHT WITHOUT_ITS_DAY",
    ),
]
_FINISH = [
    *_checks("finish", Expected.HOLDS, "", "ONE_CLOCKWORK WITHOUT_LOCK_FIRST"),
    *_checks("finish", Expected.UNDONE, "WITHOUT_LOCK_FIRST"),
]
_RESTORE = [
    *_checks("restore", Expected.HOLDS, "", "CANCEL LOADING RECEIPTS"),
    *_checks(
        "restore",
        Expected.UNDONE,
        "CANCEL WITHOUT_MARK",
        "CANCEL WITHOUT_HELD_PAGES",
        "WITHOUT_HELD_IN_FLIGHT",
        "LOADING WITHOUT_READ",
        "LOADING WITHOUT_UPWARDS",
    ),
    *_checks("restore", Expected.LIMIT, "AWAY", "POOLER", "STOPPED_CLOCK"),
]

CHECKS = (*_DELIVERY, *_CAMPAIGN, *_RECEIPTS, *_QUOTA, *_FINISH, *_RESTORE)
