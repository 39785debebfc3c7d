"""say who started reminders.

And let filters of whom a reminder is for be kept under a name beside those of lists. Old code runs
beside the columns: what it keeps is of the list of graduates. Going back takes the filters of
reminders away, which the list could not read.
"""

import sqlalchemy as sa
from alembic import op

revision = "0075"
down_revision = "0082"

_VIEWS = sa.table("list_view", sa.column("page", sa.String))


def upgrade() -> None:
    op.add_column("campaign", sa.Column("started_by", sa.String(length=80), nullable=True))
    page = sa.Column("page", sa.String(length=16), nullable=False, server_default="graduates")
    op.add_column("list_view", page)


def downgrade() -> None:
    op.execute(sa.delete(_VIEWS).where(_VIEWS.c.page != "graduates"))
    op.drop_column("list_view", "page")
    op.drop_column("campaign", "started_by")
