"""count applications.

Counts of applications by purpose and state, kept by triggers as those of graduates are. Old code
runs beside them and knows nothing of them: what it writes is counted, too. While this runs, writing
of applications waits: as long as one grouped count of them all takes.
"""

import sqlalchemy as sa
from alembic import op

from migrations import count_triggers

revision = "0123"
down_revision = "0122"

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_COUNTS = "application_count"
_TOLD_APART = {
    "school_id": _NUMBER,
    "year": _NUMBER,
    "purpose": sa.String(16),
    "state": sa.String(24),
}
_FOLDED = dict.fromkeys(("postgresql_where", "sqlite_where"), sa.text("folded"))
_ADDED = dict.fromkeys(("postgresql_where", "sqlite_where"), sa.text("NOT folded"))


def upgrade() -> None:
    op.create_table(
        _COUNTS,
        sa.Column("id", _NUMBER, nullable=False),
        *(sa.Column(name, kind, nullable=False) for name, kind in _TOLD_APART.items()),
        sa.Column("number", _NUMBER, nullable=False),
        sa.Column("folded", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{_COUNTS}")),
    )
    connection = op.get_bind()
    if connection.dialect.name != "sqlite":  # there they are made after the last migration
        count_triggers.make(connection, count_triggers.OF_APPLICATIONS)
        count_triggers.count_anew(connection, count_triggers.OF_APPLICATIONS)
    op.create_index(f"ix_{_COUNTS}_cohort", _COUNTS, ["school_id", "year"])
    op.create_index(f"uq_{_COUNTS}_folded", _COUNTS, list(_TOLD_APART), unique=True, **_FOLDED)
    op.create_index(f"ix_{_COUNTS}_added", _COUNTS, ["id"], **_ADDED)


def downgrade() -> None:
    count_triggers.drop(op.get_bind(), count_triggers.OF_APPLICATIONS)
    op.drop_table(_COUNTS)
