"""Faults of receipts: late, doubled, early, shuffled, without a number, never, and of failure."""

from collections.abc import Callable

from faults.oracle import Verdict
from faults.run import Run, Scenario
from faults.storm import Storm

STORM_RATE, STORM_SECONDS = 500, 60


def _receipts(behaviour: str, **order: object) -> Callable[[Run], None]:
    """Have every receipt go wrong from the first message to the last."""

    def act(run: Run) -> None:
        run.house.control.fault(behaviour, **order)
        run.reach(0.9, 0.99)

    return act


def _storm(run: Run) -> None:
    """Push besides, many a second: each is answered with success, and each is kept."""
    storm = Storm(run.house, STORM_RATE * STORM_SECONDS)
    run.reach(0.02, 0.1)
    storm.begin(STORM_RATE)
    run.wait_for(lambda: not storm.busy, "the storm is over", 120, storm.answers.total)
    answers = dict(storm.answers)
    run.hold(set(answers) == {"success"}, f"the answers were {answers}")
    kept, sent = storm.kept(), STORM_RATE * STORM_SECONDS
    run.hold(kept == sent, f"{kept} of {sent} pushes were kept")


def _fail_some(run: Run) -> None:
    with run.spoilt("receipt_status", share=0.05):
        run.reach(0.7, 0.9)
    run.allowed.failed = run.hits


def _nearly_all(state: str) -> Callable[[Run, Verdict], None]:
    """Hold that all but those before the order ended so."""

    def after(run: Run, verdict: Verdict) -> None:
        number = verdict.states[state]
        verdict.hold(number >= 0.8 * run.recipients, f"only {number} are {state}")

    return after


RECEIPTS = (
    Scenario(
        "receipts_late",
        "receipts 8 s late",
        _receipts("receipt_late", seconds=8.0),
        after=_nearly_all("delivered"),
    ),
    Scenario(
        "receipts_twice",
        "every receipt twice",
        _receipts("receipt_twice"),
        after=_nearly_all("delivered"),
    ),
    Scenario(
        "receipts_early",
        "receipts before the answer",
        _receipts("receipt_early"),
        after=_nearly_all("delivered"),
    ),
    Scenario(
        "receipts_shuffled",
        "receipts in any order within 5 s",
        _receipts("receipt_shuffled", seconds=5.0),
        after=_nearly_all("delivered"),
    ),
    Scenario(
        "receipts_zero",
        "receipts with MsgID 0",
        _receipts("receipt_zero"),
        after=_nearly_all("delivered"),
    ),
    Scenario(
        "receipts_never", "no receipts", _receipts("receipt_never"), after=_nearly_all("accepted")
    ),
    Scenario(
        "storm",
        f"{STORM_RATE} other pushes a second for {STORM_SECONDS} s",
        _storm,
        length=float(STORM_SECONDS),
        alone=True,
    ),
    Scenario("receipts_failed", "receipts of failure to 5 %", _fail_some),
)
