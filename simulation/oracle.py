"""What must hold after every history: the ledger beside what people saw."""

from collections import Counter
from collections.abc import Iterator
from sqlite3 import Row

from notifier.ledger import outcomes, quota
from simulation.play import Played

_OPEN = ("waiting", "sending")
_NEED_REASON = ("failed", "unknown", "skipped")


def complaints(played: Played) -> Iterator[str]:
    """Yield what does not hold."""
    campaigns = {row["id"]: row["state"] for row in played.rows("SELECT id, state FROM campaign")}
    rows = played.rows("SELECT * FROM message ORDER BY id")
    people = [row["graduate_id"] for row in rows]
    if len(people) != len(set(people)):
        yield f"{len(people)} rows for {len(set(people))} people"
    for row in rows:
        yield from (f"message {row['id']}: {each}" for each in _of_row(played, row))
        if row["state"] in _OPEN:
            state = campaigns.get(row["campaign_id"])
            yield f"message {row['id']} is {row['state']} for ever, its campaign {state}"
    if not campaigns and not played.acts.restored:
        yield "the campaign is gone"
    yield from (
        f"campaign {key} is {state} for ever"
        for key, state in campaigns.items()
        if state not in ("finished", "cancelled")
    )
    yield from _of_quota(played)


def _of_row(played: Played, row: Row) -> Iterator[str]:
    seen = played.wechat.seen.get(row["id"], [])
    state = row["state"]
    forgotten = played.acts.restore_was_hidden or row["campaign_id"] in played.acts.sent_anew
    if len(seen) > 1 and not (forgotten or played.history.prefers == "delivery"):
        yield f"seen {len(seen)} times, at {', '.join(f'{at:.1f}' for at in seen)} s"
    if state in ("failed", "skipped") and seen and not forgotten:
        yield f"called {state} ({row['reason']}), and came at {seen[0]:.1f} s"
    if state == "delivered" and not seen:
        yield "called delivered, and never came"
    taken = seen or row["id"] in played.wechat.held_back
    if state == "accepted" and not taken:
        yield "called accepted, and was never taken"
    if state in _NEED_REASON and row["reason"] not in outcomes.SENTENCES:
        yield f"{state} without a reason that has a sentence ({row['reason']!r})"


def _of_quota(played: Played) -> Iterator[str]:
    """Hold the calls of each of WeChat's days to the quota, where the ledger's day is the same."""
    if played.database.clock_ahead or played.acts.restored:
        return
    days = Counter(quota.day_of(played.moment(call.at)) for call in played.wechat.calls)
    for day, calls in days.items():
        if calls > played.history.quota:
            yield f"{calls} calls on {day:%d %B}, of a quota of {played.history.quota}"
