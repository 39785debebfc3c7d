"""let counsellors see their classes.

Also what an account may not do. Old code runs on the new tables: to it a counsellor is of no role
it knows and is let in nowhere, and a reminder of theirs waits (its audience has a word that old
code refuses); it does not hold limits, so nobody should be limited before all processes are new.
Going back disables the counsellors' accounts.
"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    op.create_table(
        "staff_charge",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("staff_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "department_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("class_name", sa.String(length=80), nullable=False),
        sa.Column("major", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(
            ["department_id"],
            ["department.id"],
            name=op.f("fk_staff_charge_department_id_department"),
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_staff_charge_staff_id_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_charge")),
    )
    with op.batch_alter_table("staff_charge", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_staff_charge_staff_id"), ["staff_id"], unique=False)

    # In place, or SQLite copies the table and drops it: everything leads to its staff.
    read_only = sa.Column("read_only", sa.Boolean(), server_default=sa.false(), nullable=False)
    may_export = sa.Column("may_export", sa.Boolean(), server_default=sa.true(), nullable=False)
    op.add_column("staff", read_only)
    op.add_column("staff", may_export)


def downgrade() -> None:
    op.execute("UPDATE staff SET active = false WHERE role = 'counsellor'")
    op.drop_column("staff", "may_export")
    op.drop_column("staff", "read_only")

    with op.batch_alter_table("staff_charge", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_staff_charge_staff_id"))

    op.drop_table("staff_charge")
