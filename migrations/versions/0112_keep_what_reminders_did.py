"""keep what reminders did.

It was counted each time a page was opened: 30,000 people a look. Reminders that began before are
counted by the workers within minutes of the upgrade.
"""

import sqlalchemy as sa
from alembic import op

from registry.base.database import UtcDateTime

revision = "0112"
down_revision = "0111"

_MOMENTS = ("effect_at", "effect_due")


def upgrade() -> None:
    op.add_column("campaign", sa.Column("effect", sa.JSON()))
    for name in _MOMENTS:
        op.add_column("campaign", sa.Column(name, UtcDateTime()))
    op.execute("UPDATE campaign SET effect_due = started_at WHERE started_at IS NOT NULL")
    op.create_index("ix_campaign_effect", "campaign", ["effect_due"])


def downgrade() -> None:
    op.drop_index("ix_campaign_effect", "campaign")
    for name in ("effect", *_MOMENTS):
        op.drop_column("campaign", name)
