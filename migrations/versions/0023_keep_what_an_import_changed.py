"""keep what an import changed.

Of every graduate an import adds or changes what stood there before, so that the import can be
undone, and indexes for removing thousands of graduates at once. Old code runs on the new tables;
what it imports meanwhile cannot be undone.
"""

import sqlalchemy as sa
from alembic import op

import registry.base.database

revision = "0023"
down_revision = "0022"

DELETED_FROM = (
    ("binding", "graduate_id"),
    ("confirmation", "registration_id"),
    ("evidence", "graduate_id"),
    ("issued_number", "registration_id"),
    ("province_entry", "registration_id"),
    ("task_person", "graduate_id"),
)
"""What the database looks through for each graduate and each version that is deleted."""


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    moment = registry.base.database.UtcDateTime(timezone=True)
    op.create_table(
        "import_change",
        sa.Column("id", number, nullable=False),
        sa.Column("task_id", number, nullable=False),
        sa.Column("graduate_id", number, nullable=False),
        sa.Column("added", sa.Boolean(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("department_id", number, nullable=True),
        sa.Column("identity_sealed", sa.String(length=200), nullable=True),
        sa.Column("phone_sealed", sa.String(length=200), nullable=True),
        sa.Column("particulars_sealed", sa.String(), nullable=True),
        sa.Column("registration_before", number, nullable=True),
        sa.Column("registration_after", number, nullable=True),
        sa.Column("confirmation", sa.String(length=16), nullable=False),
        sa.Column("answered_at", moment, nullable=True),
        sa.Column("authorization_ended", sa.Boolean(), nullable=False),
        sa.Column("found_at", moment, nullable=False),
        sa.Column("left_at", moment, nullable=False),
        sa.ForeignKeyConstraint(
            ["department_id"],
            ["department.id"],
            name=op.f("fk_import_change_department_id_department"),
        ),
        sa.ForeignKeyConstraint(
            ["graduate_id"], ["graduate.id"], name=op.f("fk_import_change_graduate_id_graduate")
        ),
        sa.ForeignKeyConstraint(
            ["task_id"],
            ["task.id"],
            name=op.f("fk_import_change_task_id_task"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_change")),
        sa.UniqueConstraint(
            "graduate_id", "task_id", name=op.f("uq_import_change_graduate_id_task_id")
        ),
    )
    op.create_index(op.f("ix_import_change_task_id"), "import_change", ["task_id"])
    for table, column in DELETED_FROM:
        op.create_index(f"ix_{table}_{column}", table, [column])
    op.add_column("task", sa.Column("applied_at", moment, nullable=True))  # in place: no copy


def downgrade() -> None:
    op.drop_column("task", "applied_at")
    for table, column in DELETED_FROM:
        op.drop_index(f"ix_{table}_{column}", table_name=table)
    op.drop_index(op.f("ix_import_change_task_id"), table_name="import_change")
    op.drop_table("import_change")
