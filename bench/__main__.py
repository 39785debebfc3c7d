"""`python -m bench`: measure everything, or what `--only` names; exit 1 where a goal was missed."""

import argparse
import logging
import sys
from collections.abc import Callable

import structlog

from bench import (
    attacking,
    delivery,
    fuzzing,
    lookups,
    mix,
    office,
    province,
    review,
    rosters,
    signing,
    stopping,
    whole_country,
)
from bench.country import PLANNED
from bench.report import Report

Measurement = Callable[[Report, float, int], None]


def _scaled(count: int, scale: float) -> int:
    return max(500, int(count * scale))


MEASUREMENTS: dict[str, Measurement] = {
    "campaign": lambda report, scale, rounds: delivery.campaigns_by_wire(
        report, rounds, _scaled(40_000, scale), delivery.LATENCY
    ),
    "fast": lambda report, scale, rounds: delivery.campaigns_by_wire(
        report, rounds, _scaled(40_000, scale), 0.0
    ),
    "sqlite": lambda report, scale, rounds: delivery.sqlite_beside_postgresql(
        report, rounds, _scaled(20_000, scale)
    ),
    "expansion": lambda report, scale, _: delivery.expansion(report, _scaled(1_000_000, scale)),
    "events": lambda report, scale, _: delivery.events_beside_a_campaign(
        report, _scaled(100_000, scale)
    ),
    "bulk": lambda report, scale, _: delivery.events_beside_a_bulk_change(
        report, _scaled(20_000, scale)
    ),
    "receipts": lambda report, scale, _: delivery.receipts(report, _scaled(20_000, scale), 2000),
    "review": lambda report, scale, rounds: review.review(
        report, _scaled(1_000_000, scale), rounds
    ),
    "mix": lambda report, scale, rounds: mix.mix(report, round(mix.GRADUATES * scale), rounds),
    "country": lambda report, scale, rounds: whole_country.country(
        report, round(PLANNED * scale) if scale != 1 else 0, rounds
    ),
    "office": lambda report, scale, _: office.office(report, _scaled(20_000, scale)),
    "rosters": lambda report, scale, _: rosters.rosters(report, _scaled(20_000, scale)),
    "signing": lambda report, scale, _: signing.signing(report, _scaled(5_000, scale)),
    "province": lambda report, scale, _: province.province(
        report, _scaled(province.RECORDS, scale)
    ),
    "lookups": lambda report, scale, _: lookups.lookups(report, _scaled(lookups.ROWS, scale)),
    "guesses": lambda report, scale, _: attacking.guesses(report, _scaled(1_000_000, scale)),
    "storm": lambda report, scale, _: attacking.storm(report, _scaled(100_000, scale)),
    "timing": lambda report, scale, _: attacking.timing(report, _scaled(2000, scale)),
    "fuzz": lambda report, scale, _: fuzzing.fuzz(report, _scaled(100_000, scale)),
    "stopping": lambda report, _, rounds: stopping.stopping(report, rounds),
    "rate": lambda report, scale, _: delivery.rate_limit(report, _scaled(1500, scale)),
}


ALONE = {"country"}
"""What is measured only where it is asked for: it takes the disk, and its time."""


def main() -> int:
    """Run the measurements and print the table."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("--only", choices=MEASUREMENTS, action="append")
    parser.add_argument("--rounds", type=int, default=5, help="runs a median is taken of (5)")
    parser.add_argument("--scale", type=float, default=1.0, help="of the sizes, for a quick look")
    parser.add_argument(
        "--graduates", type=int, help="of the mix or the country, in place of a scale"
    )
    options = parser.parse_args()
    # A line for each request would bury the figures.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    report = Report()
    whole = {"mix": mix.GRADUATES, "country": PLANNED}
    scales = {
        each: options.graduates / of_all for each, of_all in whole.items() if options.graduates
    }
    for name in options.only or [each for each in MEASUREMENTS if each not in ALONE]:
        MEASUREMENTS[name](report, scales.get(name, options.scale), options.rounds)
    return 1 if report.missed else 0


if __name__ == "__main__":
    sys.exit(main())
