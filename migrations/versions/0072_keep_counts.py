"""keep counts.

Counts of graduates and of their newest numbers, kept by triggers. Old code runs beside them and
knows nothing of them: what it writes is counted, too. While this runs, writing of graduates waits.
"""

import sqlalchemy as sa
from alembic import op

import registry.base.database
from migrations import count_triggers

revision = "0072"
down_revision = "0065"

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TIME = registry.base.database.UtcDateTime(timezone=True)
_PERSON = ("school_id", "year", "department_id", "level", "graduation_month")
_TOLD_APART = {
    "graduate_count": (*_PERSON, "confirmation", "provenance", "category"),
    "number_count": (*_PERSON, "is_registered", "issue", "kind", "standing", "ends_on"),
}
_FOLDED = dict.fromkeys(("postgresql_where", "sqlite_where"), sa.text("folded"))
_ADDED = dict.fromkeys(("postgresql_where", "sqlite_where"), sa.text("NOT folded"))
_LENGTHS = {"level": 4, "graduation_month": 6, "provenance": 24, "category": 2}


def upgrade() -> None:
    op.add_column("school", sa.Column("counted_at", _TIME, nullable=True))
    for table, told_apart in _TOLD_APART.items():
        columns = [sa.Column(name, _type(name), nullable=False) for name in told_apart]
        op.create_table(
            table,
            sa.Column("id", _NUMBER, nullable=False),
            *columns,
            sa.Column("number", _NUMBER, nullable=False),
            sa.Column("folded", sa.Boolean(), nullable=False),
            sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        )
    if op.get_bind().dialect.name != "sqlite":  # there they are made after the last migration
        count_triggers.make(op.get_bind(), count_triggers.OF_PEOPLE)
    count_triggers.count_anew(op.get_bind(), count_triggers.OF_PEOPLE)
    for table, told_apart in _TOLD_APART.items():
        op.create_index(f"ix_{table}_cohort", table, ["school_id", "year"])
        op.create_index(f"uq_{table}_folded", table, list(told_apart), unique=True, **_FOLDED)
        op.create_index(f"ix_{table}_added", table, ["id"], **_ADDED)


def _type(name: str) -> sa.types.TypeEngine[object]:
    if name in {"school_id", "year", "department_id"}:
        return _NUMBER
    if name == "ends_on":
        return sa.Date()
    return sa.Boolean() if name == "is_registered" else sa.String(_LENGTHS.get(name, 16))


def downgrade() -> None:
    count_triggers.drop(op.get_bind(), count_triggers.OF_PEOPLE)
    for table in reversed(_TOLD_APART):
        op.drop_table(table)
    op.drop_column("school", "counted_at")
