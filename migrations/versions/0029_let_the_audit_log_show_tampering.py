"""let the audit log show tampering.

Who did what also says from where, and whom a list showed. What a row says of a person moves to a
table of its own, from which an erasure deletes it; links of a chain are made over the rows; the
database refuses to change or delete them. A merged school's rows stay under its number.

Old code runs on the new tables, but for two things: it cannot merge two schools, and cannot erase
a person whose basic data was corrected (the database refuses its UPDATE of the log, and nothing of
the transaction stays).
"""

import hashlib
import json
import secrets
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

import registry.base.database

revision = "0029"
down_revision = "0027"

KEPT_DAYS = 183
LOGGED = ("audit_entry", "audit_link")
ERASABLE = "audit_detail"
BATCH = 1000
_REFUSED = "the audit log is append-only"

_SQLITE = [
    *(
        f"CREATE TRIGGER {table}_is_kept BEFORE UPDATE ON {table}"
        f" BEGIN SELECT RAISE(ABORT, '{_REFUSED}'); END"
        for table in (*LOGGED, ERASABLE)
    ),
    *(
        f"CREATE TRIGGER {table}_stays BEFORE DELETE ON {table}"
        f" WHEN OLD.at > strftime('%Y-%m-%d %H:%M:%f', 'now', '-{KEPT_DAYS} days')"
        f" BEGIN SELECT RAISE(ABORT, '{_REFUSED}'); END"
        for table in LOGGED
    ),
]

_REFUSE = "EXECUTE FUNCTION audit_refuse()"
_POSTGRESQL = [
    f"""
    CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'DELETE' THEN
            IF OLD.at < now() - interval '{KEPT_DAYS} days' THEN RETURN OLD; END IF;
        END IF;
        RAISE EXCEPTION '{_REFUSED}' USING ERRCODE = 'insufficient_privilege';
    END $$
    """,
    """
    CREATE FUNCTION audit_forget(links bigint[], entries bigint[]) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
    BEGIN
        DELETE FROM audit_detail WHERE digest IN
            (SELECT detail FROM audit_entry WHERE id = ANY (entries));
        DELETE FROM audit_entry WHERE id = ANY (entries);
        DELETE FROM audit_link WHERE id = ANY (links);
    END $$
    """,
    *(
        f"CREATE TRIGGER {table}_is_kept BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW {_REFUSE}"
        for table in LOGGED
    ),
    f"CREATE TRIGGER {ERASABLE}_is_kept BEFORE UPDATE ON {ERASABLE} FOR EACH ROW {_REFUSE}",
    *(
        f"CREATE TRIGGER {table}_stays BEFORE TRUNCATE ON {table} FOR EACH STATEMENT {_REFUSE}"
        for table in (*LOGGED, ERASABLE)
    ),
]

_SQLITE_GONE = [
    *(f"DROP TRIGGER {table}_is_kept" for table in (*LOGGED, ERASABLE)),
    *(f"DROP TRIGGER {table}_stays" for table in LOGGED),
]
_POSTGRESQL_GONE = [
    *(f"DROP TRIGGER {table}_is_kept ON {table}" for table in (*LOGGED, ERASABLE)),
    *(f"DROP TRIGGER {table}_stays ON {table}" for table in (*LOGGED, ERASABLE)),
    "DROP FUNCTION audit_refuse()",
    "DROP FUNCTION audit_forget(bigint[], bigint[])",
]

entry = sa.table(
    "audit_entry",
    sa.column("id", sa.BigInteger),
    sa.column("subject", sa.String),
    sa.column("details", sa.JSON),
    sa.column("detail", sa.String),
)
detail = sa.table(
    "audit_detail",
    sa.column("digest", sa.String),
    sa.column("salt", sa.String),
    sa.column("content", sa.JSON),
)


def upgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    op.drop_index("ix_audit_entry_subject", table_name="audit_entry")
    with op.batch_alter_table("audit_entry") as table:
        table.add_column(sa.Column("province", sa.String(6)))
        table.add_column(sa.Column("address", sa.String(32)))
        table.add_column(sa.Column("device", sa.String(40)))
        ids = sa.JSON() if sqlite else sa.ARRAY(sa.BigInteger)
        table.add_column(sa.Column("people", ids))
        table.add_column(sa.Column("detail", sa.String(64)))
        table.drop_constraint("fk_audit_entry_school_id_school", type_="foreignkey")
    op.create_index("ix_audit_entry_subject", "audit_entry", ["subject", "id"])
    op.create_index("ix_audit_entry_school", "audit_entry", ["school_id", "id"])
    op.create_index("ix_audit_entry_action", "audit_entry", ["school_id", "action", "id"])
    op.create_index("ix_audit_entry_actor", "audit_entry", ["actor", "id"])
    if not sqlite:
        op.create_index("ix_audit_entry_people", "audit_entry", ["people"], postgresql_using="gin")
    _make_tables()
    _make_links()
    _move_out()
    for statement in _SQLITE if sqlite else _POSTGRESQL:
        op.execute(sa.text(statement))


