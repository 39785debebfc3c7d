"""order lists of graduates.

An index for each order of the list of graduates, so that a page of a school is found without
reading the country. Names sort by code point in both databases; no index of names was there. Old
code runs beside all of it. Writing graduates waits while the indexes are built: about five seconds
each for five million.
"""

import sqlalchemy as sa
from alembic import op

revision = "0064"
down_revision = "0056"

_ORDERS = {
    "ix_graduate_entered": ["id"],
    "ix_graduate_name": ["name", "id"],
    "ix_graduate_reported": ["reported_at", "id"],
    "ix_graduate_answered": ["answered_at", "id"],
}


def upgrade() -> None:
    _sort_names_by("C")
    for name, columns in _ORDERS.items():
        op.create_index(name, "graduate", ["school_id", "year", *columns])


def downgrade() -> None:
    for name in _ORDERS:
        op.drop_index(name, "graduate")
    _sort_names_by("default")


def _sort_names_by(collation: str) -> None:
    """SQLite compares by code point anyway."""
    if op.get_bind().dialect.name == "postgresql":
        text = sa.String(length=80, collation=collation)
        op.alter_column("graduate", "name", type_=text, existing_nullable=False)
