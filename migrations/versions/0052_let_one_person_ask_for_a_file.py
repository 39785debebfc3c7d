"""let one person ask for a file that no school holds.

Old code goes on: it finds tasks and files by their school, so it sees none of these. A worker of
the version before that meets a task of a kind it does not know fails at it and leaves it; what
waits behind is done once all workers are new.
"""

import sqlalchemy as sa
from alembic import op

revision = "0052"
down_revision = "0043"

TABLES = ("stored_file", "task")
FILLED, EMPTY = "school_id INTEGER NOT NULL,", "school_id INTEGER,"


def upgrade() -> None:
    for table in TABLES:
        _let_school(table, be_empty=True)
    # In place, or SQLite copies the table and drops it: others lead to it.
    op.execute(
        "ALTER TABLE task ADD COLUMN graduate_id BIGINT"
        " CONSTRAINT fk_task_graduate_id_graduate REFERENCES graduate (id)"
    )
    op.create_index("ix_task_graduate", "task", ["graduate_id", "id"])
    op.create_index("ix_task_staff", "task", ["staff_id", "id"])


def downgrade() -> None:
    op.execute("DELETE FROM task WHERE school_id IS NULL OR graduate_id IS NOT NULL")
    op.execute("DELETE FROM stored_file WHERE school_id IS NULL")
    op.drop_index("ix_task_staff", "task")
    op.drop_index("ix_task_graduate", "task")
    op.drop_column("task", "graduate_id")
    for table in TABLES:
        _let_school(table, be_empty=False)


def _let_school(table: str, *, be_empty: bool) -> None:
    if op.get_bind().dialect.name != "sqlite":
        op.alter_column(table, "school_id", nullable=be_empty)
        return
    # SQLite's own way to take a constraint away in place (Making Other Kinds Of Table Schema
    # Changes, in its page on ALTER TABLE): nothing that leads to the table is touched.
    before, after = (FILLED, EMPTY) if be_empty else (EMPTY, FILLED)
    bind = op.get_bind()
    version = bind.exec_driver_sql("PRAGMA schema_version").scalar_one()
    bind.exec_driver_sql("PRAGMA writable_schema = ON")
    bind.execute(
        sa.text(
            "UPDATE sqlite_master SET sql = replace(sql, :before, :after)"
            " WHERE type = 'table' AND name = :name"
        ),
        {"before": before, "after": after, "name": table},
    )
    bind.exec_driver_sql(f"PRAGMA schema_version = {version + 1}")
    bind.exec_driver_sql("PRAGMA writable_schema = RESET")
    found = bind.exec_driver_sql(f"PRAGMA table_info({table})").all()
    if {row[1]: row[3] for row in found}["school_id"] == be_empty:
        raise RuntimeError(f"the column school_id of {table} is not written as it was made")
