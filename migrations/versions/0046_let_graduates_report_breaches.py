"""let graduates report breaches.

Reports, what was said about them, their documents. Old code runs beside the new tables and knows
nothing of them. Going back takes all reports away; the log of who handled them stays.
"""

import sqlalchemy as sa
from alembic import op

import registry.base.database

revision = "0046"
down_revision = "0045"


def upgrade() -> None:
    op.create_table(
        "breach_report",
        sa.Column("number", sa.String(length=16), nullable=False),
        sa.Column(
            "school_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "graduate_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("accused", sa.String(length=16), nullable=False),
        sa.Column("unit", sa.String(length=120), nullable=False),
        sa.Column("named", sa.Boolean(), nullable=False),
        sa.Column("words_sealed", sa.Text(), nullable=False),
        sa.Column("office", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("received_at", registry.base.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("due_at", registry.base.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("answered_at", registry.base.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column("told_at", registry.base.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column("closed_at", registry.base.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["graduate_id"], ["graduate.id"], name=op.f("fk_breach_report_graduate_id_graduate")
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_breach_report_school_id_school")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_breach_report")),
        sa.UniqueConstraint("key", name=op.f("uq_breach_report_key")),
        sa.UniqueConstraint("number", name=op.f("uq_breach_report_number")),
    )
    with op.batch_alter_table("breach_report", schema=None) as batch_op:
        batch_op.create_index(
            "ix_breach_report_due",
            ["due_at"],
            unique=False,
            postgresql_where=sa.text("state IN ('received', 'handling', 'reopened')"),
            sqlite_where=sa.text("state IN ('received', 'handling', 'reopened')"),
        )
        batch_op.create_index("ix_breach_report_graduate", ["graduate_id", "id"], unique=False)
        batch_op.create_index("ix_breach_report_school", ["school_id", "id"], unique=False)

    op.create_table(
        "breach_file",
        sa.Column(
            "report_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("file_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("media_type", sa.String(length=40), nullable=False),
        sa.Column("size", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("added_at", registry.base.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["file_id"],
            ["stored_file.id"],
            name=op.f("fk_breach_file_file_id_stored_file"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["report_id"], ["breach_report.id"], name=op.f("fk_breach_file_report_id_breach_report")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_breach_file")),
        sa.UniqueConstraint("key", name=op.f("uq_breach_file_key")),
    )
    with op.batch_alter_table("breach_file", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_breach_file_file_id"), ["file_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_breach_file_report_id"), ["report_id"], unique=False)

    op.create_table(
        "breach_step",
        sa.Column(
            "report_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("act", sa.String(length=16), nullable=False),
        sa.Column("office", sa.String(length=16), nullable=False),
        sa.Column("by", sa.String(length=80), nullable=False),
        sa.Column("words_sealed", sa.Text(), nullable=True),
        sa.Column("at", registry.base.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["report_id"], ["breach_report.id"], name=op.f("fk_breach_step_report_id_breach_report")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_breach_step")),
        sa.UniqueConstraint("key", name=op.f("uq_breach_step_key")),
    )
    with op.batch_alter_table("breach_step", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_breach_step_report_id"), ["report_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("breach_step", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_breach_step_report_id"))

    op.drop_table("breach_step")
    with op.batch_alter_table("breach_file", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_breach_file_report_id"))
        batch_op.drop_index(batch_op.f("ix_breach_file_file_id"))

    op.drop_table("breach_file")
    with op.batch_alter_table("breach_report", schema=None) as batch_op:
        batch_op.drop_index("ix_breach_report_school")
        batch_op.drop_index("ix_breach_report_graduate")
        batch_op.drop_index(
            "ix_breach_report_due",
            postgresql_where=sa.text("state IN ('received', 'handling', 'reopened')"),
            sqlite_where=sa.text("state IN ('received', 'handling', 'reopened')"),
        )

    op.drop_table("breach_report")
