"""give first passwords.

Old code must run on the new tables: add first, use later, drop last.
"""

import sqlalchemy as sa
from alembic import op

import registry.database

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    with op.batch_alter_table("staff", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "first_password_until", registry.database.UtcDateTime(timezone=True), nullable=True
            )
        )


def downgrade() -> None:
    with op.batch_alter_table("staff", schema=None) as batch_op:
        batch_op.drop_column("first_password_until")
