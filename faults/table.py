"""The figures of a suite, as a table for people (and for docs/delivery.md)."""

from collections.abc import Sequence
from itertools import groupby

from faults.playing import Played
from faults.scenarios import BY_NAME
from notifier.ledger.states import MessageState as State

COLUMNS = (
    "fault",
    "runs",
    "recipients",
    "lost",
    "doubled",
    "unknown",
    "failed",
    "recovered",
    "silence",
)


def line(played: Played) -> str:
    """Return one run on a line, with what was broken below it."""
    verdict = played.verdict
    counts = ", ".join(f"{state} {number}" for state, number in sorted(verdict.states.items()))
    said = f"{played.name:<22} seed {played.seed}: {counts}; "
    said += f"lost {verdict.lost}, doubled {verdict.doubled}; "
    said += f"recovered in {played.recovered:.1f} s, longest silence {verdict.silence:.1f} s"
    return "\n  BROKEN: ".join([said, *verdict.complaints])


def table(played: Sequence[Played]) -> str:
    """Return a line for each fault, in Markdown; the worst of its runs where there are several."""
    rows = [f"| {' | '.join(COLUMNS)} |", f"|{'---|' * len(COLUMNS)}"]
    order = list(BY_NAME)
    in_order = sorted(played, key=lambda each: order.index(each.name))
    for _, runs in groupby(in_order, key=lambda each: each.name):
        rows.append(_row(list(runs)))
    return "\n".join(rows)


def _row(runs: Sequence[Played]) -> str:
    verdicts = [each.verdict for each in runs]
    broken = any(each.complaints for each in verdicts)
    cells = (
        f"{'BROKEN ' if broken else ''}{runs[0].what}",
        str(len(runs)),
        str(sum(each.recipients for each in verdicts)),
        str(sum(each.lost for each in verdicts)),
        str(sum(each.doubled for each in verdicts)),
        str(sum(each.states[State.UNKNOWN] for each in verdicts)),
        str(sum(each.states[State.FAILED] for each in verdicts)),
        f"{max(each.recovered for each in runs):.0f} s",
        f"{max(each.silence for each in verdicts):.0f} s",
    )
    return f"| {' | '.join(cells)} |"
