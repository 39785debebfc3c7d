"""keep the token of a link.

It followed from the index key, which may change now. Old code runs on the new table: what it issues
has no token kept, and `quxiang keys rotate --index` keeps it. Going back, numbers that were issued
since show another link when they are printed again, which leads nowhere.
"""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0037"


def upgrade() -> None:
    op.add_column("issued_number", sa.Column("link_sealed", sa.String(length=200), nullable=True))


def downgrade() -> None:
    op.drop_column("issued_number", "link_sealed")
