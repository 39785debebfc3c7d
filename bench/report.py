"""The table of a benchmark: what was measured, what it was to reach, and whether it did."""

from dataclasses import dataclass, field
from statistics import median


@dataclass(frozen=True)
class Line:
    """One figure."""

    what: str
    value: str
    goal: str
    reached: bool


@dataclass
class Report:
    """The figures of a run, printed as they come."""

    lines: list[Line] = field(default_factory=list)

    def add(self, what: str, value: str, goal: str = "", *, reached: bool = True) -> None:
        """Keep a figure and print it."""
        line = Line(what, value, goal, reached)
        self.lines.append(line)
        mark = " " if not goal else "✓" if reached else "✗"
        print(f"{mark} {what:<66} {value:>22}   {goal}", flush=True)

    @property
    def missed(self) -> int:
        """Return how many goals were not reached."""
        return sum(not line.reached for line in self.lines)


def spread(values: list[float]) -> str:
    """Return the noise of repeated runs: the span between the extremes, of the median."""
    return f"±{(max(values) - min(values)) / 2 / median(values):.0%}"


def percentile(values: list[float], share: float) -> float:
    """Return the value below which this share of the values lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
