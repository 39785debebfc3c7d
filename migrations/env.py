"""How Alembic runs here: online, on the engine it is given, one migrator at a time."""

from alembic import context
from sqlalchemy import Engine, text

from migrations import count_triggers
from migrations.metadata import is_on_sqlite, metadata

ADVISORY_LOCK = 7_140_926  # any number, the same for every migrator


def run(engine: Engine) -> None:
    """Run the migrations in one transaction, holding other migrators off."""
    with engine.connect() as connection:
        sqlite = connection.dialect.name == "sqlite"
        context.configure(
            connection=connection,
            target_metadata=metadata,
            compare_type=not sqlite,
            render_as_batch=sqlite,
            include_object=is_on_sqlite if sqlite else None,
        )
        with context.begin_transaction():
            if not sqlite:
                connection.execute(text("SET LOCAL lock_timeout = '5s'"))
                connection.execute(text(f"SELECT pg_advisory_xact_lock({ADVISORY_LOCK})"))
            else:
                count_triggers.drop(connection)  # a copied table would lose them, or be refused
            context.run_migrations()
            if sqlite and count_triggers.has_counts(connection):
                count_triggers.drop(connection)
                count_triggers.count_anew(connection)
                count_triggers.make(connection)
        connection.commit()


run(context.config.attributes["engine"])
