"""let the office make lists of names.

Old code must run on the new tables: add first, use later, drop last.
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    about = sa.Column("about", sa.JSON(), server_default="{}", nullable=False)
    op.add_column("office_task", about)


def downgrade() -> None:
    op.execute("DELETE FROM office_task WHERE kind = ''")
    op.drop_column("office_task", "about")  # in place: a copy would take its people with it
