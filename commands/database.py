"""`quxiang db`: bring the tables up to date, and write the migrations that do."""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory

from alembic.util import CommandError
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
from runtime.sqlite_copy import copy_sqlite

WORDS = {
    Version.CURRENT: "The tables were up to date.",
    Version.BEHIND: "The tables are up to date now.",
    Version.AHEAD: "The tables are of a newer version, which this one runs on. Nothing was done.",
}


def fill(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments."""
    commands = verbs(parser)
    upgrade = commands.add_parser("upgrade", help="migrate to the newest tables")
    upgrade.add_argument(
        "revision", nargs="?", type=_number, help="or to this one (head)", default="head"
    )
    runs(upgrade, _upgrade)
    downgrade = commands.add_parser("downgrade", help="migrate back; what was added is lost")
    downgrade.add_argument("revision", type=_number, help="a migration's number, or base")
    downgrade.add_argument("--yes", action="store_true", help="there is a backup")
    runs(downgrade, _downgrade)
    runs(commands.add_parser("current", help="the tables' newest migration"), _current)
    runs(
        commands.add_parser("history", help="every migration, and which the tables have"), _history
    )
    sql = commands.add_parser(
        "sql", help="what an upgrade would execute; it is executed and undone"
    )
    sql.add_argument(
        "revision", nargs="?", type=_number, help="up to this one (head)", default="head"
    )
    runs(sql, _sql)
    revise = commands.add_parser("revise", help="write the next migration, when tables.py changed")
    revise.add_argument("message", help='what it does, such as "let provinces remind"')
    runs(revise, _revise)


def _number(text: str) -> str:
    """Read a migration's number, or the first or last of all."""
    if text not in {"head", "base"} and not (text.isascii() and text.isdecimal()):
        raise argparse.ArgumentTypeError(f"{text} is no migration's number, as 0072")
    return text


def _upgrade(options: argparse.Namespace) -> Answer:
    settings = settings_of_environment()
    with migrating() as (resources, engine):
        if unfit := unfitness(engine):
            raise Refused("database_unfit", f"The database {unfit.sentence}.")
        before, was = schema.version(engine), schema.current(engine)
        if before is Version.BEHIND:
            schema.upgrade(engine, options.revision)
        changed = schema.current(engine) != was
        if engine is not resources.engine:
            give_rights(engine, settings)
    if changed and options.revision != "head":
        return Answer({"changed": changed}, f"The tables are at {options.revision} now.")
    return Answer({"changed": changed}, WORDS[before])


def _downgrade(options: argparse.Namespace) -> Answer:
    if not options.yes:
        raise Refused("no_backup", "What was added is lost. Back up, then say --yes.")
    with migrating() as (_, engine):
        schema.downgrade(engine, options.revision)
        now = schema.current(engine) or "base"
    return Answer({"current": now}, f"The tables are at {now} now.")


def _current(_options: argparse.Namespace) -> Answer:
    with migrating() as (_, engine):
        now, state = schema.current(engine) or "base", schema.version(engine)
        waiting = sum(not each.applied for each in schema.history(engine))
    facts = {"current": now, "state": state.value, "waiting": waiting}
    words = {Version.CURRENT: "the newest", Version.AHEAD: "of a newer version"}
    return Answer(facts, f"{now} ({words.get(state, f'{waiting} wait')})")


def _history(_options: argparse.Namespace) -> Answer:
    with migrating() as (_, engine):
        found = schema.history(engine)
    lines = [f"{each.number} {' ' if each.applied else '+'} {each.title}" for each in found]
    return Answer({"migrations": [asdict(each) for each in found]}, "\n".join(lines))


def _sql(options: argparse.Namespace) -> Answer:
    with migrating() as (_, engine), _undoable(engine) as tried:
        said = schema.statements(tried, options.revision)
    return Answer({"statements": said}, "\n".join(f"{each};" for each in said))


@contextmanager
def migrating() -> Iterator[tuple[Resources, Engine]]:
    """Give what a migration needs; refuse a number that no migration has."""
    settings = settings_of_environment()
    with opened_resources(settings) as resources, _owned(settings, resources) as engine:
        try:
            yield resources, engine
        except CommandError as error:
            raise Refused("no_such_migration", f"{error}.") from None


@contextmanager
def _undoable(engine: Engine) -> Iterator[Engine]:
    """Give an engine whose migrations can be undone as a whole: of SQLite, that of a copy."""
    if engine.dialect.name != "sqlite":
        yield engine
        return
    with TemporaryDirectory() as folder:
        path = Path(folder) / "copy.db"
        copy_sqlite(Path(engine.url.database or ""), path)
        copy = open_engine(f"sqlite:///{path}")
        try:
            yield copy
        finally:
            copy.dispose()


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


def give_rights(engine: Engine, settings: Settings) -> None:
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
