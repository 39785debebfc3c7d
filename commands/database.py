"""`quxiang db`: bring the tables up to date."""

import argparse

from commands.answers import Answer, runs, verbs
from commands.opening import opened
from notifier import migrating


def fill(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments."""
    runs(verbs(parser).add_parser("upgrade", help="migrate to the newest tables"), _upgrade)


def _upgrade(_options: argparse.Namespace) -> Answer:
    with opened() as resources:
        current = migrating.is_current(resources.engine)
        if not current:
            migrating.upgrade(resources.engine)
    words = "The tables were up to date." if current else "The tables are up to date now."
    return Answer({"changed": not current}, words)
