"""let the account answer.

What staff have the account answer to words. Old code answers nothing, as before.
"""

import sqlalchemy as sa
from alembic import op

import registry.base.database

revision = "0049"
down_revision = "0048"


def upgrade() -> None:
    op.create_table(
        "auto_reply",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("occasion", sa.String(length=16), nullable=False),
        sa.Column("word", sa.String(length=10), nullable=False),
        sa.Column("text", sa.String(length=300), nullable=False),
        sa.Column("page", sa.String(length=20), nullable=False),
        sa.Column("updated_at", registry.base.database.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_auto_reply")),
        sa.UniqueConstraint("occasion", "word", name=op.f("uq_auto_reply_occasion_word")),
    )


def downgrade() -> None:
    op.drop_table("auto_reply")
