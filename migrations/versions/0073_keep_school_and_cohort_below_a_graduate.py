"""keep school and cohort below a graduate.

Each row about a graduate says her school and cohort, so that lists read their part of a table, and
so that a table can be divided by them. Old code inserts without them: triggers fill them in. Every
row of these tables is written once by this.
"""

import sqlalchemy as sa
from alembic import op

from migrations import cohort_triggers

revision = "0073"
down_revision = "0083"

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_INDEXED = ["school_id", "year", "issue", "kind", "standing", "ends_on"]
_NEWEST = {"postgresql_where": sa.text("newest"), "sqlite_where": sa.text("newest = 1")}


def upgrade() -> None:
    for table in cohort_triggers.TABLES:
        for name in ("school_id", "year"):
            op.add_column(table, sa.Column(name, _NUMBER, nullable=True))
    if op.get_bind().dialect.name != "sqlite":  # there they are made after the last migration
        cohort_triggers.make(op.get_bind())
    cohort_triggers.fill(op.get_bind())
    op.create_index("ix_issued_number_cohort", "issued_number", _INDEXED, **_NEWEST)


def downgrade() -> None:
    op.drop_index("ix_issued_number_cohort", "issued_number", **_NEWEST)
    cohort_triggers.drop(op.get_bind())
    for table in reversed(cohort_triggers.TABLES):
        for name in ("year", "school_id"):
            op.drop_column(table, name)
