"""forward to the ministry.

New tables alone: old code does not know them.
"""

from datetime import datetime

import sqlalchemy as sa
from alembic import op

from registry.base.database import UtcDateTime

revision = "0096"
down_revision = "0103"


_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _big(name: str, *, nullable: bool = False) -> "sa.Column[int]":
    return sa.Column(name, _BIG, nullable=nullable)


def _text(name: str, length: int, *, nullable: bool = False) -> "sa.Column[str]":
    return sa.Column(name, sa.String(length=length), nullable=nullable)


def _moment(name: str, *, nullable: bool = True) -> "sa.Column[datetime]":
    return sa.Column(name, UtcDateTime(timezone=True), nullable=nullable)


def _to(table: str, column: str, other: str, *, gone: str | None = None) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{other}")
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=name, ondelete=gone)


def _forwarding() -> None:
    op.create_table(
        "forwarding",
        *(_text("province", 6), _big("sequence"), _big("year"), _text("state", 16)),
        *(_big("total"), sa.Column("counts", sa.JSON(), nullable=False)),
        *(_text("made_by", 80), _text("made_by_name", 80), _moment("made_at", nullable=False)),
        *(_big("task_id", nullable=True), _big("file_id", nullable=True)),
        *(_text("sha256", 64), _text("key_name", 40)),
        *(_text("sent_by", 80), _text("sent_by_name", 80), _moment("sent_at")),
        *(_text("receipt_number", 40), sa.Column("receipt_on", sa.Date(), nullable=True)),
        *(_big("accepted", nullable=True), _big("refused", nullable=True), _text("reason", 500)),
        *(_text("received_by", 80), _text("received_by_name", 80), _moment("received_at")),
        *(_big("id"), _text("key", 32)),
        _to("forwarding", "file_id", "stored_file", gone="SET NULL"),
        _to("forwarding", "task_id", "task", gone="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_forwarding")),
        sa.UniqueConstraint("key", name=op.f("uq_forwarding_key")),
        sa.UniqueConstraint("province", "sequence", name=op.f("uq_forwarding_province_sequence")),
    )
    op.create_index("ix_forwarding_file", "forwarding", ["file_id"])
    op.create_index("ix_forwarding_list", "forwarding", ["province", "year", "id"])
    op.create_index("ix_forwarding_task", "forwarding", ["task_id"])


def _entry() -> None:
    table = "forwarded_entry"
    op.create_table(
        table,
        *(_big("forwarding_id"), _big("graduate_id"), _big("batch_id"), _big("registration_id")),
        sa.Column("standing", sa.Boolean(), nullable=False),
        _text("refusal", 200, nullable=True),
        _to(table, "batch_id", "province_batch"),
        _to(table, "forwarding_id", "forwarding"),
        _to(table, "graduate_id", "graduate"),
        _to(table, "registration_id", "registration"),
        sa.PrimaryKeyConstraint("forwarding_id", "graduate_id", name=op.f("pk_forwarded_entry")),
    )
    op.create_index("ix_forwarded_entry_graduate", table, ["graduate_id"])
    op.create_index("ix_forwarded_entry_registration_id", table, ["registration_id"])
    op.create_index(
        "uq_forwarded_entry_standing",
        table,
        ["batch_id", "graduate_id"],
        unique=True,
        postgresql_where=sa.text("standing"),
        sqlite_where=sa.text("standing = 1"),
    )


def upgrade() -> None:
    op.create_table(
        "forwarding_head",
        *(_text("province", 6), _big("last")),
        sa.PrimaryKeyConstraint("province", name=op.f("pk_forwarding_head")),
    )
    _forwarding()
    _entry()


def downgrade() -> None:
    for table in ("forwarded_entry", "forwarding", "forwarding_head"):
        op.drop_table(table)
