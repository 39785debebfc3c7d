"""keep once what a version says.

An answer keeps what its version of the registration does not say, and what was sent for review goes
when it has become a version. Rows of before stay as they are: both are read. Going back, the copies
are made again, since the code of before reads nothing else.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from alembic import context, op

revision = "0118"
down_revision = "0121"

_SAID = (
    *("category", "unit_name", "unit_code", "unit_nature", "unit_industry", "unit_location_code"),
    *("unit_location", "unit_address", "unit_postcode", "unit_contact", "unit_phone", "job_class"),
    *("signed_on", "study_country", "study_school", "study_school_foreign", "study_major"),
    *("study_major_foreign", "file_type", "file_unit", "file_location_code", "file_location"),
    *("file_address", "file_postcode", "file_contact", "file_phone", "household_type"),
    *("household_location_code", "household_location"),
)
_REGISTRATION = sa.table("registration", sa.column("id"), *map(sa.column, _SAID))
_CONFIRMATION = sa.table(
    *("confirmation", sa.column("id"), sa.column("registration_id")),
    sa.column("snapshot", sa.JSON()),
)
_APPLICATION = sa.table("application", sa.column("id"), sa.column("registration_id"))
_STEP = sa.table(
    *("review_step", sa.column("id"), sa.column("application_id"), sa.column("event")),
    sa.column("values", sa.JSON(none_as_null=True)),
)
_CHUNK = 1000


def upgrade() -> None:
    """Change nothing: what is there is read as well."""


def downgrade() -> None:
    if context.config.attributes.get("undone"):  # `quxiang db sql` prints only
        return
    answers = sa.select(_CONFIRMATION.c.id, _CONFIRMATION.c.snapshot, *_said_columns()).join(
        _REGISTRATION, _REGISTRATION.c.id == _CONFIRMATION.c.registration_id
    )
    _fill(_CONFIRMATION, "snapshot", answers)
    steps = (
        sa.select(_STEP.c.id, _STEP.c["values"], *_said_columns())
        .join(_APPLICATION, _APPLICATION.c.id == _STEP.c.application_id)
        .join(_REGISTRATION, _REGISTRATION.c.id == _APPLICATION.c.registration_id)
        .where(_STEP.c.event == "submit", _STEP.c["values"].is_(sa.null()))
    )
    _fill(_STEP, "values", steps)


def _said_columns() -> list[sa.ColumnElement[Any]]:
    return [_REGISTRATION.c[name] for name in _SAID]


def _fill(table: sa.TableClause, column: str, statement: sa.Select[Any]) -> None:
    filling = sa.update(table).where(table.c.id == sa.bindparam("row"))
    filling = filling.values({column: sa.bindparam("whole", type_=table.c[column].type)})
    for rows in _chunks(table, statement):
        op.get_bind().execute(filling, [_whole(row) for row in rows])


def _whole(row: sa.Row[Any]) -> dict[str, Any]:
    said = _text(row._mapping)  # noqa: SLF001 - SQLAlchemy's own name
    return {"row": row[0], "whole": {**said, **(row[1] or {})}}


def _chunks(table: sa.TableClause, statement: sa.Select[Any]) -> Iterator[Sequence[sa.Row[Any]]]:
    last = 0
    while rows := _next(table, statement, last):
        yield rows
        last = rows[-1][0]


def _next(table: sa.TableClause, statement: sa.Select[Any], last: int) -> Sequence[sa.Row[Any]]:
    wanted = statement.where(table.c.id > last).order_by(table.c.id).limit(_CHUNK)
    return op.get_bind().execute(wanted).all()


def _text(row: Mapping[Any, Any]) -> dict[str, str]:
    return {name: "" if row[name] is None else str(row[name]) for name in _SAID}
