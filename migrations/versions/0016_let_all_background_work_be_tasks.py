"""let all background work be tasks.

Old code must run on the new tables: add first, use later, drop last.

What stands in `roster_import` and `office_task` moves to `task`, whatever its state; both tables
stay, empty, for processes of the version before. What those add meanwhile is brought over by
`registry.tasks.carry_over`; a later migration drops them.
"""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from alembic import op

from registry.base.database import UtcDateTime

revision = "0016"
down_revision = "0015"

IMPORT = "roster_import"
_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_NUMBERS = (
    "school_id",
    "department_id",
    "staff_id",
    "year",
    "done",
    "total",
    "attempts",
    "file_id",
)
_TEXTS = ("key", "kind", "state", "message")
_MOMENTS = ("lease_until", "created_at", "finished_at")
Row = Mapping[str, Any]


def _table(
    name: str, numbers: tuple[str, ...], texts: tuple[str, ...], *json: str
) -> sa.TableClause:
    return sa.table(
        name,
        *(sa.column(each, sa.BigInteger) for each in ("id", *numbers)),
        *(sa.column(each, sa.String) for each in texts),
        *(sa.column(each, UtcDateTime) for each in _MOMENTS),
        *(sa.column(each, sa.JSON) for each in json),
    )


task = _table(
    *("task", (*_NUMBERS, "source_file_id", "resume_after"), _TEXTS),
    *("asked", "counts", "problems"),
)
office_task = _table(
    *("office_task", (*_NUMBERS, "renewed_up_to"), (*_TEXTS, "work"), "about", "counts"),
)
roster_import = _table(
    "roster_import",
    ("school_id", "staff_id", "year", "done", "total", "attempts", "file_id", "refused_file_id"),
    ("key", "state", "message", "file_name", "policy"),
    *("counts", "problems"),
)
_PERSON = ("task_id", "graduate_id")
task_person = sa.table("task_person", *map(sa.column, _PERSON))
office_task_person = sa.table("office_task_person", *map(sa.column, _PERSON))

SAME = ("key", "school_id", "staff_id", "year", "done", "total", "counts", "message", "attempts")
"""Columns that all three have, besides the moments."""


def upgrade() -> None:
    _create_tables()
    bind = op.get_bind()
    imports = bind.execute(sa.select(roster_import).with_for_update()).mappings()
    office = bind.execute(sa.select(office_task).with_for_update()).mappings()
    rows = [*map(_of_import, imports), *map(_of_office, office)]
    if rows:
        bind.execute(task.insert(), sorted(rows, key=lambda row: row["created_at"]))
    _move_people(office_task, office_task_person, task, task_person)
    for table in (office_task_person, office_task, roster_import):
        bind.execute(sa.delete(table))


def _of_import(row: Row) -> dict[str, Any]:
    return {
        **_same(row),
        "kind": IMPORT,
        "department_id": None,
        "asked": {"file_name": row["file_name"], "policy": row["policy"]},
        "state": "running" if row["state"] == "checking" else row["state"],
        "problems": row["problems"],
        "resume_after": 0,
        "source_file_id": row["file_id"],
        "file_id": row["refused_file_id"],
    }


def _of_office(row: Row) -> dict[str, Any]:
    number_kind = {"number_kind": row["kind"]} if row["kind"] else {}
    return {
        **_same(row),
        "kind": row["work"],
        "department_id": row["department_id"],
        "asked": number_kind | row["about"],
        "state": row["state"],
        "problems": [],
        "resume_after": row["renewed_up_to"],
        "source_file_id": None,
        "file_id": row["file_id"],
    }


def _same(row: Row) -> dict[str, Any]:
    return {name: row[name] for name in (*SAME, *_MOMENTS)}


def _move_people(
    tasks: sa.TableClause, people: sa.TableClause, to: sa.TableClause, there: sa.TableClause
) -> None:
    """Copy whom tasks are for; the same task has another number there, but the same key."""
    found = (
        sa.select(to.c.id, people.c.graduate_id)
        .join(tasks, tasks.c.id == people.c.task_id)
        .join(to, to.c.key == tasks.c.key)
        .select_from(people)
    )
    op.get_bind().execute(there.insert().from_select(list(_PERSON), found))


def downgrade() -> None:
    bind = op.get_bind()
    rows = bind.execute(sa.select(task).order_by(task.c.id)).mappings().all()
    if imports := [_to_import(row) for row in rows if row["kind"] == IMPORT]:
        bind.execute(roster_import.insert(), imports)
    if office := [_to_office(row) for row in rows if row["kind"] != IMPORT]:
        bind.execute(office_task.insert(), office)
    _move_people(task, task_person, office_task, office_task_person)
    op.drop_table("task_person")
    op.drop_table("task")


def _to_import(row: Row) -> dict[str, Any]:
    return {
        **_same(row),
        **row["asked"],
        "state": "checking" if row["state"] == "running" else row["state"],
        "problems": row["problems"],
        "file_id": row["source_file_id"],
        "refused_file_id": row["file_id"],
    }


def _to_office(row: Row) -> dict[str, Any]:
    about = dict(row["asked"])
    return {
        **_same(row),
        "kind": about.pop("number_kind", ""),
        "work": row["kind"],
        "department_id": row["department_id"],
        "about": about,
        "state": row["state"],
        "renewed_up_to": row["resume_after"],
        "file_id": row["file_id"],
    }


def _create_tables() -> None:
    op.create_table(
        "task",
        sa.Column("school_id", _ID, nullable=False),
        sa.Column("department_id", _ID, nullable=True),
        sa.Column("staff_id", _ID, nullable=True),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("asked", sa.JSON(), nullable=False),
        sa.Column("year", _ID, nullable=True),
        sa.Column("source_file_id", _ID, nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("done", _ID, nullable=False),
        sa.Column("total", _ID, nullable=False),
        sa.Column("resume_after", _ID, nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("problems", sa.JSON(), nullable=False),
        sa.Column("message", sa.String(length=300), nullable=False),
        sa.Column("file_id", _ID, nullable=True),
        sa.Column("attempts", _ID, nullable=False),
        sa.Column("lease_until", UtcDateTime(timezone=True), nullable=True),
        sa.Column("created_at", UtcDateTime(timezone=True), nullable=False),
        sa.Column("finished_at", UtcDateTime(timezone=True), nullable=True),
        sa.Column("id", _ID, nullable=False),
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_task_department_id_department")
        ),
        sa.ForeignKeyConstraint(
            *(["file_id"], ["stored_file.id"]),
            name=op.f("fk_task_file_id_stored_file"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_task_school_id_school")
        ),
        sa.ForeignKeyConstraint(
            *(["source_file_id"], ["stored_file.id"]),
            name=op.f("fk_task_source_file_id_stored_file"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_task_staff_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task")),
        sa.UniqueConstraint("key", name=op.f("uq_task_key")),
    )
    op.create_index("ix_task_list", "task", ["school_id", "id"])
    op.create_index("ix_task_open", "task", ["state", "id"])
    op.create_table(
        "task_person",
        sa.Column("task_id", _ID, nullable=False),
        sa.Column("graduate_id", _ID, nullable=False),
        sa.ForeignKeyConstraint(
            *(["graduate_id"], ["graduate.id"]), name=op.f("fk_task_person_graduate_id_graduate")
        ),
        sa.ForeignKeyConstraint(
            *(["task_id"], ["task.id"]),
            name=op.f("fk_task_person_task_id_task"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("task_id", "graduate_id", name=op.f("pk_task_person")),
    )
