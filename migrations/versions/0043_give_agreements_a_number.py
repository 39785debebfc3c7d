"""give agreements a number.

The paper of an agreement, and lookups of its number. Agreements that are there already, and those
that old code goes on to begin, get their paper by the clock of the new code within a minute
(`agreement_papers.give_missing`): one way for all. Going back forgets the numbers; prints then lead
nowhere.
"""

import sqlalchemy as sa
from alembic import op

import registry.base.database

revision = "0043"
down_revision = "0049"


def upgrade() -> None:
    op.create_table(
        "agreement_paper",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "agreement_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "graduate_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("number", sa.String(length=16), nullable=False),
        sa.Column("link", sa.String(length=40), nullable=False),
        sa.Column("edition", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("signer", sa.JSON(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("made_at", registry.base.database.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["agreement_id"],
            ["agreement.id"],
            name=op.f("fk_agreement_paper_agreement_id_agreement"),
        ),
        sa.ForeignKeyConstraint(
            ["graduate_id"], ["graduate.id"], name=op.f("fk_agreement_paper_graduate_id_graduate")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreement_paper")),
        sa.UniqueConstraint("agreement_id", name=op.f("uq_agreement_paper_agreement_id")),
        sa.UniqueConstraint("link", name=op.f("uq_agreement_paper_link")),
        sa.UniqueConstraint("number", name=op.f("uq_agreement_paper_number")),
    )
    op.create_index("ix_agreement_paper_graduate_id", "agreement_paper", ["graduate_id"])
    # In place, or SQLite copies the whole log.
    op.execute(
        "ALTER TABLE lookup ADD COLUMN agreement_id BIGINT"
        " CONSTRAINT fk_lookup_agreement_id_agreement REFERENCES agreement (id)"
    )
    there = sa.text("agreement_id IS NOT NULL")
    op.create_index(
        *("ix_lookup_agreement", "lookup", ["agreement_id", "id"]),
        postgresql_where=there,
        sqlite_where=there,
    )


def downgrade() -> None:
    op.drop_index("ix_lookup_agreement", "lookup")
    op.drop_column("lookup", "agreement_id")
    op.drop_index("ix_agreement_paper_graduate_id", "agreement_paper")
    op.drop_table("agreement_paper")
