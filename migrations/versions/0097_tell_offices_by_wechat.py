"""tell offices by wechat.

Who linked a WeChat is told until somebody says otherwise.
"""

import sqlalchemy as sa
from alembic import op

revision = "0097"
down_revision = "0096"


def upgrade() -> None:
    told = sa.Column("sync_alarms", sa.Boolean(), server_default=sa.true(), nullable=False)
    op.add_column("colleague", told)


def downgrade() -> None:
    op.drop_column("colleague", "sync_alarms")
