"""`quxiang db`: bring the tables up to date."""

import argparse

from commands.answers import Answer, runs, verbs
from commands.opening import opened
from runtime import schema
from runtime.schema import Version

WORDS = {
    Version.CURRENT: "The tables were up to date.",
    Version.BEHIND: "The tables are up to date now.",
    Version.AHEAD: "The tables are of a newer version, which this one runs on. Nothing was done.",
}


def fill(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments."""
    runs(verbs(parser).add_parser("upgrade", help="migrate to the newest tables"), _upgrade)


def _upgrade(_options: argparse.Namespace) -> Answer:
    with opened() as resources:
        before = schema.version(resources.engine)
        if before is Version.BEHIND:
            schema.upgrade(resources.engine)
    return Answer({"changed": before is Version.BEHIND}, WORDS[before])
