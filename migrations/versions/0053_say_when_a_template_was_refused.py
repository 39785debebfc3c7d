"""say when a template was refused.

That WeChat refused a template was kept as a reading in 1970. Old code still writes
that, and new code then looks for the template once more before it believes that it is gone.
"""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from registry.base.database import UtcDateTime

revision = "0053"
down_revision = "0050"

_TEMPLATE = sa.table(
    "account_template", sa.column("read_at", UtcDateTime), sa.column("refused_at", UtcDateTime)
)
_SOME_WHEN = datetime(1971, 1, 1, tzinfo=UTC)


def upgrade() -> None:
    op.add_column("account_template", sa.Column("refused_at", UtcDateTime(timezone=True)))
    was_refused = _TEMPLATE.c.read_at < _SOME_WHEN
    op.execute(_TEMPLATE.update().where(was_refused).values(refused_at=sa.func.now()))


def downgrade() -> None:
    refused = _TEMPLATE.c.refused_at.is_not(None)
    op.execute(_TEMPLATE.update().where(refused).values(read_at=datetime(1970, 1, 1, tzinfo=UTC)))
    op.drop_column("account_template", "refused_at")
