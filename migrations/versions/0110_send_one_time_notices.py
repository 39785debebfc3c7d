"""send one-time notices.

Templates of the mini program, what people allowed, and the notices that stand in for messages which
did not arrive. Old code runs beside these tables and does not know them.
"""

import sqlalchemy as sa
from alembic import op

from registry.base.database import BigId, UtcDateTime

revision = "0110"
down_revision = "0093"

_SENDING = sa.text("state = 'sending'")


def upgrade() -> None:
    op.create_table(
        "mini_template",
        sa.Column("template_id", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("read_at", UtcDateTime(), nullable=False),
        sa.Column("refused_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("template_id", name=op.f("pk_mini_template")),
    )
    op.create_table(
        "mini_allowance",
        sa.Column("openid", sa.String(length=64), nullable=False),
        sa.Column("template_id", sa.String(length=64), nullable=False),
        sa.Column("remaining", BigId, nullable=False),
        sa.Column("allowed_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("remaining >= 0", name=op.f("ck_mini_allowance_remaining")),
        sa.ForeignKeyConstraint(
            ["openid"],
            ["mini_user.openid"],
            name=op.f("fk_mini_allowance_openid_mini_user"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("openid", "template_id", name=op.f("pk_mini_allowance")),
    )
    op.create_table(
        "mini_notice",
        sa.Column("id", BigId, nullable=False),
        sa.Column("message_id", BigId, nullable=False),
        sa.Column("template_id", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("detail", sa.String(length=200), nullable=False),
        sa.Column("claimed_at", UtcDateTime(), nullable=False),
        sa.Column("final_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["message_id"],
            ["message.id"],
            name=op.f("fk_mini_notice_message_id_message"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mini_notice")),
        sa.UniqueConstraint("message_id", name=op.f("uq_mini_notice_message_id")),
    )
    op.create_index(
        "ix_mini_notice_sending",
        "mini_notice",
        ["claimed_at"],
        postgresql_where=_SENDING,
        sqlite_where=_SENDING,
    )
    op.create_index(op.f("ix_mini_notice_claimed_at"), "mini_notice", ["claimed_at"])


def downgrade() -> None:
    op.drop_table("mini_notice")
    op.drop_table("mini_allowance")
    op.drop_table("mini_template")
