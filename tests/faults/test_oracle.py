"""The oracle complains of each thing that must not happen, and of nothing else."""

from collections import Counter

import pytest

from faults.oracle import Allowed, Verdict, judge_bounds, judge_rows, judge_truth
from notifier.ledger.tables import Message

Seen = dict[str, str]


def row(name: str, state: str, reason: str = "") -> Message:
    return Message(graduate_id=ord(name), client_msg_id=name, state=state, reason=reason)


def seen(name: str, openid: str = "") -> Seen:
    return {"client_msg_id": name, "openid": openid or f"o{name}"}


def complaints(
    rows: list[Message], saw: list[Seen], unseen: list[Seen], allowed: Allowed
) -> list[str]:
    verdict = Verdict(len(rows), Counter(each.state for each in rows))
    judge_rows(verdict, rows)
    judge_truth(verdict, rows, saw, unseen)
    judge_bounds(verdict, allowed)
    return verdict.complaints


def test_a_campaign_as_it_should_be_is_let_through() -> None:
    rows = [
        row("a", "delivered"),
        row("b", "accepted"),
        row("c", "failed", "refused"),
        row("d", "unknown", "window_closed"),
        row("e", "unknown", "window_closed"),
    ]
    saw = [seen("a"), seen("b"), seen("d")]
    assert complaints(rows, saw, [], Allowed(unsure=2, failed=1)) == []


@pytest.mark.parametrize(
    ("rows", "saw", "complaint"),
    [
        ([row("a", "delivered")], [], "never came"),
        ([row("a", "accepted")], [], "never came"),
        ([row("a", "waiting")], [], "wait for ever"),
        ([row("a", "sending")], [seen("a")], "wait for ever"),
        ([row("a", "delivered")], [seen("a"), seen("a")], "seen twice"),
        ([row("a", "delivered")], [seen("a"), seen("b")], "nobody sent"),
        ([row("a", "failed", "refused")], [seen("a")], "called failed and came"),
        ([row("a", "skipped", "cancelled")], [seen("a")], "called not sent and came"),
        ([row("a", "unknown")], [], "without a reason"),
        ([row("a", "unknown", "of_no_kind")], [], "without a sentence"),
        ([row("a", "unknown", "crashed")], [], "unknown where at most 0"),
        ([row("a", "failed", "refused")], [], "failed where 0 were refused"),
        ([row("a", "skipped", "cancelled")], [], "without anybody asking"),
        ([row("a", "accepted"), row("a", "accepted")], [seen("a")], "2 rows of 1 people"),
    ],
)
def test_each_breach_is_named(rows: list[Message], saw: list[Seen], complaint: str) -> None:
    assert complaint in " ".join(complaints(rows, saw, [], Allowed()))


def test_a_delivered_message_that_was_taken_but_never_seen_is_lost() -> None:
    assert complaints([row("a", "delivered")], [], [seen("a")], Allowed())
    assert not complaints([row("a", "accepted")], [], [seen("a")], Allowed())
