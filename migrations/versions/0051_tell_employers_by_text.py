"""tell employers by text.

Short messages to who signs for an employer. Old code writes none and sends none, as before.
"""

import sqlalchemy as sa
from alembic import op

import registry.base.database

revision = "0051"
down_revision = "0052"
_OPEN = sa.text("state IN ('waiting', 'sending')")
_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "employer_text",
        sa.Column("id", _ID, nullable=False),
        sa.Column("employer_id", _ID, nullable=False),
        sa.Column("certification_id", _ID, nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("news", sa.String(length=12), nullable=False),
        sa.Column("up_to", registry.base.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("next_at", registry.base.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("tries", _ID, nullable=False),
        sa.Column("detail", sa.String(length=80), nullable=False),
        sa.Column("created_at", registry.base.database.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["certification_id"],
            ["certification.id"],
            name=op.f("fk_employer_text_certification_id_certification"),
        ),
        sa.ForeignKeyConstraint(
            ["employer_id"], ["employer.id"], name=op.f("fk_employer_text_employer_id_employer")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_employer_text")),
    )
    with op.batch_alter_table("employer_text", schema=None) as batch_op:
        batch_op.create_index("ix_employer_text_employer", ["employer_id", "id"], unique=False)
        batch_op.create_index(
            *("ix_employer_text_next", ["next_at"]),
            unique=False,
            postgresql_where=_OPEN,
            sqlite_where=_OPEN,
        )
        batch_op.create_index(
            *("uq_employer_text_open", ["employer_id"]),
            unique=True,
            postgresql_where=_OPEN,
            sqlite_where=_OPEN,
        )


def downgrade() -> None:
    op.drop_table("employer_text")
