"""`python -m faults`: play every scenario, print what came of it, exit 1 if anything was broken."""

import argparse
import os
import signal
import sys
import time
from collections.abc import Sequence
from contextlib import closing

from faults.players import Task, play_all
from faults.playing import Played, Wish, forget_settings
from faults.run import Scenario
from faults.scenarios import SCENARIOS
from faults.table import line, table

AT_ONCE_A_CORE, MOST_AT_ONCE = 2, 8  # a run mostly waits, and takes a gigabyte of memory


def _names() -> list[str]:
    """Return by what scenarios are asked for: each by its name, some by that of their group."""
    groups = dict.fromkeys(each.group for each in SCENARIOS if each.group)
    return [*groups, *(each.name for each in SCENARIOS)]


def _read(arguments: list[str]) -> argparse.Namespace:
    at_once = min(AT_ONCE_A_CORE * (os.cpu_count() or 1), MOST_AT_ONCE)
    parser = argparse.ArgumentParser(prog="faults", description=__doc__)
    parser.add_argument("--only", action="append", default=[], choices=_names(), metavar="NAME")
    parser.add_argument("--runs", type=int, default=1, help="of each, with other seeds (1)")
    parser.add_argument("--seed", type=int, default=None, help="of the first run (the time)")
    parser.add_argument("--recipients", type=int, default=2000, help="of each campaign (2000)")
    parser.add_argument(
        "--at-once", type=int, default=at_once, help=f"runs side by side ({at_once})"
    )
    parser.add_argument("--short", action="store_true", help="scale the lease and the windows")
    parser.add_argument("--keep", action="store_true", help="keep the logs of broken runs")
    return parser.parse_args(arguments)


def main(arguments: list[str]) -> int:
    """Play; return 1 if the oracle was broken anywhere."""
    given = _read(arguments)
    forget_settings()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # end what was started, too
    seed = given.seed if given.seed is not None else int(time.time()) % 100_000
    wish = Wish(given.recipients, given.short, given.keep)
    seeds = range(seed, seed + given.runs)
    print(f"seeds {seed} to {seeds[-1]}, {wish.recipients} recipients", flush=True)
    begun = time.monotonic()
    wanted = [each for each in SCENARIOS if _can_be_played(each, given.only)]
    together = [each for each in wanted if not each.alone]
    played = _play(wish, _tasks(together, seeds), given.at_once)
    played += _play(wish, _tasks([each for each in wanted if each.alone], seeds), 1)
    print(table(played))
    print(f"{len(played)} runs in {(time.monotonic() - begun) / 60:.0f} minutes")
    return int(any(each.verdict.complaints for each in played))


def _can_be_played(scenario: Scenario, only: Sequence[str]) -> bool:
    """Say so; and why not, if it was wanted."""
    if only and not {scenario.name, scenario.group} & set(only):
        return False
    if hindrance := scenario.hindrance():
        print(f"{scenario.name:<22} skipped: {hindrance}", flush=True)
    return not hindrance


def _tasks(scenarios: Sequence[Scenario], seeds: range) -> list[Task]:
    """Return every scenario once, then every one again, so that an early end has seen them all."""
    return [(each.name, seed) for seed in seeds for each in scenarios]


def _play(wish: Wish, tasks: Sequence[Task], at_once: int) -> list[Played]:
    played = []
    with closing(play_all(wish, tasks, at_once)) as runs:
        for each in runs:
            print(line(each), flush=True)
            played.append(each)
    return played


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit("stopped; nothing that was started is left")
