"""One school's flood beside other schools' ordinary campaigns."""

from functools import partial
from math import inf

from sqlalchemy import func, select

from faults import people
from faults.run import Run, Scenario
from notifier.ledger.tables import Campaign, Message
from registry.population.create import NewSchool

TIMES = 7
"""How many times as much the flooding school sends."""
SCHOOLS = tuple(NewSchool(f"9910{number}", f"第{number}大学") for number in range(3))
MOST = 2.0


def _flood(run: Run) -> None:
    """Send beside the flood, then beside an equal: an ordinary school must hardly notice."""
    beside_flood, equal, beside_equal = SCHOOLS
    each = run.recipients // TIMES
    for school in SCHOOLS:
        people.add_school(run.house, school, each)
    run.reach(0.05, 0.1)
    flooded = run.start_also(beside_flood, each)
    run.wait_for(lambda: run.is_finished(flooded), "the school beside the flood is served", 120)
    run.wait_for(run.is_over, "the flood is over", 120)
    other, calm = run.start_also(equal, each), run.start_also(beside_equal, each)
    for key in (other, calm):
        run.wait_for(partial(run.is_finished, key), "two equals are served", 120)
    long, usual = _seconds(run, flooded), _seconds(run, calm)
    run.hold(long < MOST * usual, f"{long:.1f} s beside a flood, {usual:.1f} s beside an equal")


def _seconds(run: Run, key: str) -> float:
    """Return how long the last recipient of a campaign waited."""
    with run.house.resources.readers.begin() as session:
        first, last = session.execute(
            select(func.min(Message.created_at), func.max(Message.accepted_at))
            .join(Campaign, Campaign.id == Message.campaign_id)
            .where(Campaign.key == key)
        ).one()
    return inf if last is None else float((last - first).total_seconds())


TENANTS = (
    Scenario(
        "flood",
        "one school sends seven times what its neighbour does",
        _flood,
        length=25.0,
        alone=True,
    ),
)
