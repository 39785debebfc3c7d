"""`make simulate`: play histories of the sending engine, drawn from seeds.

ARGS="--seeds 2000" plays so many from a random one on, "--seed 7" plays one and tells it,
"--minutes 1" stops after a while. Exit status 1 where something did not hold; then the seed is
printed, and the history made as short as it can be.
"""

import argparse
import secrets
import sys
import time
from collections.abc import Sequence

from simulation.history import drawn
from simulation.house import built
from simulation.search import Broken, cores, judge, quiet, search, shrunk

MOST_SHOWN = 5


def main(arguments: Sequence[str]) -> int:
    """Do what the command line asks; return the exit status."""
    parser = argparse.ArgumentParser(prog="make simulate", description=__doc__)
    parser.add_argument("--seeds", type=int, default=500, help="how many histories")
    parser.add_argument("--first", type=int, help="the first seed; a random one else")
    parser.add_argument("--seed", type=int, help="play this one, and tell it")
    parser.add_argument("--minutes", type=float, default=60.0, help="stop after so long")
    parser.add_argument("--processes", type=int, default=cores(), help="as many as there are cores")
    given = parser.parse_args(arguments)
    quiet()
    if given.seed is not None:
        return _tell(given.seed)
    first = secrets.randbelow(10**9) if given.first is None else given.first
    return _search(first, given.seeds, given.minutes * 60, given.processes)


def _search(first: int, seeds: int, seconds: float, processes: int) -> int:
    began = time.monotonic()
    found, played = list[Broken](), 0
    print(f"from seed {first} on", flush=True)
    for broken in search(first, seeds, seconds, processes):
        played += 1
        if broken is not None:
            found.append(broken)
            print(f"seed {broken.history.seed}: {'; '.join(broken.complaints)}", flush=True)
    spent = time.monotonic() - began
    print(f"{played} histories, {len(found)} broken, {played / spent * 60:.0f} a minute")
    with built() as house:
        for broken in found[:MOST_SHOWN]:
            _show(shrunk(house, broken))
    return 1 if found else 0


def _tell(seed: int) -> int:
    history = drawn(seed)
    with built() as house:
        broken = judge(house, history)
        print("\n".join(history.lines()))
        if broken is None:
            print("everything holds")
            return 0
        print("; ".join(broken.complaints))
        _show(shrunk(house, broken))
    return 1


def _show(broken: Broken) -> None:
    print("\nas short as it can be:")
    print("\n".join(broken.history.lines()))
    for complaint in broken.complaints:
        print(f"  -> {complaint}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
