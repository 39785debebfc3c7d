"""`quxiang db`: bring the tables up to date, and write the migrations that do."""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory

from sqlalchemy import Engine, make_url

from commands.answers import Answer, Misused, Refused, runs, verbs
from commands.opening import opened_resources, settings_of_environment
from registry.accounts.audit_log import guards
from registry.base.database import open_engine
from registry.base.database_fitness import unfitness
from runtime import schema
from runtime.resources import Resources
from runtime.schema import Version
from runtime.settings import Settings

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
    settings = settings_of_environment()
    with opened_resources(settings) as resources, _owned(settings, resources) as engine:
        if unfit := unfitness(engine):
            raise Refused("database_unfit", f"The database {unfit.sentence}.")
        before = schema.version(engine)
        if before is Version.BEHIND:
            schema.upgrade(engine)
        if engine is not resources.engine:
            _grant(engine, settings)
    return Answer({"changed": before is Version.BEHIND}, WORDS[before])


@contextmanager
def _owned(settings: Settings, resources: Resources) -> Iterator[Engine]:
    """Give the database as its owner where a setting names one."""
    if settings.owner_database_url is None:
        yield resources.engine
        return
    engine = open_engine(settings.owner_database_url)
    try:
        yield engine
    finally:
        engine.dispose()


def _grant(engine: Engine, settings: Settings) -> None:
    """Give the application's role its rights, new tables included."""
    role = make_url(settings.database_url).username
    if engine.dialect.name == "sqlite" or not role:
        raise Refused("no_role", "QUXIANG_OWNER_DATABASE_URL is for PostgreSQL, with two roles.")
    with engine.begin() as connection:
        guards.grant(connection, role)


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
