"""put autumn in the next cohort.

Who graduates from September to December belongs to the next year's cohort; until now `year` was
the year of the month. A graduate stays where she is when that cohort has her student or candidate
number already. Old code runs on these rows: `year` is still a year a school has graduates of.
"""

from alembic import op

revision = "0017"
down_revision = "0016"

_NUMBER_TAKEN = """EXISTS (
    SELECT 1 FROM graduate AS other
    WHERE other.school_id = graduate.school_id
      AND other.year = graduate.year + {step}
      AND (other.student_number = graduate.student_number
           OR other.candidate_number = graduate.candidate_number)
)"""
_AUTUMN = "SUBSTR(graduation_month, 5, 2) BETWEEN '09' AND '12'"
_YEAR_OF_MONTH = "CAST(SUBSTR(graduation_month, 1, 4) AS INTEGER)"
_FOLLOW = """UPDATE application
SET year = (SELECT graduate.year FROM graduate WHERE graduate.id = application.graduate_id)
WHERE graduate_id IN (SELECT id FROM graduate WHERE {autumn})"""


def upgrade() -> None:
    _move(step=1, offset=0)


def downgrade() -> None:
    _move(step=-1, offset=1)


def _move(step: int, offset: int) -> None:
    """Move the graduates of autumn by a year, who stand `offset` years after their month's."""
    op.execute(
        f"UPDATE graduate SET year = year + ({step})"  # noqa: S608 - written here, all of it
        f" WHERE {_AUTUMN} AND year = {_YEAR_OF_MONTH} + {offset}"
        f" AND NOT {_NUMBER_TAKEN.format(step=f'({step})')}"
    )
    op.execute(_FOLLOW.format(autumn=_AUTUMN))
