"""Alembic, as tests drive it."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import URL

MIGRATIONS = Path(__file__).parent.parent / "migrations"


def alembic_config(url: URL) -> Config:
    """Configure Alembic for one database."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    address = url.render_as_string(hide_password=False)
    config.set_main_option("sqlalchemy.url", address.replace("%", "%%"))
    return config


def migrate(url: URL, to: str = "head") -> None:
    """Bring a database to a revision."""
    if not (MIGRATIONS / "env.py").exists():
        _create_all(url)  # until the first migration is written
        return
    command.upgrade(alembic_config(url), to)


def _create_all(url: URL) -> None:
    import registry.tables  # noqa: F401, PLC0415 - fills the metadata
    from registry.database import Base, open_engine  # noqa: PLC0415 - goes with the first migration

    engine = open_engine(url.render_as_string(hide_password=False))
    Base.metadata.create_all(engine)
    engine.dispose()
