"""Decisions of a review and what came of each; the same press twice is one decision."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from flask import render_template, request
from sqlalchemy.orm import Session

from registry.accounts import audit
from registry.accounts import staff as staff_rules
from registry.accounts.tables import AuditEntry
from registry.base.errors import NotFound, RuleError
from registry.base.iso_dates import moment_of
from registry.review import decide, lists
from registry.review.decisions import (
    DONE,
    OUTCOME_SENTENCES,
    Decision,
    Outcome,
    Verdict,
    checked,
    reviewer,
)
from registry.review.states import Purpose
from wxapp.core import seeing
from wxapp.core.db import reading
from wxapp.core.resources import now
from wxapp.core.staff_context import staff_context
from wxapp.reviews.filters import kept_query, next_key

MOST = 1000
"""Applications one press decides on: what takes under three seconds."""
ACTION = "review_decided"


@dataclass(frozen=True)
class DecisionRequest:
    """A decision on applications, given by key with the revision that was seen."""

    verdict: Verdict
    seen: Mapping[str, int]
    purpose: Purpose
    said: str
    """All that was said; who says the same twice means it once."""

    @property
    def name(self) -> str:
        """Return a name of this decision by this member of staff."""
        said = f"{staff_context().staff.key}\n{self.said}".encode()
        return hashlib.sha256(said).hexdigest()[:32]


@dataclass(frozen=True)
class NotDecided:
    """An application that was not moved, and why."""

    key: str
    name: str
    student_number: str
    sentence: str


def read_verdict(form: Mapping[str, str]) -> Verdict:
    """Read what is decided: the reason is one that is kept, one that is written, or both.

    Raises RuleError `decision_missing`, `reason_missing` or `reason_too_long`.
    """
    given = form.get("decision", "")
    if given not in set(Decision):
        raise RuleError("decision_missing", "请选择通过或退回。", "decision")
    said = [form.get("kept", "").strip(), form.get("reason", "").strip()]
    return checked(Verdict(Decision(given), "；".join(each for each in said if each)))


def read_seen(given: Iterable[str]) -> dict[str, int]:
    """Read `key:revision` of each application; raise RuleError `list_unreadable`."""
    found = {}
    for each in given:
        key, _, revision = each.partition(":")
        if not key or not revision.isascii() or not revision.isdigit() or len(revision) > 9:
            raise RuleError("list_unreadable", "页面内容不完整，请刷新列表后再审核。", "seen")
        found[key] = int(revision)
    if len(found) > MOST:
        raise RuleError("too_many_chosen", f"一次最多审核 {MOST:,} 人，请分几次办理。", "seen")
    return found


def read_moment(text: str) -> datetime:
    """Read when a list was shown; raise RuleError `list_unreadable`."""
    try:
        found = moment_of(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise RuleError("list_unreadable", "页面内容不完整，请刷新列表后再审核。", "listed_at")
    return found


def decide_once(session: Session, ask: DecisionRequest) -> str:
    """Decide, and keep what came of each under the decision's name; said again, do nothing."""
    me = staff_context().staff
    # One member of staff decides one thing at a time: a double click waits here for the first.
    staff_rules.lock(session, me.id)
    if _find(session, ask.name) is not None:
        return ask.name
    at = now()
    outcomes = decide.decide(
        session, staff_context().scope, reviewer(me), ask.seen, ask.verdict, at
    )
    details = {
        "decision": ask.verdict.decision,
        "purpose": ask.purpose,
        "outcomes": Counter(outcomes.values()),
        "left": {key: outcome for key, outcome in outcomes.items() if outcome not in DONE},
    }
    audit.note(session, staff_context().audit_record(ACTION, _subject(ask.name), details), at)
    return ask.name


@dataclass(frozen=True)
class DecidedOne:
    """What came of a decision on one application."""

    name: str
    """Of the decision."""
    decision: Decision
    purpose: Purpose
    left: str
    """Why it was not moved; empty where it was."""


def decided_one(session: Session, name: str) -> DecidedOne:
    """Return what came of the reader's decision on one application; raise NotFound for others."""
    found = _mine(session, name)
    left = [OUTCOME_SENTENCES[Outcome(each)] for each in found.details["left"].values()]
    decision, purpose = Decision(found.details["decision"]), Purpose(found.details["purpose"])
    return DecidedOne(name, decision, purpose, "".join(left))


def _mine(session: Session, name: str) -> AuditEntry:
    found = _find(session, name)
    if found is None or found.actor != staff_context().actor:
        raise NotFound("审核结果")
    return found


def _subject(name: str) -> str:
    return f"review:{name}"


def _find(session: Session, name: str) -> AuditEntry | None:
    return audit.find(session, staff_context().scope.school_id, ACTION, _subject(name))


def show_decided(ask: str) -> str:
    """Tell what came of a decision: how many moved, and who did not and why."""
    with reading() as session:
        found = _mine(session, ask)
        left = _left(session, found.details["left"])
        seeing.people(lists.numbered(session, (each.key for each in left)))
        after = request.args.get("after", "")
        following = next_key(session, after) if after else None
    outcomes = {Outcome(each): number for each, number in found.details["outcomes"].items()}
    return render_template(
        "reviews/decided.html",
        at=found.at,
        decision=Decision(found.details["decision"]),
        purpose=Purpose(found.details["purpose"]),
        done=sum(number for each, number in outcomes.items() if each in DONE),
        total=sum(outcomes.values()),
        left=left,
        next_key=following,
        query=kept_query(),
    )


def _left(session: Session, outcomes: Mapping[str, str]) -> list[NotDecided]:
    rows = lists.of_keys(session, staff_context().scope, list(outcomes))
    return [
        NotDecided(
            *(row.key, row.name, row.student_number),
            OUTCOME_SENTENCES[Outcome(outcomes[row.key])],
        )
        for row in rows
    ]
