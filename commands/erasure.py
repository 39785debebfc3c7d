"""`quxiang erase`: erase one person's data on request."""

import argparse

from commands.answers import Answer, Refused, runs
from commands.opening import opened_resources
from notifier.binding.forget import forget
from registry.base.clock import utc_now
from registry.upkeep import erase
from registry.upkeep.erase import Reason


def fill(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments."""
    parser.add_argument(
        "graduate",
        metavar="GRADUATE",
        help="the key in the address of the graduate's page, or SCHOOL/STUDENT_NUMBER",
    )
    parser.add_argument(
        "--reason",
        default="on request of the person",
        help="why, for the audit log; nothing personal (%(default)s)",
    )
    runs(parser, _erase)


def _erase(options: argparse.Namespace) -> Answer:
    if not options.reason.strip():
        raise Refused("reason_missing", "Say why: the audit log keeps it.")
    with opened_resources() as resources, resources.sessions.begin() as session:
        graduate = erase.find(session, options.graduate)
        reason = Reason("command", options.reason.strip(), utc_now())
        erased = forget(session, graduate, reason)
        key = graduate.key
    rows = sum(erased.values())
    return Answer(
        {"graduate": key, "rows": dict(erased)},
        f"Erased: {rows} rows about the graduate {key}, and the graduate.",
    )
