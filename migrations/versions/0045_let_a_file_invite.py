"""let a file invite.

Which row of which file an invitation came from, whose task an employer's file is, for which act a
face check proves her, and an index by which a one-time code is found. Old code runs on the new
tables: it does not know the tasks of employers, so no file should be uploaded before all processes
are new. Going back forgets those tasks; what they sent stays.
"""

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_OF_A_FILE = sa.text("batch <> ''")


def upgrade() -> None:
    # In place, or SQLite copies the tables and drops them: others lead to them.
    act = sa.Column("act", sa.String(length=64), server_default="", nullable=False)
    op.add_column("authentication", act)
    batch = sa.Column("batch", sa.String(length=64), server_default="", nullable=False)
    op.add_column("invitation", batch)
    op.add_column("invitation", sa.Column("batch_row", _NUMBER, server_default="0", nullable=False))
    op.create_index(
        "uq_invitation_row",
        "invitation",
        ["employer_id", "batch", "batch_row"],
        unique=True,
        postgresql_where=_OF_A_FILE,
        sqlite_where=_OF_A_FILE,
    )
    op.create_index("ix_one_time_code_hash", "one_time_code", ["purpose", "code_hash"])
    op.execute(
        "ALTER TABLE task ADD COLUMN employer_id BIGINT"
        " CONSTRAINT fk_task_employer_id_employer REFERENCES employer (id)"
    )
    op.create_index("ix_task_employer", "task", ["employer_id", "id"])


def downgrade() -> None:
    op.execute("DELETE FROM task WHERE kind = 'invitations'")
    op.drop_index("ix_task_employer", "task")
    op.drop_column("task", "employer_id")
    op.drop_index("ix_one_time_code_hash", "one_time_code")
    op.drop_index("uq_invitation_row", "invitation")
    op.drop_column("invitation", "batch_row")
    op.drop_column("invitation", "batch")
    op.drop_column("authentication", "act")
