"""`quxiang restore`: a backup into an empty database, or, as a drill, into one for a moment."""

import argparse
from pathlib import Path

from sqlalchemy import Engine, inspect

from commands import backup
from commands.answers import Answer, Refused, runs
from commands.database import give_rights, migrating
from commands.scratch import restored
from runtime.dumps import SQLITE
from runtime.resources import Resources


def fill(parser: argparse.ArgumentParser) -> None:
    """Describe the arguments."""
    parser.add_argument("file", type=Path, help="as `quxiang backup` wrote it")
    parser.add_argument(
        "--drill", action="store_true", help="into a scratch database, compare, and drop it"
    )
    runs(parser, _restore)


def _restore(options: argparse.Namespace) -> Answer:
    with migrating() as (resources, engine):
        if options.drill:
            about = backup.prove(options.file, resources.settings, engine)
        else:
            about = _put_back(options.file, resources, engine)
    facts = {"made_at": about.made_at, "revision": about.revision, "rows": about.rows}
    done = "would come back" if options.drill else "are back"
    after = (
        ""
        if options.drill
        else "\nquxiang db upgrade, then start the workers: see After a restore."
    )
    words = f"{about.rows:,} rows of {about.made_at} {done}."
    return Answer({**facts, "restored": not options.drill}, f"{words}{after}")


def _put_back(path: Path, resources: Resources, engine: Engine) -> backup.About:
    if inspect(engine).get_table_names():
        raise Refused("not_empty", "The database has tables: restore into an empty one.")
    with path.open("rb") as file:
        about, parts = backup.opened(file, resources.settings)
        if about.kind != engine.dialect.name:
            raise Refused("other_kind", f"It is of {about.kind}, and the settings name another.")
        engine.dispose()
        restored(engine.url, parts)
    if engine is not resources.engine and about.kind != SQLITE:
        give_rights(engine, resources.settings)
    return about
