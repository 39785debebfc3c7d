"""keep figures of provinces.

What looks at each graduate of a province is counted by a worker. The version before has no such
table, and counts on its pages as it did.
"""

import sqlalchemy as sa
from alembic import op

from registry.base.database import BigId, UtcDateTime

revision = "0132"
down_revision = "0119"


def upgrade() -> None:
    op.create_table(
        "province_figures",
        sa.Column("province", sa.String(length=6), nullable=False),
        sa.Column("year", BigId, nullable=False),
        sa.Column("figures", sa.JSON(), nullable=True),
        sa.Column("made_at", UtcDateTime(), nullable=True),
        sa.Column("asked_at", UtcDateTime(), nullable=True),
        sa.Column("begun_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("province", "year", name=op.f("pk_province_figures")),
    )


def downgrade() -> None:
    op.drop_table("province_figures")
