"""`quxiang db`: bring the tables up to date, and write the migrations that do."""

import argparse
from tempfile import TemporaryDirectory

from commands.answers import Answer, Misused, Refused, runs, verbs
from commands.opening import opened_resources
from registry.base.database import open_engine
from runtime import schema
from runtime.schema import Version

WORDS = {
    Version.CURRENT: "The tables were up to date.",
    Version.BEHIND: "The tables are up to date now.",
    Version.AHEAD: "The tables are of a newer version, which this one runs on. Nothing was done.",
}


def fill(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments."""
    commands = verbs(parser)
    runs(commands.add_parser("upgrade", help="migrate to the newest tables"), _upgrade)
    revise = commands.add_parser("revise", help="write the next migration, when tables.py changed")
    revise.add_argument("message", help='what it does, such as "let provinces remind"')
    runs(revise, _revise)


def _upgrade(_options: argparse.Namespace) -> Answer:
    with opened_resources() as resources:
        before = schema.version(resources.engine)
        if before is Version.BEHIND:
            schema.upgrade(resources.engine)
    return Answer({"changed": before is Version.BEHIND}, WORDS[before])


def _revise(options: argparse.Namespace) -> Answer:
    """Compare the code's tables with those that all migrations make in a database of its own."""
    message = " ".join(options.message.split()).rstrip(".")
    if not message:
        raise Misused("say what the migration does")
    with TemporaryDirectory() as folder:
        engine = open_engine(f"sqlite:///{folder}/migrated.db")
        try:
            schema.upgrade(engine)
            path = schema.revise(engine, message)
        except OSError as error:
            raise Refused("not_written", f"The migration cannot be written: {error}") from None
        finally:
            engine.dispose()
    words = f"{path} is written: read it, mend it, run `make format` and the tests of migrations."
    return Answer({"migration": str(path)}, words)
