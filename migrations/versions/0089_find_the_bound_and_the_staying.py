"""find the bound and the staying.

A school's first page counts who bound a WeChat since yesterday, its transfer list whose file stays:
each read all of a cohort. On PostgreSQL the indexes are made while everybody writes.
"""

import sqlalchemy as sa
from alembic import context, op

revision = "0089"
down_revision = "0099"

_INDEXES = {
    "ix_binding_bound": ("binding", ["school_id", "year", "bound_at"], sa.text("ended_at IS NULL")),
    "ix_registration_file": ("registration", ["school_id", "year", "file_type"], None),
}


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for name, (table, columns, which) in _INDEXES.items():
            op.create_index(name, table, columns, sqlite_where=which)
        return
    if context.config.attributes.get("undone"):  # `quxiang db sql`: nothing may be committed
        for name, (table, columns, which) in _INDEXES.items():
            op.create_index(name, table, columns, postgresql_where=which)
        return
    with op.get_context().autocommit_block():
        for name, (table, columns, which) in _INDEXES.items():
            # What an interrupted one left is not an index that answers.
            op.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
            made = {"postgresql_where": which, "postgresql_concurrently": True}
            op.create_index(name, table, columns, **made)


def downgrade() -> None:
    for name, (table, _, _) in _INDEXES.items():
        op.drop_index(name, table)
