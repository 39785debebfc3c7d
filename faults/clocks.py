"""Faults of time: the clocks of our processes are set forward and back under a running campaign."""

from collections.abc import Callable

from faults.faketime import needs_faketime
from faults.oracle import Verdict
from faults.run import SEND, Run, Scenario
from registry.base.database import database_now

WORKER, WEB = 900, 540
"""Seconds; WeChat's pushes are refused where the web's clock is more than ten minutes off."""
UNANSWERED = 20


def _set_clocks(*signs: int) -> Callable[[Run], None]:
    """Set the clocks forward (1), back (-1) or right (0), one after another."""

    def act(run: Run) -> None:
        for step, sign in enumerate(signs):
            low = 0.1 + 0.7 * step / len(signs)
            run.reach(low, low + 0.1)
            run.house.worker_clock.set(sign * WORKER)
            run.house.web_clock.set(sign * WEB)

    return act


def _jump(run: Run) -> None:
    """Set the clock forward by which leases and windows are read, while calls have no answer."""
    run.reach(0.2, 0.6)
    order = run.house.control.fault("hang", path=SEND, times=UNANSWERED)
    run.wait_for(lambda: run.struck(order) == UNANSWERED, "some calls have no answer", 30)
    run.note_in_flight()
    run.house.own_postgresql.clock.set(WORKER)
    run.wait_for(lambda: _ahead(run) > WORKER / 2, "the database's clock has jumped", 10)
    run.note_in_flight()


def _not_repeated(_run: Run, verdict: Verdict) -> None:
    """Hold that nobody without an answer was asked again: their window has closed, as it says."""
    unknown = verdict.states["unknown"]
    verdict.hold(unknown >= UNANSWERED, f"{unknown} are unknown of {UNANSWERED} without an answer")


def _ahead(run: Run) -> float:
    """Return how many seconds the database's clock is ahead."""
    with run.house.resources.readers() as session:
        return (database_now(session) - run.house.resources.clock()).total_seconds()


def _clocks(name: str, what: str, *signs: int) -> Scenario:
    act = _set_clocks(*signs)
    return Scenario(name, what, act, clock=True, hindrance=needs_faketime)


CLOCKS = (
    _clocks("clock_forward", "clocks set forward: workers 15 minutes, web 9", 1),
    _clocks("clock_back", "clocks set back as far", -1),
    _clocks("clock_to_and_fro", "clocks set forward, back, forward, right", 1, -1, 1, 0),
    Scenario(
        "database_clock",
        "the clock of PostgreSQL jumps 15 minutes forward",
        _jump,
        after=_not_repeated,
        database="faketime",
        hindrance=needs_faketime,
    ),
)
