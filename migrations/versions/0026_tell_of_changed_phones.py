"""tell of changed phones.

Also by which phone a code was sent. Old code runs on the new tables: it tells nobody of a changed
phone and lets everybody bind at once, and its codes serve only who asked for them.
"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"


def upgrade() -> None:
    op.create_table(
        "contact_change",
        sa.Column(
            "graduate_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "school_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("made_by", sa.String(length=80), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("phone_sealed", sa.String(length=200), nullable=True),
        sa.Column("phone_index", sa.String(length=32), nullable=True),
        sa.Column("openid", sa.String(length=64), nullable=True),
        sa.Column("waits_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("released_by", sa.String(length=80), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("release_reason", sa.String(length=200), nullable=False),
        sa.Column("objected_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("objection", sa.String(length=200), nullable=False),
        sa.Column("decided_by", sa.String(length=80), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_reason", sa.String(length=200), nullable=False),
        sa.Column("notice_state", sa.String(length=16), nullable=False),
        sa.Column("notice_next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "notice_tries", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("notice_detail", sa.String(length=80), nullable=False),
        sa.Column("link_hash", sa.String(length=64), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["graduate_id"], ["graduate.id"], name=op.f("fk_contact_change_graduate_id_graduate")
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_contact_change_school_id_school")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact_change")),
        sa.UniqueConstraint("key", name=op.f("uq_contact_change_key")),
        sa.UniqueConstraint("link_hash", name=op.f("uq_contact_change_link_hash")),
    )
    with op.batch_alter_table("contact_change", schema=None) as batch_op:
        batch_op.create_index("ix_contact_change_graduate", ["graduate_id", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_contact_change_made_at"), ["made_at"], unique=False)
        batch_op.create_index(
            "ix_contact_change_notice",
            ["notice_next_at"],
            unique=False,
            postgresql_where=sa.text("notice_state IN ('waiting', 'sending')"),
            sqlite_where=sa.text("notice_state IN ('waiting', 'sending')"),
        )
        batch_op.create_index(
            "ix_contact_change_objected",
            ["school_id", "id"],
            unique=False,
            postgresql_where=sa.text("state = 'objected'"),
            sqlite_where=sa.text("state = 'objected'"),
        )
        batch_op.create_index(
            "ix_contact_change_openid",
            ["openid"],
            unique=False,
            postgresql_where=sa.text("openid IS NOT NULL"),
            sqlite_where=sa.text("openid IS NOT NULL"),
        )

    with op.batch_alter_table("one_time_code", schema=None) as batch_op:
        batch_op.add_column(sa.Column("phone_index", sa.String(length=32), nullable=True))
        batch_op.add_column(sa.Column("phone_hash", sa.String(length=64), nullable=True))
        batch_op.create_index(
            batch_op.f("ix_one_time_code_phone_index"), ["phone_index"], unique=False
        )


def downgrade() -> None:
    with op.batch_alter_table("one_time_code", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_one_time_code_phone_index"))
        batch_op.drop_column("phone_hash")
        batch_op.drop_column("phone_index")

    with op.batch_alter_table("contact_change", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_contact_change_openid",
            postgresql_where=sa.text("openid IS NOT NULL"),
            sqlite_where=sa.text("openid IS NOT NULL"),
        )
        batch_op.drop_index(
            "ix_contact_change_objected",
            postgresql_where=sa.text("state = 'objected'"),
            sqlite_where=sa.text("state = 'objected'"),
        )
        batch_op.drop_index(
            "ix_contact_change_notice",
            postgresql_where=sa.text("notice_state IN ('waiting', 'sending')"),
            sqlite_where=sa.text("notice_state IN ('waiting', 'sending')"),
        )
        batch_op.drop_index(batch_op.f("ix_contact_change_made_at"))
        batch_op.drop_index("ix_contact_change_graduate")

    op.drop_table("contact_change")
