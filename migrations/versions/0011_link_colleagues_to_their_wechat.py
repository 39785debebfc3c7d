"""link colleagues to their wechat.

Old code must run on the new tables: add first, use later, drop last.
"""

import sqlalchemy as sa
from alembic import op

import registry.base.database

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.create_table(
        "colleague",
        sa.Column("staff_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("openid", sa.String(length=64), nullable=False),
        sa.Column("linked_at", registry.base.database.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_colleague_staff_id_staff")
        ),
        sa.PrimaryKeyConstraint("staff_id", name=op.f("pk_colleague")),
        sa.UniqueConstraint("openid", name=op.f("uq_colleague_openid")),
    )
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.alter_column("graduate_id", nullable=True)


def downgrade() -> None:
    op.execute("DELETE FROM message WHERE graduate_id IS NULL")
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.alter_column("graduate_id", nullable=False)

    op.drop_table("colleague")
