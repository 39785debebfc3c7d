"""let graduates sign on paper.

Requests for a paper; an agreement that began as one, which has no invitation, no review before it
is handed in, and no employer's account in its termination; whether a school issues papers. Old code
runs on the new tables as long as nobody asks for a paper. Going back takes away all agreements on
paper with what was said of them, and ends their reviews; destinations that they registered stay.
"""

import sqlalchemy as sa
from alembic import op

import registry.base.database

revision = "0050"
down_revision = "0051"

_LOOSE = {"agreement": ("invitation_id", "application_id"), "termination": ("employer_id",)}
_SOURCE = "invitation_id IS NOT NULL OR request_id IS NOT NULL"
_CHECK = f", CONSTRAINT ck_agreement_source CHECK ({_SOURCE})"
_UNDER_WAY = ("submitted", "department_passed", "school_passed", "returned")
_OF_AGREEMENTS = ("termination", "voiding", "terms_version", "lookup", "agreement_paper")


def upgrade() -> None:
    op.create_table(
        "offline_request",
        sa.Column(
            "graduate_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("terms", sa.JSON(), nullable=False),
        sa.Column("asked_at", registry.base.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("ended_at", registry.base.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["graduate_id"], ["graduate.id"], name=op.f("fk_offline_request_graduate_id_graduate")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offline_request")),
        sa.UniqueConstraint("key", name=op.f("uq_offline_request_key")),
    )
    op.create_index("ix_offline_request_graduate", "offline_request", ["graduate_id", "id"])
    op.create_index(
        "uq_offline_request_open",
        "offline_request",
        ["graduate_id"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
        sqlite_where=sa.text("ended_at IS NULL"),
    )
    column = sa.Column("offers_papers", sa.Boolean(), nullable=False, server_default=sa.true())
    op.add_column("season", column)
    # In place, or SQLite copies the tables with what leads to them.
    op.execute(
        "ALTER TABLE agreement ADD COLUMN request_id BIGINT CONSTRAINT"
        " fk_agreement_request_id_offline_request REFERENCES offline_request (id)"
    )
    op.create_index("uq_agreement_request", "agreement", ["request_id"], unique=True)
    if op.get_bind().dialect.name == "sqlite":
        _rewrite(" NOT NULL", "", add=_CHECK)
        return
    for table, names in _LOOSE.items():
        for name in names:
            op.alter_column(table, name, nullable=True)
    op.create_check_constraint(op.f("ck_agreement_source"), "agreement", _SOURCE)


def downgrade() -> None:
    _take_papers_away()
    sqlite = op.get_bind().dialect.name == "sqlite"
    if sqlite:
        _rewrite("", " NOT NULL", drop=_CHECK)
    else:
        op.drop_constraint(op.f("ck_agreement_source"), "agreement", type_="check")
        for table, names in _LOOSE.items():
            for name in names:
                op.alter_column(table, name, nullable=False)
    op.drop_index("uq_agreement_request", "agreement")
    op.drop_column("agreement", "request_id")
    op.drop_column("season", "offers_papers")
    op.drop_table("offline_request")


def _rewrite(before: str, after: str, *, add: str = "", drop: str = "") -> None:
    """Say otherwise in SQLite's schema which columns may be empty: the rows are the same.

    As https://sqlite.org/lang_altertable.html has it for constraints that change no row.
    """
    bind = op.get_bind()
    version = bind.execute(sa.text("PRAGMA schema_version")).scalar_one()
    bind.execute(sa.text("PRAGMA writable_schema = ON"))
    for table, names in _LOOSE.items():
        said = bind.execute(
            sa.text("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = :name"),
            {"name": table},
        ).scalar_one()
        sql = said
        for name in names:
            sql = sql.replace(f"{name} INTEGER{before}", f"{name} INTEGER{after}")
        if table == "agreement":
            sql = sql.replace(drop, "") if drop else sql.rstrip().removesuffix(")") + f"{add})"
        if sql == said:
            raise RuntimeError(f"the table {table} is written otherwise than expected")
        bind.execute(
            sa.text("UPDATE sqlite_master SET sql = :sql WHERE type = 'table' AND name = :name"),
            {"sql": sql, "name": table},
        )
    bind.execute(sa.text(f"PRAGMA schema_version = {version + 1}"))
    bind.execute(sa.text("PRAGMA writable_schema = OFF"))


def _take_papers_away() -> None:
    agreement = sa.table(
        "agreement", sa.column("id"), sa.column("request_id"), sa.column("application_id")
    )
    application = sa.table("application", sa.column("id"), sa.column("state"))
    reviews = sa.select(agreement.c.application_id).where(agreement.c.request_id.is_not(None))
    under_way = application.c.id.in_(reviews) & application.c.state.in_(_UNDER_WAY)
    op.execute(sa.update(application).where(under_way).values(state="discarded"))
    on_paper = sa.select(agreement.c.id).where(agreement.c.request_id.is_not(None))
    termination = sa.table("termination", sa.column("id"), sa.column("agreement_id"))
    about = sa.select(termination.c.id).where(termination.c.agreement_id.in_(on_paper))
    for name, column, those in (
        ("termination_step", "termination_id", about),
        ("termination_document", "termination_id", about),
        *((each, "agreement_id", on_paper) for each in _OF_AGREEMENTS),
    ):
        table = sa.table(name, sa.column(column))
        op.execute(sa.delete(table).where(table.c[column].in_(those)))
    op.execute(sa.delete(agreement).where(agreement.c.request_id.is_not(None)))
