"""keep what was typed when a session ended, and find units by parts of their names.

What a graduate typed into a form whose session had ended, for an hour at most; and the parts of the
names of units, which a duty reads from the registrations that are there. Old code runs beside the
new tables and knows nothing of them; erasing by old code is stopped by the reference until what was
typed has gone by itself.
"""

import sqlalchemy as sa
from alembic import op

import registry.base.database

revision = "0061"
down_revision = "0059"

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TEXT = sa.String(length=20, collation="C").with_variant(sa.String(length=20), "sqlite")
_NAME = sa.String(length=120, collation="C").with_variant(sa.String(length=120), "sqlite")
_TIME = registry.base.database.UtcDateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "unsent_form",
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("graduate_id", _NUMBER, nullable=False),
        sa.Column("openid", sa.String(length=64), nullable=False),
        sa.Column("form", sa.String(length=200), nullable=False),
        sa.Column("typed_sealed", sa.Text(), nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["graduate_id"], ["graduate.id"], name=op.f("fk_unsent_form_graduate_id_graduate")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unsent_form")),
    )
    op.create_index("ix_unsent_form_at", "unsent_form", ["at"])
    op.create_index("ix_unsent_form_graduate_id", "unsent_form", ["graduate_id"])
    columns = ["openid", "form", "graduate_id"]
    op.create_index("uq_unsent_form_owner", "unsent_form", columns, unique=True)
    op.create_table(
        "unit_name_part",
        sa.Column("part", _TEXT, nullable=False),
        sa.Column("unit_name", _NAME, nullable=False),
        sa.Column("read_to", _NUMBER, nullable=True),
        sa.PrimaryKeyConstraint("part", "unit_name", name=op.f("pk_unit_name_part")),
    )


def downgrade() -> None:
    op.drop_table("unit_name_part")
    op.drop_table("unsent_form")
