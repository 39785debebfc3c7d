"""`python -m faults`: play every scenario, print what came of it, exit 1 if anything was broken."""

import argparse
import signal
import sys
import time

from faults.playing import Played, Wish, forget_settings, open_stage, play
from faults.scenarios import SCENARIOS
from faults.table import line, table


def _read(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="faults", description=__doc__)
    parser.add_argument("--only", action="append", default=[], choices=[s.name for s in SCENARIOS])
    parser.add_argument("--runs", type=int, default=1, help="of each, with other seeds (1)")
    parser.add_argument("--seed", type=int, default=None, help="of the first run (the time)")
    parser.add_argument("--recipients", type=int, default=2000, help="of each campaign (2000)")
    parser.add_argument("--short", action="store_true", help="scale the lease and the windows")
    parser.add_argument("--keep", action="store_true", help="keep the logs of broken runs")
    return parser.parse_args(arguments)


def main(arguments: list[str]) -> int:
    """Play; return 1 if the oracle was broken anywhere."""
    given = _read(arguments)
    forget_settings()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # end what was started, too
    seed = given.seed if given.seed is not None else int(time.time()) % 100_000
    wish = Wish(given.recipients, seed, given.short, given.keep)
    print(f"seed {seed}, {wish.recipients} recipients", flush=True)
    played: list[Played] = []
    with open_stage(wish) as stage:
        for scenario in SCENARIOS:
            if given.only and scenario.name not in given.only:
                continue
            if hindrance := scenario.hindrance():
                print(f"{scenario.name:<22} skipped: {hindrance}", flush=True)
                continue
            for number in range(given.runs):
                played.append(play(stage, scenario, seed + number))
                print(line(played[-1]), flush=True)
    print(table(played))
    return int(any(each.verdict.complaints for each in played))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
