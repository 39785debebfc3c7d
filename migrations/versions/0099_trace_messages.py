"""trace messages.

What wrote a message, where traces are on: a number that the call to WeChat and its receipt carry
on. Old code knows nothing of the column.
"""

import sqlalchemy as sa
from alembic import op

revision = "0099"
down_revision = "0086"


def upgrade() -> None:
    op.add_column("message", sa.Column("trace", sa.String(length=55), nullable=True))


def downgrade() -> None:
    op.drop_column("message", "trace")
