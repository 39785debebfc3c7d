"""keep what is chosen from lists.

Whom staff chose from a list and how they narrowed it, which columns they look at, and the
applications that a task decides on. Old code runs beside all of it and knows nothing of it. Going
back takes all of it away; decisions that were made stay.
"""

import sqlalchemy as sa
from alembic import op

import registry.base.database

revision = "0065"
down_revision = "0069"

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TIME = registry.base.database.UtcDateTime(timezone=True)


def _of(table: str, column: str, other: str, *, goes: bool = False) -> sa.ForeignKeyConstraint:
    """Return the foreign key of a column; `goes` where a row goes with what it names."""
    name = op.f(f"fk_{table}_{column}_{other}")
    rule = "CASCADE" if goes else None
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=name, ondelete=rule)


def _of_a_member(table: str, *columns: sa.Column) -> None:
    """Make a table of what a member of staff of a school keeps."""
    op.create_table(
        table,
        sa.Column("school_id", _NUMBER, nullable=False),
        sa.Column("staff_id", _NUMBER, nullable=False),
        *columns,
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("key", sa.String(length=32), nullable=False),
        _of(table, "school_id", "school"),
        _of(table, "staff_id", "staff"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("key", name=op.f(f"uq_{table}_key")),
    )
    op.create_index(op.f(f"ix_{table}_staff_id"), table, ["staff_id"])


def _lists() -> None:
    _of_a_member(
        "list_view",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("query", sa.JSON(), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
    )
    op.create_index("ix_list_view_school", "list_view", ["school_id", "id"])
    _of_a_member("selection", sa.Column("size", _NUMBER, nullable=False))
    op.create_index(op.f("ix_selection_created_at"), "selection", ["created_at"])
    op.create_table(
        "selected_graduate",
        sa.Column("selection_id", _NUMBER, nullable=False),
        sa.Column("graduate_id", _NUMBER, nullable=False),
        _of("selected_graduate", "graduate_id", "graduate"),
        _of("selected_graduate", "selection_id", "selection", goes=True),
        sa.PrimaryKeyConstraint("selection_id", "graduate_id", name=op.f("pk_selected_graduate")),
    )
    op.create_index(op.f("ix_selected_graduate_graduate_id"), "selected_graduate", ["graduate_id"])
    op.add_column("staff", sa.Column("list_columns", sa.JSON(none_as_null=True), nullable=True))


def upgrade() -> None:
    _lists()
    op.create_table(
        "task_application",
        sa.Column("task_id", _NUMBER, nullable=False),
        sa.Column("application_id", _NUMBER, nullable=False),
        sa.Column("graduate_id", _NUMBER, nullable=False),
        sa.Column("revision", _NUMBER, nullable=False),
        sa.Column("mark", sa.String(length=24), server_default="", nullable=False),
        sa.Column("outcome", sa.String(length=32), server_default="", nullable=False),
        _of("task_application", "application_id", "application"),
        _of("task_application", "graduate_id", "graduate"),
        _of("task_application", "task_id", "task", goes=True),
        sa.PrimaryKeyConstraint("task_id", "application_id", name=op.f("pk_task_application")),
    )
    for column in ("application_id", "graduate_id"):
        op.create_index(op.f(f"ix_task_application_{column}"), "task_application", [column])


def downgrade() -> None:
    op.drop_table("task_application")
    op.drop_column("staff", "list_columns")
    op.drop_table("selected_graduate")
    op.drop_table("selection")
    op.drop_table("list_view")
