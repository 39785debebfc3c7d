"""keep what an import would change.

The key of the sealed file that says who is new and who changes. Old code runs on the new table.
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    plan = sa.Column("plan_key", sa.String(length=32), server_default="", nullable=False)
    op.add_column("task", plan)  # in place: a copy would take its people with it


def downgrade() -> None:
    op.drop_column("task", "plan_key")
