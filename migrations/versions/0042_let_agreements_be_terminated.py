"""let agreements be terminated.

Requests to void a destination that an agreement in force has registered are taken back: the
employer was not heard. Who made one asks for the termination. Old code knows of no termination.
"""

import sqlalchemy as sa
from alembic import op

import registry.base.database

revision = "0042"
down_revision = "0046"


def upgrade() -> None:
    op.create_table(
        "termination",
        sa.Column(
            "agreement_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "graduate_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "employer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("party", sa.String(length=16), nullable=False),
        sa.Column("way", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=24), nullable=False),
        sa.Column("breach", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("answer_by", registry.base.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("asked_at", registry.base.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("updated_at", registry.base.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("closed_at", registry.base.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["agreement_id"], ["agreement.id"], name=op.f("fk_termination_agreement_id_agreement")
        ),
        sa.ForeignKeyConstraint(
            ["employer_id"], ["employer.id"], name=op.f("fk_termination_employer_id_employer")
        ),
        sa.ForeignKeyConstraint(
            ["graduate_id"], ["graduate.id"], name=op.f("fk_termination_graduate_id_graduate")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_termination")),
        sa.UniqueConstraint("key", name=op.f("uq_termination_key")),
    )
    with op.batch_alter_table("termination", schema=None) as batch_op:
        batch_op.create_index("ix_termination_agreement", ["agreement_id", "id"], unique=False)
        batch_op.create_index(
            "ix_termination_answer_by",
            ["answer_by"],
            unique=False,
            postgresql_where=sa.text("state = 'asked'"),
            sqlite_where=sa.text("state = 'asked'"),
        )
        batch_op.create_index("ix_termination_employer", ["employer_id", "id"], unique=False)
        batch_op.create_index("ix_termination_graduate", ["graduate_id", "id"], unique=False)
        batch_op.create_index(
            "uq_termination_live",
            ["agreement_id"],
            unique=True,
            postgresql_where=sa.text("state IN ('agreed', 'asked', 'escalated')"),
            sqlite_where=sa.text("state IN ('agreed', 'asked', 'escalated')"),
        )

    op.create_table(
        "termination_document",
        sa.Column(
            "termination_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "graduate_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("party", sa.String(length=16), nullable=False),
        sa.Column("file_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("media_type", sa.String(length=40), nullable=False),
        sa.Column("size", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("added_at", registry.base.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["file_id"],
            ["stored_file.id"],
            name=op.f("fk_termination_document_file_id_stored_file"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["graduate_id"],
            ["graduate.id"],
            name=op.f("fk_termination_document_graduate_id_graduate"),
        ),
        sa.ForeignKeyConstraint(
            ["termination_id"],
            ["termination.id"],
            name=op.f("fk_termination_document_termination_id_termination"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_termination_document")),
        sa.UniqueConstraint("key", name=op.f("uq_termination_document_key")),
    )
    with op.batch_alter_table("termination_document", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_termination_document_file_id"), ["file_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_termination_document_graduate_id"), ["graduate_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_termination_document_termination_id"), ["termination_id"], unique=False
        )

    op.create_table(
        "termination_step",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "termination_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("event", sa.String(length=16), nullable=False),
        sa.Column("party", sa.String(length=16), nullable=False),
        sa.Column("text", sa.String(length=200), nullable=False),
        sa.Column("settlement", sa.String(length=16), nullable=False),
        sa.Column("by", sa.String(length=80), nullable=False),
        sa.Column("at", registry.base.database.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["termination_id"],
            ["termination.id"],
            name=op.f("fk_termination_step_termination_id_termination"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_termination_step")),
    )
    with op.batch_alter_table("termination_step", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_termination_step_termination_id"), ["termination_id"], unique=False
        )

    op.execute(
        "UPDATE application SET state = 'discarded', closed_at = updated_at"
        " WHERE purpose = 'void' AND closed_at IS NULL AND based_on IN"
        " (SELECT registration_id FROM agreement WHERE state = 'signed')"
    )


def downgrade() -> None:
    with op.batch_alter_table("termination_step", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_termination_step_termination_id"))

    op.drop_table("termination_step")
    with op.batch_alter_table("termination_document", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_termination_document_termination_id"))
        batch_op.drop_index(batch_op.f("ix_termination_document_graduate_id"))
        batch_op.drop_index(batch_op.f("ix_termination_document_file_id"))

    op.drop_table("termination_document")
    with op.batch_alter_table("termination", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_termination_live",
            postgresql_where=sa.text("state IN ('agreed', 'asked', 'escalated')"),
            sqlite_where=sa.text("state IN ('agreed', 'asked', 'escalated')"),
        )
        batch_op.drop_index("ix_termination_graduate")
        batch_op.drop_index("ix_termination_employer")
        batch_op.drop_index(
            "ix_termination_answer_by",
            postgresql_where=sa.text("state = 'asked'"),
            sqlite_where=sa.text("state = 'asked'"),
        )
        batch_op.drop_index("ix_termination_agreement")

    op.drop_table("termination")
