"""The rate limit over several worker processes, as the responder counted it."""

from collections.abc import Mapping

from bench.responder import TICK

SECOND = round(1 / TICK)


def busiest_second(tally: Mapping[int, int]) -> int:
    """Return the most sends in any second, its edges taken every hundredth."""
    ticks = range(min(tally), max(tally) + 1)
    counts = [tally.get(tick, 0) for tick in ticks]
    window = sum(counts[:SECOND])
    most = window
    for place in range(SECOND, len(counts)):
        window += counts[place] - counts[place - SECOND]
        most = max(most, window)
    return most


def average_rate(tally: Mapping[int, int]) -> float:
    """Return the sends a second between the first and the last."""
    return sum(tally.values()) / max(TICK, (max(tally) - min(tally)) * TICK)
