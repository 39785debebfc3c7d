"""let SQLite find what stands and what is newest.

SQLite uses a partial index only where a query says the index's condition in the same words, and
SQLAlchemy asks it for a flag by `= 1`. Old code runs on the new indexes. PostgreSQL keeps its own.
"""

import sqlalchemy as sa
from alembic import op

revision = "0048"
down_revision = "0042"

INDEXES = (
    ("uq_province_entry_standing", "province_entry", ["graduate_id"], "standing"),
    ("uq_issued_number_newest", "issued_number", ["graduate_id", "issue", "kind"], "newest"),
)


def upgrade() -> None:
    _remake(" = 1")


def downgrade() -> None:
    _remake("")


def _remake(said: str) -> None:
    if op.get_bind().dialect.name != "sqlite":
        return
    for name, table, columns, flag in INDEXES:
        op.drop_index(name, table)
        where = sa.text(f"{flag}{said}")
        op.create_index(name, table, columns, unique=True, sqlite_where=where)
