"""Faults of receipts: late, doubled, early, shuffled, without a number, never, and of failure."""

from faults.oracle import Verdict
from faults.run import Run, Scenario
from faults.storm import Storm

STORM_RATE, STORM_SECONDS = 500, 60


def _receipts(
    name: str, what: str, behaviour: str, *, state: str = "delivered", **order: object
) -> Scenario:
    """Have every receipt go wrong; all messages but those before the order end in this state."""

    def act(run: Run) -> None:
        run.house.control.fault(behaviour, **order)
        run.reach(0.9, 0.99)

    def after(run: Run, verdict: Verdict) -> None:
        number = verdict.states[state]
        verdict.hold(number >= 0.8 * run.recipients, f"only {number} are {state}")

    return Scenario(name, what, act, after)


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


RECEIPTS = (
    _receipts("receipts_late", "receipts 8 s late", "receipt_late", seconds=8.0),
    _receipts("receipts_twice", "every receipt twice", "receipt_twice"),
    _receipts("receipts_early", "receipts before the answer", "receipt_early"),
    _receipts(
        "receipts_shuffled", "receipts in any order within 5 s", "receipt_shuffled", seconds=5.0
    ),
    _receipts("receipts_zero", "receipts with MsgID 0", "receipt_zero"),
    _receipts("receipts_never", "no receipts", "receipt_never", state="accepted"),
    Scenario(
        "storm",
        f"{STORM_RATE} other pushes a second for {STORM_SECONDS} s",
        _storm,
        length=float(STORM_SECONDS),
        alone=True,
    ),
    Scenario("receipts_failed", "receipts of failure to 5 %", _fail_some),
)
