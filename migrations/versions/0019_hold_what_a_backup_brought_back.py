"""hold what a backup brought back.

What a restored backup holds is known by a column of its own; until now by the reason it waits for,
which other statements write too. A database that is held as this runs stays held. Old code runs on
the new tables: it reads neither the column nor its index.
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"

_CARRY_OVER = """UPDATE message SET held_at = CURRENT_TIMESTAMP
WHERE state = 'waiting' AND reason = 'maybe_before_restore'"""


def upgrade() -> None:
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.add_column(sa.Column("held_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index(
            "ix_message_held",
            ["held_at"],
            unique=False,
            postgresql_where=sa.text("held_at IS NOT NULL"),
            sqlite_where=sa.text("held_at IS NOT NULL"),
        )
    op.execute(_CARRY_OVER)


def downgrade() -> None:
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_message_held",
            postgresql_where=sa.text("held_at IS NOT NULL"),
            sqlite_where=sa.text("held_at IS NOT NULL"),
        )
        batch_op.drop_column("held_at")
