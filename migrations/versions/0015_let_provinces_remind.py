"""let provinces remind.

Old code must run on the new tables: add first, use later, drop last.
"""

import sqlalchemy as sa
from alembic import op

import registry.base.database

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.create_table(
        "campaign_drive",
        sa.Column("province", sa.String(length=6), nullable=False),
        sa.Column("schools", sa.JSON(), nullable=False),
        sa.Column("signed_name", sa.String(length=80), nullable=False),
        sa.Column("started_at", registry.base.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.Column("created_by", sa.String(length=80), nullable=False),
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("texts", sa.JSON(), nullable=False),
        sa.Column("audience", sa.JSON(), nullable=False),
        sa.Column("start_at", registry.base.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column("not_after", registry.base.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column("prefers", sa.String(length=16), nullable=False),
        sa.Column("created_at", registry.base.database.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_drive")),
        sa.UniqueConstraint("key", name=op.f("uq_campaign_drive_key")),
    )
    op.create_index("ix_campaign_drive_list", "campaign_drive", ["province", "id"])
    # In place, with its constraint: a copy of the table would take its messages with it.
    op.execute(
        "ALTER TABLE campaign ADD COLUMN drive_id BIGINT"
        " CONSTRAINT fk_campaign_drive_id_campaign_drive REFERENCES campaign_drive (id)"
    )
    op.create_index("uq_campaign_drive", "campaign", ["drive_id", "school_id"], unique=True)


def downgrade() -> None:
    op.drop_index("uq_campaign_drive", "campaign")
    op.drop_column("campaign", "drive_id")
    op.drop_table("campaign_drive")
