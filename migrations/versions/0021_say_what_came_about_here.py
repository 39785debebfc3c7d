"""say what came about here.

What a graduate registered here and a school passed, and what a school corrected here, named the
national system as where it came from. Old code runs on these rows: it prints the name as it is.
"""

from alembic import op

revision = "0021"
down_revision = "0020"

_HERE = "source = 'national' AND source_name = '全国登记系统'"
_PASSED = "id IN (SELECT registration_id FROM application WHERE registration_id IS NOT NULL)"
_BY_STAFF = "recorded_by LIKE 'staff:%'"


def upgrade() -> None:
    _name("本人登记", f"{_HERE} AND {_PASSED}")
    _name("学校更正", f"{_HERE} AND {_BY_STAFF}")


def downgrade() -> None:
    _name("全国登记系统", "source_name = '本人登记' OR source_name LIKE '学校更正%'")


def _name(name: str, where: str) -> None:
    op.execute(f"UPDATE registration SET source_name = '{name}' WHERE {where}")  # noqa: S608 - written here, all of it
