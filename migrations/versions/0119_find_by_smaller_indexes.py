"""find by smaller indexes.

What is only ever looked for as a whole is found by its hash, half as wide; an answer's moment is
indexed where there is one; what a graduate applied for needs no order of its own. The new ones are
made while everybody writes, then those they stand in for go.
"""

from migrations import concurrent_indexes
from migrations.concurrent_indexes import TableIndex

revision = "0119"
down_revision = "0118"

_NEW = {
    "ix_graduate_identity": TableIndex("graduate", ["identity_index"], using="hash"),
    "ix_graduate_phone": TableIndex("graduate", ["phone_index"], using="hash"),
    "ix_graduate_replied": TableIndex(
        "graduate", ["school_id", "year", "answered_at", "id"], "answered_at IS NOT NULL"
    ),
    "ix_application_graduate_id": TableIndex("application", ["graduate_id"]),
    "ix_audit_entry_about": TableIndex("audit_entry", ["subject"], using="hash"),
}
_OLD = {
    "ix_graduate_identity_index": TableIndex("graduate", ["identity_index"]),
    "ix_graduate_phone_index": TableIndex("graduate", ["phone_index"]),
    "ix_graduate_answered": TableIndex("graduate", ["school_id", "year", "answered_at", "id"]),
    "ix_application_graduate": TableIndex("application", ["graduate_id", "id"]),
    "ix_audit_entry_subject": TableIndex("audit_entry", ["subject", "id"]),
}


def upgrade() -> None:
    concurrent_indexes.make(_NEW)
    concurrent_indexes.drop(_OLD)


def downgrade() -> None:
    concurrent_indexes.make(_OLD)
    concurrent_indexes.drop(_NEW)
