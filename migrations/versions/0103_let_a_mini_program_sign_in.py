"""let a mini program sign in.

Who came from it, what it hands over to its web-view, and by what a follower of the account is known
to be the same person. Old code runs beside it and leaves the new columns empty.
"""

import sqlalchemy as sa
from alembic import op

from registry.base.database import BigId, UtcDateTime

revision = "0103"
down_revision = "0089"


def upgrade() -> None:
    op.create_table(
        "mini_handover",
        sa.Column("id", BigId, nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("device_hash", sa.String(length=64), nullable=False),
        sa.Column("openid", sa.String(length=64), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mini_handover")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_mini_handover_token_hash")),
    )
    op.create_index(op.f("ix_mini_handover_expires_at"), "mini_handover", ["expires_at"])
    op.create_table(
        "mini_user",
        sa.Column("openid", sa.String(length=64), nullable=False),
        sa.Column("unionid", sa.String(length=64), nullable=True),
        sa.Column("account_openid", sa.String(length=64), nullable=True),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("openid", name=op.f("pk_mini_user")),
    )
    op.create_index(op.f("ix_mini_user_unionid"), "mini_user", ["unionid"])
    op.add_column("follower", sa.Column("unionid", sa.String(length=64), nullable=True))
    op.add_column("web_session", sa.Column("mini_device", sa.String(length=64), nullable=True))
    op.create_index(op.f("ix_web_session_mini_device"), "web_session", ["mini_device"])


def downgrade() -> None:
    op.drop_index(op.f("ix_web_session_mini_device"), table_name="web_session")
    op.drop_column("web_session", "mini_device")
    op.drop_column("follower", "unionid")
    op.drop_table("mini_user")
    op.drop_table("mini_handover")
