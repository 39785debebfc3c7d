"""What becomes of a claimed message after its call: decided from data alone, written by settle."""

import random
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from notifier.delivery.answers import Answer
from notifier.delivery.claim import Claimed
from notifier.ledger import outcomes
from notifier.ledger.outcomes import Outcome, Reaction
from notifier.ledger.states import MESSAGE, MessageEvent, MessageState
from registry.base.moves import moved_by

BACKOFF_CAP = timedelta(seconds=60)
PERSON_LATER = timedelta(hours=2)
STOPPED = timedelta(seconds=15)
"""How long a message waits when what stopped it is the campaign's or the account's matter."""
EVENTS_HELD = timedelta(minutes=5)
"""How long event messages of a kind wait when WeChat takes none of it; nobody resumes them."""
MOST_TRIES = {Reaction.CAMPAIGN: 5, Reaction.ACCOUNT: 5, Reaction.PERSON_LATER: 12}
"""After how many tries an answer that others do not get is taken to be the message's own, for good:
a minute where it would stop others, a day where it is the person's."""

_FINAL_FOR_PERSON = frozenset({Reaction.PERSON, Reaction.TEXT})
_STOPS = frozenset({Reaction.CAMPAIGN, Reaction.ACCOUNT, Reaction.QUOTA})
_NEVER_CALLED = frozenset({outcomes.NOT_SENT, outcomes.TEMPLATE_MISSING})


class Verdict(NamedTuple):
    """A claimed message and what came of it."""

    message: Claimed
    answer: Answer | None
    """What the platform said; None where no call was made."""
    reason: str = ""
    """Why no call was made and none will be; empty gives the message back as it was."""
    stopped: bool = False
    """Whether its campaign or kind was stopped: then it is given back for a while."""
    alone: bool = False
    """Whether the answer stopped nothing but this message."""

    @property
    def accepted(self) -> bool:
        """Say whether the platform took it."""
        return self.answer is not None and self.answer.outcome is outcomes.ACCEPTED

    @property
    def called(self) -> bool:
        """Say whether a call may have reached the platform, which counts it to the day's quota."""
        return self.answer is not None and self.answer.outcome not in _NEVER_CALLED


def backoff(tries: int) -> timedelta:
    """Return how long to wait after a try, from 1: 1, 2, 4 … 60 seconds, a quarter of it random."""
    seconds = min(2.0 ** (tries - 1), BACKOFF_CAP.total_seconds())
    return timedelta(seconds=seconds * random.uniform(0.75, 1.25))  # noqa: S311 - jitter, no secret


def new_values(verdict: Verdict, at: datetime) -> dict[str, Any]:
    """Return the columns of a message that was not accepted.

    What many got in a row is no matter of theirs: it stops their campaign or kind, and they wait.
    A refusal is final only if no earlier call may have been taken: else the message may well have
    arrived, and is unknown.
    """
    if verdict.answer is None:
        return _not_called(verdict, at)
    outcome = verdict.answer.outcome
    message = verdict.message
    detail = verdict.answer.detail
    if outcome.reaction is Reaction.AMBIGUOUS:
        return _waiting(at + backoff(message.tries), None, outcome.code, detail, forget=False)
    is_final = verdict.alone and outcome.reaction in _FINAL_FOR_PERSON
    if is_final or _is_its_own(verdict, outcome):
        return _ended(_lost_or(message, MessageEvent.REFUSE), outcome.code, at, detail)
    if outcome.reaction is Reaction.PERSON_LATER:
        return _waiting(at + PERSON_LATER, message.maybe_before, outcome.code, detail)
    pause = backoff(message.tries)
    if outcome.reaction in _STOPS | _FINAL_FOR_PERSON:
        pause = STOPPED if verdict.alone else _until_asked_again(message)
    return _waiting(at + pause, message.maybe_before, outcome.code, detail)


def _is_its_own(verdict: Verdict, outcome: Outcome) -> bool:
    """Say whether an answer that may pass or stop others has been this message's own for long."""
    most = MOST_TRIES.get(outcome.reaction)
    return verdict.alone and most is not None and verdict.message.tries >= most


def _not_called(verdict: Verdict, at: datetime) -> dict[str, Any]:
    message = verdict.message
    if verdict.reason:
        return _ended(_lost_or(message, MessageEvent.SKIP), verdict.reason, at, "")
    next_at = at + _until_asked_again(message) if verdict.stopped else at
    return _waiting(next_at, message.maybe_before, "", "") | {"tries": message.tries - 1}


def _until_asked_again(message: Claimed) -> timedelta:
    """Return how long a message waits whose campaign was paused, or whose kind is held."""
    return EVENTS_HELD if message.campaign_id is None else STOPPED


def _lost_or(message: Claimed, event: MessageEvent) -> MessageEvent:
    return event if message.maybe_before is None else MessageEvent.LOSE


def _waiting(
    next_at: datetime,
    maybe_before: datetime | None,
    reason: str,
    detail: str,
    *,
    forget: bool = True,
) -> dict[str, Any]:
    """`forget` puts the window back to what it was before this call, which was not taken."""
    return {
        "state": moved_by(MESSAGE, MessageState.SENDING, MessageEvent.GIVE_BACK),
        "next_at": next_at,
        "forget": int(forget),
        "maybe_before": maybe_before,
        "reason": reason,
        "detail": detail,
        "final_at": None,
    }


def _ended(event: MessageEvent, reason: str, at: datetime, detail: str) -> dict[str, Any]:
    return {
        "state": moved_by(MESSAGE, MessageState.SENDING, event),
        "next_at": at,
        "forget": 0,
        "maybe_before": None,
        "reason": reason,
        "detail": detail,
        "final_at": at,
    }
