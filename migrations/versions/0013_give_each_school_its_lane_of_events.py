"""give each school its lane of events.

Old code must run on the new tables: add first, use later, drop last.
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.create_index(
            "ix_message_event",
            ["school_id", "next_at", "id"],
            unique=False,
            postgresql_where=sa.text("campaign_id IS NULL AND state = 'waiting'"),
            sqlite_where=sa.text("campaign_id IS NULL AND state = 'waiting'"),
        )


def downgrade() -> None:
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_message_event",
            postgresql_where=sa.text("campaign_id IS NULL AND state = 'waiting'"),
            sqlite_where=sa.text("campaign_id IS NULL AND state = 'waiting'"),
        )
