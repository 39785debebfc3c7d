"""tell of second records.

Another identity number, or another record of the same person with another phone, is a change she is
told of, like that of her phone. Old code runs beside the columns and leaves them empty.
"""

import sqlalchemy as sa
from alembic import op

revision = "0086"
down_revision = "0101"


def upgrade() -> None:
    with op.batch_alter_table("contact_change", schema=None) as batch_op:
        batch_op.add_column(sa.Column("identity_sealed", sa.String(length=200), nullable=True))
        batch_op.add_column(sa.Column("identity_index", sa.String(length=32), nullable=True))
        batch_op.add_column(
            sa.Column(
                "other_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
            )
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_contact_change_other_id_graduate"),
            "graduate",
            ["other_id"],
            ["id"],
            ondelete="SET NULL",
        )
        batch_op.create_index(
            "ix_contact_change_other",
            ["other_id"],
            unique=False,
            postgresql_where=sa.text("other_id IS NOT NULL"),
            sqlite_where=sa.text("other_id IS NOT NULL"),
        )


def downgrade() -> None:
    # Code of before knows two kinds. What waits goes on waiting, as for a phone that stays.
    op.execute("UPDATE contact_change SET kind = 'phone' WHERE kind IN ('identity', 'record')")
    with op.batch_alter_table("contact_change", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_contact_change_other",
            postgresql_where=sa.text("other_id IS NOT NULL"),
            sqlite_where=sa.text("other_id IS NOT NULL"),
        )
        batch_op.drop_constraint(
            batch_op.f("fk_contact_change_other_id_graduate"), type_="foreignkey"
        )
        batch_op.drop_column("other_id")
        batch_op.drop_column("identity_index")
        batch_op.drop_column("identity_sealed")
