"""say what was signed on paper.

A destination that an agreement on paper registered named online signing as where it came from. Old
code runs on these rows: it prints the name as it is.
"""

from alembic import op

revision = "0059"
down_revision = "0066"


def upgrade() -> None:
    op.execute(
        "UPDATE registration SET source_name = '线下签约' WHERE source_name = '网上签约'"
        " AND id IN (SELECT registration_id FROM agreement WHERE request_id IS NOT NULL)"
    )


def downgrade() -> None:
    op.execute("UPDATE registration SET source_name = '网上签约' WHERE source_name = '线下签约'")
