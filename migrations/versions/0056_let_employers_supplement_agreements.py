"""let employers supplement agreements.

Other terms that an employer proposes for a signed agreement. Old code runs beside the new table and
knows nothing of it. Going back takes away what was proposed; terms that were agreed to stay.
"""

import sqlalchemy as sa
from alembic import op

import registry.base.database

revision = "0056"
down_revision = "0053"

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TIME = registry.base.database.UtcDateTime(timezone=True)
_PROPOSED = sa.text("state = 'proposed'")


def upgrade() -> None:
    op.create_table(
        "supplement",
        sa.Column("agreement_id", _NUMBER, nullable=False),
        sa.Column("graduate_id", _NUMBER, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("terms", sa.JSON(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("why", sa.String(length=200), nullable=False),
        sa.Column("proposed_by_id", _NUMBER, nullable=False),
        sa.Column("proposed_at", _TIME, nullable=False),
        sa.Column("answer_by", _TIME, nullable=False),
        sa.Column("ended_at", _TIME, nullable=True),
        sa.Column("answer", sa.String(length=200), nullable=False),
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["agreement_id"], ["agreement.id"], name=op.f("fk_supplement_agreement_id_agreement")
        ),
        sa.ForeignKeyConstraint(
            ["graduate_id"], ["graduate.id"], name=op.f("fk_supplement_graduate_id_graduate")
        ),
        sa.ForeignKeyConstraint(
            ["proposed_by_id"], ["staff.id"], name=op.f("fk_supplement_proposed_by_id_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supplement")),
        sa.UniqueConstraint("key", name=op.f("uq_supplement_key")),
    )
    op.create_index("ix_supplement_agreement", "supplement", ["agreement_id", "id"])
    op.create_index("ix_supplement_graduate", "supplement", ["graduate_id", "id"])
    partial = {"postgresql_where": _PROPOSED, "sqlite_where": _PROPOSED}
    op.create_index("ix_supplement_answer_by", "supplement", ["answer_by"], **partial)
    op.create_index(
        "uq_supplement_proposed", "supplement", ["agreement_id"], unique=True, **partial
    )


def downgrade() -> None:
    op.drop_table("supplement")
