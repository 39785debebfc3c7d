"""let a province keep its reasons.

Old code must run on the new tables: add first, use later, drop last.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    with op.batch_alter_table("review_reason", schema=None) as batch_op:
        batch_op.add_column(sa.Column("province", sa.String(length=6), nullable=True))
        batch_op.alter_column("school_id", nullable=True)
        batch_op.create_unique_constraint(
            batch_op.f("uq_review_reason_province_text"), ["province", "text"]
        )


def downgrade() -> None:
    op.execute("DELETE FROM review_reason WHERE school_id IS NULL")  # they have no place any more
    with op.batch_alter_table("review_reason", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_review_reason_province_text"), type_="unique")
        batch_op.alter_column("school_id", nullable=False)
        batch_op.drop_column("province")
