"""keep files in an object store.

The name that a file's content has there, and the names that are to be deleted there. Old code runs
beside both, and finds no content in a file that was moved: set the object store's settings once
every process is of the new version. Going back is refused while files lie there (`quxiang files
in`): nobody would find them again.
"""

import sqlalchemy as sa
from alembic import op

import registry.base.database

revision = "0092"
down_revision = "0097"

_HERE = sa.text("object_name IS NULL")
_TIME = registry.base.database.UtcDateTime(timezone=True)


def upgrade() -> None:
    op.add_column("stored_file", sa.Column("object_name", sa.String(length=80), nullable=True))
    op.create_index(
        "ix_stored_file_here",
        "stored_file",
        ["id"],
        postgresql_where=_HERE,
        sqlite_where=_HERE,
    )
    op.create_table(
        "gone_object",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("due_at", _TIME, nullable=True),
        sa.Column("taken", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_gone_object")),
    )
    op.create_index(op.f("ix_gone_object_due_at"), "gone_object", ["due_at"])


def downgrade() -> None:
    moved = "SELECT count(*) FROM stored_file WHERE object_name IS NOT NULL"
    if op.get_bind().execute(sa.text(moved)).scalar():
        raise RuntimeError("files lie in the object store: quxiang files in, then again")
    if op.get_bind().execute(sa.text("SELECT count(*) FROM gone_object")).scalar():
        raise RuntimeError("names are still to be deleted in the object store: within an hour")
    op.drop_index(op.f("ix_gone_object_due_at"), table_name="gone_object")
    op.drop_table("gone_object")
    op.drop_index("ix_stored_file_here", table_name="stored_file")
    op.drop_column("stored_file", "object_name")
