"""What the database itself holds of the audit log: it changes no row, and deletes no young one.

Triggers, which migrations make, refuse both on SQLite and PostgreSQL; but who owns a table can take
its triggers off. So on PostgreSQL the tables are to belong to another role than the one the
application signs in with, which then has no right to try (docs/operations.md, "Two roles").
"""

from collections.abc import Sequence

from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from registry.base.database import is_sqlite

KEPT_DAYS = 183
"""Six months: what the Cybersecurity Law (article 21) wants of logs at the least. Younger rows are
deleted by nobody: the triggers say so."""
LOGGED = ("audit_entry", "audit_link")
ERASABLE = "audit_detail"
"""Rows that are never changed, and deleted when a person is erased."""
TRIGGERS = frozenset(
    {
        *(f"{table}_is_kept" for table in (*LOGGED, ERASABLE)),
        *(f"{table}_stays" for table in LOGGED),
    }
)
_FORBIDDEN = (
    *((table, right) for table in LOGGED for right in ("UPDATE", "DELETE", "TRUNCATE")),
    *((ERASABLE, right) for right in ("UPDATE", "TRUNCATE")),
)


def faults(session: Session) -> list[str]:
    """Return what does not hold that should; nothing where the log is held."""
    missing = sorted(TRIGGERS - set(session.scalars(text(_triggers(session)))))
    found = [f"triggers are missing: {', '.join(missing)}"] if missing else []
    return found if is_sqlite(session) else [*found, *_rights(session)]


def _triggers(session: Session) -> str:
    if is_sqlite(session):
        return "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    return "SELECT tgname FROM pg_trigger WHERE tgenabled = 'O' AND NOT tgisinternal"


def _rights(session: Session) -> list[str]:
    """Return what the role that asks may do to the log and should not."""
    owned = session.scalars(
        text(
            "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"
            " AND tablename = ANY (:tables) AND pg_has_role(tableowner, 'USAGE')"
        ),
        {"tables": [*LOGGED, ERASABLE]},
    ).all()
    if owned:
        return ['this role owns the log and could change it: see "Two roles" in operations.md']
    may = [f"{right} {table}" for table, right in _FORBIDDEN if _has(session, table, right)]
    return [f"this role has rights it should not have: {', '.join(may)}"] if may else []


def _has(session: Session, table: str, right: str) -> bool:
    asked = text("SELECT has_table_privilege(:table, :right)")
    return bool(session.scalar(asked, {"table": table, "right": right}))


def grant(connection: Connection, role: str) -> None:
    """Give the application's role what it needs of every table, and of the log no more than that.

    To be done by the owner after each migration: new tables come without rights. PostgreSQL only.
    """
    for statement in _grants(connection.dialect.identifier_preparer.quote(role)):
        connection.execute(text(statement))


def _grants(role: str) -> Sequence[str]:
    kept = ", ".join(LOGGED)
    forget = "FUNCTION audit_forget(bigint[], bigint[])"
    return (
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}",
        f"GRANT USAGE, SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA public TO {role}",
        f"REVOKE INSERT, UPDATE, DELETE ON alembic_version FROM {role}",
        f"REVOKE UPDATE, DELETE, TRUNCATE ON {kept} FROM {role}",
        f"REVOKE UPDATE, TRUNCATE ON {ERASABLE} FROM {role}",
        f"REVOKE EXECUTE ON {forget} FROM PUBLIC",
        f"GRANT EXECUTE ON {forget} TO {role}",
    )
