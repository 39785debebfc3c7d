"""let a campus end sessions.

Which session of a campus a session here was signed in by, so that its logout ends it. Old code runs
beside the column and leaves it empty: what it signed in lasts as long as other sessions do.
"""

import sqlalchemy as sa
from alembic import op

revision = "0083"
down_revision = "0078"


def upgrade() -> None:
    op.add_column("web_session", sa.Column("campus_session", sa.String(length=64), nullable=True))
    op.create_index(op.f("ix_web_session_campus_session"), "web_session", ["campus_session"])


def downgrade() -> None:
    op.drop_index(op.f("ix_web_session_campus_session"), table_name="web_session")
    op.drop_column("web_session", "campus_session")
