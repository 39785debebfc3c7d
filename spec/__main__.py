"""`make spec`: check every model, print what was found; exit 1 on a surprise, 2 without Spin.

ARGS="--only delivery" checks one model, ARGS="--trail delivery FREEZES=1 WITHOUT_BEGIN_BY" prints
the shortest way to what is wrong.
"""

import argparse
import sys
from collections.abc import Sequence

from spec.checks import CHECKS, Check, Expected
from spec.spin import Model, ModelBroken, ToolMissing, cpu_seconds, require_tools, search
from spec.trail import readable

MODELS = tuple(dict.fromkeys(check.model.name for check in CHECKS))


def main(arguments: Sequence[str]) -> int:
    """Do what the command line asks; return the exit status."""
    parser = argparse.ArgumentParser(prog="make spec", description=__doc__)
    parser.add_argument("--only", choices=MODELS, help="check this model only")
    parser.add_argument("--trail", nargs="+", metavar="MODEL SWITCH", help="print a counterexample")
    given = parser.parse_args(arguments)
    try:
        require_tools()
        if given.trail:
            return _show(Model(given.trail[0], tuple(given.trail[1:])))
        return _check([each for each in CHECKS if given.only in {None, each.model.name}])
    except (ToolMissing, ModelBroken) as error:
        print(error, file=sys.stderr)
        return 2


def _check(checks: Sequence[Check]) -> int:
    began, surprises = cpu_seconds(), 0
    print(f"{'model':<9} {'states':>9} {'s':>5}  {'found':<10} {'expected':<15} switches")
    for model, expected in checks:
        found = search(model, shortest=expected is not Expected.HOLDS)
        as_expected = found.verdict == expected.verdict
        surprises += not as_expected
        print(
            f"{model.name:<9} {found.states:>9} {found.seconds:>5.1f}  {found.verdict:<10}"
            f" {expected:<15} {' '.join(model.switches)}{'' if as_expected else '  <- a surprise'}",
            flush=True,
        )
    print(f"{len(checks)} runs, {surprises} surprises, {cpu_seconds() - began:.0f} s of one core")
    return 1 if surprises else 0


def _show(model: Model) -> int:
    found = search(model, shortest=True, with_trail=True)
    print(f"{found.verdict}, {found.states} states")
    for line in readable(found.trail):
        print(line)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
