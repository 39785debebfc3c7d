"""Bringing a database to the newest tables, or back, by Alembic."""

from argparse import Namespace
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import Script, ScriptDirectory
from sqlalchemy import Engine, event

LOOKS = ("SELECT", "PRAGMA", "WITH")
"""How statements begin that change nothing."""
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


@dataclass(frozen=True)
class Revision:
    """A migration: its number, what it does, and whether the database has it."""

    number: str
    title: str
    applied: bool


def history(engine: Engine) -> list[Revision]:
    """Return every migration in its order, the oldest first."""
    scripts = ScriptDirectory.from_config(_config(engine))
    known = list(scripts.walk_revisions())
    now = current(engine)
    here = now if any(each.revision == now for each in known) else None
    have = {each.revision for each in scripts.iterate_revisions(here, "base")} if here else set()
    found = [Revision(each.revision, each.doc or "", each.revision in have) for each in known]
    return found[::-1]


def current(engine: Engine) -> str | None:
    """Return the number of the database's newest migration; None for an empty database."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def statements(engine: Engine, revision: str = "head") -> list[str]:
    """Return what an upgrade would execute, without its values; it is executed and undone."""
    said: list[str] = []

    def hear(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:  # noqa: ANN401 - the event's own signature
        if not statement.lstrip().upper().startswith(LOOKS):
            said.append(statement.strip())

    config = _config(engine)
    config.attributes["undone"] = True
    event.listen(engine, "before_cursor_execute", hear)
    try:
        command.upgrade(config, revision)
    finally:
        event.remove(engine, "before_cursor_execute", hear)
    return said


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
    revision = current(engine)
    if revision == scripts.get_current_head():
        return Version.CURRENT
    known = {each.revision for each in scripts.walk_revisions()}
    return Version.BEHIND if revision is None or revision in known else Version.AHEAD
