"""let systems of provinces sync.

Keys and nonces, the newest version of each record that a system pushed, what it pushed of each
school by day, and the feed of what happened here. Old code runs beside the new tables and knows
nothing of them. Going back takes away keys and versions; what was registered by them stays.
"""

import sqlalchemy as sa
from alembic import op

import registry.base.database

revision = "0066"
down_revision = "0064"

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TIME = registry.base.database.UtcDateTime(timezone=True)
_STANDING = sa.text("NOT void")
_COUNTS = ("created", "updated", "unchanged", "stale", "rejected", "version_conflict")


def upgrade() -> None:
    op.create_table(
        "feed_head",
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("province", sa.String(length=6), nullable=False),
        sa.Column("epoch", sa.String(length=32), nullable=False),
        sa.Column("seq", _NUMBER, nullable=False),
        sa.Column("floor", _NUMBER, nullable=False),
        sa.Column("read_seq", _NUMBER, nullable=False),
        sa.Column("read_at", _TIME, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feed_head")),
        sa.UniqueConstraint("province", name=op.f("uq_feed_head_province")),
    )
    op.create_table(
        "province_key",
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("keyid", sa.String(length=32), nullable=False),
        sa.Column("province", sa.String(length=6), nullable=False),
        sa.Column("algorithm", sa.String(length=16), nullable=False),
        sa.Column("secret_sealed", sa.String(length=200), nullable=False),
        sa.Column("valid_from", _TIME, nullable=False),
        sa.Column("valid_until", _TIME, nullable=True),
        sa.Column("ended_at", _TIME, nullable=True),
        sa.Column("last_used_at", _TIME, nullable=True),
        sa.Column("minute_began_at", _TIME, nullable=True),
        sa.Column("minute_rows", _NUMBER, nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_province_key")),
        sa.UniqueConstraint("keyid", name=op.f("uq_province_key_keyid")),
    )
    op.create_index(op.f("ix_province_key_province"), "province_key", ["province"])
    op.create_table(
        "spent_nonce",
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("key_id", _NUMBER, nullable=False),
        sa.Column("nonce", sa.String(length=64), nullable=False),
        sa.Column("spent_at", _TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["key_id"], ["province_key.id"], name=op.f("fk_spent_nonce_key_id_province_key")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spent_nonce")),
        sa.UniqueConstraint("key_id", "nonce", name=op.f("uq_spent_nonce_key_id_nonce")),
    )
    op.create_index(op.f("ix_spent_nonce_spent_at"), "spent_nonce", ["spent_at"])
    op.create_table(
        "sync_day",
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("school_id", _NUMBER, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        *(sa.Column(name, _NUMBER, nullable=False) for name in _COUNTS),
        sa.Column("last_at", _TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_sync_day_school_id_school")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sync_day")),
        sa.UniqueConstraint("school_id", "day", name=op.f("uq_sync_day_school_id_day")),
    )
    op.create_table(
        "feed_change",
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("province", sa.String(length=6), nullable=False),
        sa.Column("seq", _NUMBER, nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("graduate_id", _NUMBER, nullable=False),
        sa.Column("said", sa.JSON(), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["graduate_id"], ["graduate.id"], name=op.f("fk_feed_change_graduate_id_graduate")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feed_change")),
        sa.UniqueConstraint("province", "seq", name=op.f("uq_feed_change_province_seq")),
    )
    op.create_index(op.f("ix_feed_change_graduate_id"), "feed_change", ["graduate_id"])
    op.create_table(
        "source_record",
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("province", sa.String(length=6), nullable=False),
        sa.Column("source_id", sa.String(length=64), nullable=False),
        sa.Column("version", _NUMBER, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("void", sa.Boolean(), nullable=False),
        sa.Column("school_id", _NUMBER, nullable=True),
        sa.Column("graduate_id", _NUMBER, nullable=True),
        sa.Column("received_at", _TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["graduate_id"], ["graduate.id"], name=op.f("fk_source_record_graduate_id_graduate")
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_source_record_school_id_school")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source_record")),
        sa.UniqueConstraint(
            "province", "source_id", name=op.f("uq_source_record_province_source_id")
        ),
    )
    op.create_index("ix_source_record_of_graduate", "source_record", ["graduate_id"])
    op.create_index("ix_source_record_school", "source_record", ["school_id"])
    partial = {"postgresql_where": _STANDING, "sqlite_where": _STANDING}
    op.create_index(
        "uq_source_record_graduate", "source_record", ["graduate_id"], unique=True, **partial
    )


def downgrade() -> None:
    for table in ("source_record", "feed_change", "sync_day", "spent_nonce"):
        op.drop_table(table)
    op.drop_table("province_key")
    op.drop_table("feed_head")
