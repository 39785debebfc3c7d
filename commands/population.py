"""`quxiang population`: synthetic people for trials and benchmarks."""

import argparse
import time
from collections.abc import Sequence

from sqlalchemy.orm import Session

from commands.answers import Answer, count, runs, school_code, share, verbs, year
from commands.opening import opened_resources, refuse_outside
from notifier.binding.synthetic import bind_share
from registry.population.create import NewSchool, PopulationSize, create
from registry.record.cohort import cohort_in_season


def fill(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments."""
    made = verbs(parser).add_parser("create", help="add so many to a school, new or not")
    made.add_argument("--school", required=True, type=school_code, metavar="CODE")
    made.add_argument("--name", help="of the school, if it is new")
    made.add_argument("--graduates", required=True, type=count, metavar="N")
    made.add_argument("--year", type=year, help="the cohort (the one in season)")
    made.add_argument(
        "--bound", type=share, default=0.0, metavar="F", help="share with a WeChat (0)"
    )
    made.add_argument(
        "--reported", type=share, default=1.0, metavar="F", help="share with a destination (1)"
    )
    made.add_argument(
        "--posted", type=share, default=0.0, metavar="F", help="share of files that are posted (0)"
    )
    made.add_argument("--seed", type=int, default=0, help="for the same people again (0)")
    runs(made, _create)


def _create(options: argparse.Namespace) -> Answer:
    began, bound = time.monotonic(), 0
    with opened_resources() as resources:
        refuse_outside(resources.settings)
        at = resources.clock()

        def bind(session: Session, ids: Sequence[int]) -> None:
            nonlocal bound
            bound += len(bind_share(session, ids, options.bound, at, options.seed))

        school = NewSchool(options.school, options.name or f"合成大学 {options.school}")
        wanted = PopulationSize(
            year=options.year or cohort_in_season(at),
            graduates=options.graduates,
            reported=options.reported,
            posted=options.posted,
            seed=options.seed,
        )
        made = create(resources.sessions, resources.vault, school, wanted, at, bind)
    seconds = time.monotonic() - began
    facts = {
        "school": made.school,
        "graduates": made.graduates,
        "reported": made.reported,
        "bound": bound,
        "departments": made.departments,
        "seconds": round(seconds, 2),
    }
    return Answer(facts, f"{made.graduates:,} graduates in {seconds:.1f} s, {bound:,} bound.")
