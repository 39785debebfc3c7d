"""ask staff for a second factor.

Also what staff are told about their accounts. Old code runs on the new tables, and asks nobody for
a second factor: whoever turned one on signs in there by the password alone, until all web processes
are new. Going back takes every second factor off.
"""

import sqlalchemy as sa
from alembic import op

from registry.base.database import UtcDateTime

revision = "0027"
down_revision = "0026"


def _id(name: str, *, nullable: bool = False) -> "sa.Column[int]":
    kind = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    return sa.Column(name, kind, nullable=nullable)


def _moment(name: str, *, nullable: bool = False) -> "sa.Column[object]":
    return sa.Column(name, UtcDateTime(timezone=True), nullable=nullable)


def _staff(table: str, column: str = "staff_id") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], ["staff.id"], name=op.f(f"fk_{table}_{column}_staff"))


def upgrade() -> None:
    op.create_table(
        "second_factor",
        _id("id"),
        _id("staff_id"),
        sa.Column("secret_sealed", sa.String(length=200), nullable=False),
        _id("last_step"),
        _staff("second_factor"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_second_factor")),
        sa.UniqueConstraint("staff_id", name=op.f("uq_second_factor_staff_id")),
    )
    op.create_table(
        "backup_code",
        _id("id"),
        _id("staff_id"),
        sa.Column("code_hash", sa.String(length=200), nullable=False),
        _moment("used_at", nullable=True),
        _staff("backup_code"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_backup_code")),
    )
    op.create_index(op.f("ix_backup_code_staff_id"), "backup_code", ["staff_id"])
    op.create_table(
        "factor_reset",
        _id("id"),
        sa.Column("key", sa.String(length=32), nullable=False),
        _id("staff_id"),
        _id("asked_by_id"),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        _moment("asked_at"),
        _id("decided_by_id", nullable=True),
        _moment("decided_at", nullable=True),
        *(_staff("factor_reset", each) for each in ("staff_id", "asked_by_id", "decided_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_factor_reset")),
        sa.UniqueConstraint("key", name=op.f("uq_factor_reset_key")),
    )
    op.create_index(op.f("ix_factor_reset_staff_id"), "factor_reset", ["staff_id"])
    op.create_index(op.f("ix_factor_reset_state"), "factor_reset", ["state"])
    op.create_table(
        "staff_notice",
        _id("id"),
        _id("staff_id"),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        _moment("at"),
        _moment("seen_at", nullable=True),
        _staff("staff_notice"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_notice")),
    )
    op.create_index(op.f("ix_staff_notice_at"), "staff_notice", ["at"])
    op.create_index(op.f("ix_staff_notice_staff_id"), "staff_notice", ["staff_id"])

    # In place, or SQLite copies the table and drops it: everything leads to its staff.
    told = sa.Column("has_notices", sa.Boolean(), server_default=sa.false(), nullable=False)
    op.add_column("staff", told)
    op.add_column("staff", _moment("second_factor_since", nullable=True))


def downgrade() -> None:
    op.drop_column("staff", "second_factor_since")
    op.drop_column("staff", "has_notices")
    op.drop_table("staff_notice")
    op.drop_table("factor_reset")
    op.drop_table("backup_code")
    op.drop_table("second_factor")
