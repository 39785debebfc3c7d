"""say to whom a return is.

Whom a province returned, when and why is kept with each graduate's entry: the school sees who is to
be reported again, and she reads the reason. What was returned before this is the school's as
before, without a line on its first page. Old code runs on the new tables: it reads and writes
neither column.
"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    with op.batch_alter_table("province_entry", schema=None) as batch_op:
        batch_op.add_column(sa.Column("returned_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("return_reason", sa.String(length=500), nullable=True))
        batch_op.create_index(
            "ix_province_entry_graduate", ["graduate_id", "batch_id"], unique=False
        )


def downgrade() -> None:
    with op.batch_alter_table("province_entry", schema=None) as batch_op:
        batch_op.drop_index("ix_province_entry_graduate")
        batch_op.drop_column("return_reason")
        batch_op.drop_column("returned_at")
