"""have followers read by hand.

An operator asks for it on a page; the duty that reads them every night looks here each minute. Old
code knows nothing of the column and reads them at night.
"""

import sqlalchemy as sa
from alembic import op

import registry.base.database

revision = "0078"
down_revision = "0076"


def upgrade() -> None:
    time = registry.base.database.UtcDateTime(timezone=True)
    op.add_column("account", sa.Column("followers_asked_at", time, nullable=True))


def downgrade() -> None:
    op.drop_column("account", "followers_asked_at")
