"""remind of the last day.

Old code must run on the new tables: add first, use later, drop last.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    with op.batch_alter_table("campaign", schema=None) as batch_op:
        batch_op.add_column(sa.Column("occasion", sa.String(length=80), nullable=True))
        batch_op.create_index("uq_campaign_occasion", ["school_id", "occasion"], unique=True)

    with op.batch_alter_table("season", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("reminds", sa.Boolean(), server_default=sa.true(), nullable=False)
        )


def downgrade() -> None:
    # Not as a batch: on SQLite that would drop and make anew a table others refer to.
    op.drop_index("uq_campaign_occasion", table_name="campaign")
    op.drop_column("campaign", "occasion")
    op.drop_column("season", "reminds")
