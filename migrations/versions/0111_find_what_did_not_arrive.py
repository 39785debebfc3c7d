"""find what did not arrive.

Each ten seconds it is looked for messages that a one-time notice may stand in for: without an index
all messages would be read. On PostgreSQL the indexes are made while everybody writes.
"""

import sqlalchemy as sa
from alembic import context, op

revision = "0111"
down_revision = "0110"

_UNREACHED = sa.text("reason IN ('not_following', 'refused', 'user_block')")
_INDEXES = {
    "ix_message_unreached": ("message", ["final_at"], _UNREACHED),
    "ix_mini_user_account_openid": ("mini_user", ["account_openid"], None),
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