def _make_tables() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "audit_detail",
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("salt", sa.String(32), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_audit_detail")),
    )
    op.create_table(
        "merged_school",
        sa.Column("id", number, nullable=False),
        sa.Column("source_id", number, nullable=False),
        sa.Column("target_id", number, nullable=False),
        sa.Column("until_entry", number, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merged_school")),
    )
    op.create_index("ix_merged_school_source_id", "merged_school", ["source_id"])
    op.create_index("ix_merged_school_target_id", "merged_school", ["target_id"])


def _make_links() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    moment = registry.base.database.UtcDateTime(timezone=True)
    op.create_table(
        "audit_link",
        sa.Column("id", number, autoincrement=False, nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("first_entry", number, nullable=False),
        sa.Column("last_entry", number, nullable=False),
        sa.Column("entries", number, nullable=False),
        sa.Column("total", number, nullable=False),
        sa.Column("members", sa.LargeBinary(), nullable=False),
        sa.Column("forgotten", number),
        sa.Column("forgotten_hash", sa.String(64)),
        sa.Column("previous", sa.String(64), nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_link")),
        sa.UniqueConstraint("previous", name=op.f("uq_audit_link_previous")),
    )


def _move_out() -> None:
    """Move what rows say of people to rows that can be erased."""
    about_a_person = entry.c.subject.like("graduate:%")
    for rows in _batches(sa.select(entry.c.id, entry.c.details).where(about_a_person)):
        said = [(row.id, secrets.token_hex(16), row.details) for row in rows if row.details]
        made = [{"digest": _digest(s, c), "salt": s, "content": c} for _, s, c in said]
        if made:
            op.bulk_insert(detail, made)
            _set(
                [{"row": row[0], "detail": d["digest"]} for row, d in zip(said, made, strict=True)]
            )


def _digest(salt: str, content: dict[str, Any]) -> str:
    words = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(f"{salt}\0{words}".encode()).hexdigest()


def _set(rows: list[dict[str, Any]]) -> None:
    said = sa.update(entry).where(entry.c.id == sa.bindparam("row"))
    op.get_bind().execute(said.values(detail=sa.bindparam("detail"), details={}), rows)


def _batches(wanted: sa.Select[Any]) -> Iterator[list[Any]]:
    after = 0
    while True:
        batch = wanted.where(entry.c.id > after).order_by(entry.c.id).limit(BATCH)
        rows = list(op.get_bind().execute(batch).all())
        if not rows:
            return
        yield rows
        after = rows[-1].id


def downgrade() -> None:
    sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in _SQLITE_GONE if sqlite else _POSTGRESQL_GONE:
        op.execute(sa.text(statement))
    _move_back()
    op.drop_table("merged_school")
    op.drop_table("audit_link")
    op.drop_table("audit_detail")
    for name in ("subject", "school", "action", "actor", *(() if sqlite else ("people",))):
        op.drop_index(f"ix_audit_entry_{name}", table_name="audit_entry")
    op.execute(
        "UPDATE audit_entry SET school_id = NULL WHERE school_id NOT IN (SELECT id FROM school)"
    )
    with op.batch_alter_table("audit_entry") as table:
        for name in ("detail", "people", "device", "address", "province"):
            table.drop_column(name)
        table.create_foreign_key("fk_audit_entry_school_id_school", "school", ["school_id"], ["id"])
    op.create_index("ix_audit_entry_subject", "audit_entry", ["school_id", "subject", "id"])


def _move_back() -> None:
    wanted = sa.select(entry.c.id, detail.c.content).join(detail, detail.c.digest == entry.c.detail)
    back = sa.update(entry).where(entry.c.id == sa.bindparam("row"))
    for rows in _batches(wanted):
        said = [{"row": row.id, "content": row.content} for row in rows]
        op.get_bind().execute(back.values(details=sa.bindparam("content")), said)
