"""sign staff in by their campus.

The number that a campus knows somebody of a school by (工号), and which of its subjects was bound
to whose account. Old code runs beside both and knows nothing of them. Going back takes them away.
"""

import sqlalchemy as sa
from alembic import op

import registry.base.database

revision = "0082"
down_revision = "0072"

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TIME = registry.base.database.UtcDateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "campus_account",
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("staff_id", _NUMBER, nullable=False),
        sa.Column("issuer", sa.String(length=300), nullable=False),
        sa.Column("subject", sa.String(length=128), nullable=False),
        sa.Column("bound_at", _TIME, nullable=False),
        sa.Column("last_used_at", _TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_campus_account_staff_id_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campus_account")),
        sa.UniqueConstraint("staff_id", "issuer", name=op.f("uq_campus_account_staff_id_issuer")),
    )
    op.create_index("ix_campus_account_subject", "campus_account", ["issuer", "subject"])
    op.add_column("staff", sa.Column("work_number", sa.String(length=32), nullable=True))
    op.create_index("ix_staff_work_number", "staff", ["school_id", "work_number"])


def downgrade() -> None:
    op.drop_index("ix_staff_work_number", table_name="staff")
    op.drop_column("staff", "work_number")
    op.drop_table("campus_account")
