"""What commands open: the settings, the database, Redis, and the schools they name."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from commands.answers import Refused
from notifier.ledger import notices
from registry.accounts.school_tables import School
from registry.base.database_fitness import Unfit
from registry.base.postgresql import WrongEncoding
from runtime.addresses import is_this_machine
from runtime.resources import Resources, open_resources
from runtime.settings import Settings, SettingsError, read_environment
from workers.wakeups import open_wakeups


def settings_of_environment() -> Settings:
    """Read the settings, QUXIANG_ENV_FILE included; refuse with all complaints at once."""
    try:
        return read_environment()
    except SettingsError as error:
        raise Refused("settings", str(error)) from None


def env_file_of_environment() -> Path | None:
    """Return the file that QUXIANG_ENV_FILE names, if it names one."""
    name = os.environ.get("QUXIANG_ENV_FILE")
    return Path(name) if name else None


def refuse_outside(settings: Settings) -> None:
    """Refuse what is for trials alone where the settings serve people outside."""
    if not is_this_machine(urlsplit(settings.public_url).hostname):
        words = "This is for trials: QUXIANG_PUBLIC_URL names a service for people outside."
        raise Refused("only_for_trials", words)


LOCK_SECONDS = 20
"""How long a command waits for what a page, a worker or another command holds."""


@contextmanager
def opened_resources(settings: Settings | None = None) -> Iterator[Resources]:
    """Open everything, and close it; refuse in words when the database fails."""
    settings = settings or settings_of_environment()
    wakeups = open_wakeups(settings.redis_url)
    resources = open_resources(settings, notices.write, wakeups, lock_seconds=LOCK_SECONDS)
    try:
        yield resources
    except SQLAlchemyError as error:
        raise Refused("database", _failure(error)) from None
    finally:
        resources.redis.close()
        resources.engine.dispose()


def _failure(error: SQLAlchemyError) -> str:
    """Name the error without its own words, which may hold a person's data."""
    if isinstance(error, WrongEncoding):
        return f"The database {Unfit.ENCODING.sentence}."
    cause = type(getattr(error, "orig", None) or error).__name__
    if cause == "LockNotAvailable":
        return f"Something else held what is needed for {LOCK_SECONDS} seconds. Try again."
    return f"The database refused ({cause}). `quxiang check` says more."


def find_school(session: Session, code: str) -> School:
    """Find a school by its code, or refuse."""
    school = session.scalar(select(School).where(School.code == code))
    if school is None:
        raise Refused("no_such_school", f"No school has the code {code}.")
    return school
