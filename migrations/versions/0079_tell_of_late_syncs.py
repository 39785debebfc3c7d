"""tell of late syncs.

What its staff and its province's were told about a school's synchronisation, so that they are told
once. Old code knows nothing of the column.
"""

import sqlalchemy as sa
from alembic import op

revision = "0079"
down_revision = "0074"


def upgrade() -> None:
    op.add_column("school", sa.Column("sync_alarm", sa.String(length=16), nullable=True))


def downgrade() -> None:
    op.drop_column("school", "sync_alarm")
