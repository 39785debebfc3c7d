"""find the bound and the staying.

A school's first page counts who bound a WeChat since yesterday, its transfer list whose file stays:
each read all of a cohort. On PostgreSQL the indexes are made while everybody writes.
"""

from migrations import concurrent_indexes
from migrations.concurrent_indexes import TableIndex

revision = "0089"
down_revision = "0099"

_INDEXES = {
    "ix_binding_bound": TableIndex(
        "binding", ["school_id", "year", "bound_at"], "ended_at IS NULL"
    ),
    "ix_registration_file": TableIndex("registration", ["school_id", "year", "file_type"]),
}


def upgrade() -> None:
    concurrent_indexes.make(_INDEXES)


def downgrade() -> None:
    concurrent_indexes.drop(_INDEXES)
