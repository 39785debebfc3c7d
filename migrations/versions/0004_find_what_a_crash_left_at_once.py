"""find what a crash left at once.

Old code must run on the new tables: add first, use later, drop last.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.create_index(
            "ix_message_crashes",
            ["crashes"],
            unique=False,
            postgresql_where=sa.text("state = 'waiting' AND crashes > 0"),
            sqlite_where=sa.text("state = 'waiting' AND crashes > 0"),
        )


def downgrade() -> None:
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_message_crashes",
            postgresql_where=sa.text("state = 'waiting' AND crashes > 0"),
            sqlite_where=sa.text("state = 'waiting' AND crashes > 0"),
        )
