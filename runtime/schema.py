"""Bringing a database to the newest tables, or back, by Alembic."""

from argparse import Namespace
from enum import StrEnum
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import Script, ScriptDirectory
from sqlalchemy import Engine

FOLDER = Path(__file__).resolve().parent.parent / "migrations"


class Version(StrEnum):
    """How a database's tables stand to a program."""

    CURRENT = "ok"
    BEHIND = "not migrated"
    AHEAD = "ahead"
    """Of a newer version, which the program runs on: a migration drops nothing that it uses."""


def _config(engine: Engine) -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.attributes["engine"] = engine
    return config


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Migrate up to `revision`."""
    command.upgrade(_config(engine), revision)


def downgrade(engine: Engine, revision: str) -> None:
    """Migrate down to `revision`; `base` is the empty database."""
    command.downgrade(_config(engine), revision)


def revise(engine: Engine, message: str) -> Path:
    """Write the next migration, and return its file: what leads this database to the code's tables.

    The database has to be at the newest migration. The number is one more than any has; where
    nothing differs, `upgrade` and `downgrade` have nothing in them yet. Raises OSError where the
    file cannot be written.
    """
    config = _config(engine)
    config.cmd_opts = Namespace(quiet=True)  # a command says itself what it did
    known = ScriptDirectory.from_config(config).walk_revisions()
    number = f"{max((int(each.revision) for each in known), default=0) + 1:04}"
    script = command.revision(config, message, autogenerate=True, rev_id=number)
    assert isinstance(script, Script)  # more come only of several databases
    return Path(script.path)


def version(engine: Engine) -> Version:
    """Say how the database's tables stand to this program."""
    scripts = ScriptDirectory.from_config(_config(engine))
    with engine.connect() as connection:
        revision = MigrationContext.configure(connection).get_current_revision()
    if revision == scripts.get_current_head():
        return Version.CURRENT
    known = {each.revision for each in scripts.walk_revisions()}
    return Version.BEHIND if revision is None or revision in known else Version.AHEAD
