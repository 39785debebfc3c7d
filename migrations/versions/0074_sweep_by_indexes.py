"""sweep by indexes.

On PostgreSQL the indexes are made while everybody writes: about a second for a million rows, half
a minute for the pushes of a year of a country. Tables that change all day are vacuumed after
a hundredth of their rows has changed, not a fifth; to say so locks nobody out.
"""

import sqlalchemy as sa
from alembic import context, op

revision = "0074"
down_revision = "0073"

_BUSY = {
    "autovacuum_vacuum_scale_factor": "0.01",
    "autovacuum_analyze_scale_factor": "0.02",
    "autovacuum_vacuum_insert_scale_factor": "0.02",
}
_BUSIEST = {**_BUSY, "autovacuum_vacuum_scale_factor": "0.005"}
_SETTINGS = {
    **dict.fromkeys(("graduate", "registration", "application", "issued_number"), _BUSY),
    **dict.fromkeys(("binding", "follower", "confirmation", "inbox_event", "audit_entry"), _BUSY),
    "message": _BUSIEST,
}
_INDEXES = {
    "ix_inbox_event_done": ("inbox_event", ["done_at"], sa.text("done_at IS NOT NULL")),
    "ix_attempt_at": ("attempt", ["at"], None),
    "ix_campaign_state": ("campaign", ["state", "id"], None),
}


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for name, (table, columns, which) in _INDEXES.items():
            op.create_index(name, table, columns, sqlite_where=which)
        return
    for table, settings in _SETTINGS.items():
        said = ", ".join(f"{name} = {value}" for name, value in settings.items())
        op.execute(f"ALTER TABLE {table} SET ({said})")
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
    if op.get_bind().dialect.name == "sqlite":
        return
    for table in _SETTINGS:
        op.execute(f"ALTER TABLE {table} RESET ({', '.join(_BUSY)})")
