"""keep the code of the place a file or a household goes to.

Old code must run on the new tables: add first, use later, drop last.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    for name in ("file_location_code", "household_location_code"):
        # The default stands for rows there are, and for old code that still writes.
        column = sa.Column(name, sa.String(length=6), nullable=False, server_default="")
        op.add_column("registration", column)


def downgrade() -> None:
    with op.batch_alter_table("registration", schema=None) as batch_op:
        batch_op.drop_column("household_location_code")
        batch_op.drop_column("file_location_code")
