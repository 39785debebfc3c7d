"""count claims.

How many claims were made on a day, so that a database that has forgotten some is noticed. Workers
of the version before count none: what they claim is missed by the ledger's mark alone, as it was.
"""

import sqlalchemy as sa
from alembic import op

revision = "0101"
down_revision = "0079"


def upgrade() -> None:
    op.add_column(
        "quota_day", sa.Column("claims", sa.BigInteger(), nullable=False, server_default="0")
    )


def downgrade() -> None:
    op.drop_column("quota_day", "claims")
