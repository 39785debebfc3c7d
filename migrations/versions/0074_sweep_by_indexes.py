"""sweep by indexes.

On PostgreSQL the indexes are made while everybody writes: about a second for a million rows, half
a minute for the pushes of a year of a country. Tables that change all day are vacuumed after
a hundredth of their rows has changed, not a fifth; to say so locks nobody out.
"""

from alembic import op

from migrations import concurrent_indexes
from migrations.concurrent_indexes import TableIndex

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
    "ix_inbox_event_done": TableIndex("inbox_event", ["done_at"], "done_at IS NOT NULL"),
    "ix_attempt_at": TableIndex("attempt", ["at"]),
    "ix_campaign_state": TableIndex("campaign", ["state", "id"]),
}


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        _set_vacuum()
    concurrent_indexes.make(_INDEXES)


def _set_vacuum() -> None:
    for table, settings in _SETTINGS.items():
        said = ", ".join(f"{name} = {value}" for name, value in settings.items())
        op.execute(f"ALTER TABLE {table} SET ({said})")


def downgrade() -> None:
    concurrent_indexes.drop(_INDEXES)
    if op.get_bind().dialect.name == "sqlite":
        return
    for table in _SETTINGS:
        op.execute(f"ALTER TABLE {table} RESET ({', '.join(_BUSY)})")
