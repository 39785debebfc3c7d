"""give first passwords.

Old code must run on the new tables: add first, use later, drop last.
"""

import sqlalchemy as sa
from alembic import op

import registry.base.database

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    until = sa.Column(
        "first_password_until", registry.base.database.UtcDateTime(timezone=True), nullable=True
    )
    op.add_column("staff", until)


def downgrade() -> None:
    op.drop_column("staff", "first_password_until")  # in place: everything leads to its staff
