"""count what older processes began.

What a worker of the version before starts during an upgrade says of no next time: it is found by
not having been counted at all.
"""

import sqlalchemy as sa
from alembic import op

revision = "0116"
down_revision = "0112"

_NEVER = sa.text("started_at IS NOT NULL AND effect_at IS NULL")


def upgrade() -> None:
    op.create_index(
        *("ix_campaign_never_measured", "campaign", ["id"]),
        postgresql_where=_NEVER,
        sqlite_where=_NEVER,
    )


def downgrade() -> None:
    op.drop_index("ix_campaign_never_measured", "campaign")
