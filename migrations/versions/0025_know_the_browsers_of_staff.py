"""know the browsers of staff.

Old code runs on the new tables: to it no browser is known.
"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    op.create_table(
        "staff_device",
        sa.Column("staff_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("device_hash", sa.String(length=64), nullable=False),
        sa.Column("place_index", sa.String(length=64), nullable=False),
        sa.Column("summary", sa.String(length=40), nullable=False),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_staff_device_staff_id_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_device")),
        sa.UniqueConstraint("key", name=op.f("uq_staff_device_key")),
    )
    with op.batch_alter_table("staff_device", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_staff_device_device_hash"), ["device_hash"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_staff_device_last_seen_at"), ["last_seen_at"], unique=False
        )
        batch_op.create_index("uq_staff_device_staff", ["staff_id", "device_hash"], unique=True)


def downgrade() -> None:
    with op.batch_alter_table("staff_device", schema=None) as batch_op:
        batch_op.drop_index("uq_staff_device_staff")
        batch_op.drop_index(batch_op.f("ix_staff_device_last_seen_at"))
        batch_op.drop_index(batch_op.f("ix_staff_device_device_hash"))

    op.drop_table("staff_device")
