"""settle cancelled campaigns.

When nothing of a cancelled campaign was open any more, so that nobody looks at it each second for
ever. Those of before are settled by the first look. Old code runs beside the column and looks at
all of them.
"""

import sqlalchemy as sa
from alembic import op

import registry.base.database

revision = "0093"
down_revision = "0092"

_UNSETTLED = sa.text("state = 'cancelled' AND settled_at IS NULL")


def upgrade() -> None:
    moment = registry.base.database.UtcDateTime(timezone=True)
    op.add_column("campaign", sa.Column("settled_at", moment, nullable=True))
    op.create_index(
        "ix_campaign_unsettled",
        "campaign",
        ["id"],
        postgresql_where=_UNSETTLED,
        sqlite_where=_UNSETTLED,
    )


def downgrade() -> None:
    op.drop_index("ix_campaign_unsettled", table_name="campaign")
    op.drop_column("campaign", "settled_at")
