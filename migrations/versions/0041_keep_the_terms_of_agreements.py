"""keep the terms of agreements.

Terms proposed one after another, until when a returned agreement is to be mended, and requests to
void one. Agreements that are there have the terms of their invitations. An agreement that old code
begins after this has none: let no old process answer for graduates once it has run. Going back, the
terms of the invitation hold again, and an agreement that is being mended or was voided counts as
failed: the old code knows neither.
"""

import hashlib
import json

import sqlalchemy as sa
from alembic import op

import registry.base.database

revision = "0041"
down_revision = "0033"

_FIRST_TERMS = sa.text(
    "SELECT agreement.id AS id, invitation.terms AS terms, staff.key AS sender,"
    " invitation.sent_at AS sent_at, agreement.accepted_at AS accepted_at FROM agreement"
    " JOIN invitation ON invitation.id = agreement.invitation_id"
    " JOIN staff ON staff.id = invitation.sent_by ORDER BY agreement.id"
)


def upgrade() -> None:
    op.create_table(
        "terms_version",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "agreement_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("terms", sa.JSON(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("proposed_by", sa.String(length=80), nullable=False),
        sa.Column("proposed_at", registry.base.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("agreed_at", registry.base.database.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["agreement_id"], ["agreement.id"], name=op.f("fk_terms_version_agreement_id_agreement")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_terms_version")),
        sa.UniqueConstraint(
            "agreement_id", "number", name=op.f("uq_terms_version_agreement_id_number")
        ),
    )
    op.create_table(
        "voiding",
        sa.Column(
            "agreement_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column(
            "asked_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("asked_at", registry.base.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column(
            "decided_by_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("decided_at", registry.base.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["agreement_id"], ["agreement.id"], name=op.f("fk_voiding_agreement_id_agreement")
        ),
        sa.ForeignKeyConstraint(
            ["asked_by_id"], ["staff.id"], name=op.f("fk_voiding_asked_by_id_staff")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["staff.id"], name=op.f("fk_voiding_decided_by_id_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_voiding")),
        sa.UniqueConstraint("key", name=op.f("uq_voiding_key")),
    )
    with op.batch_alter_table("voiding", schema=None) as batch_op:
        batch_op.create_index("ix_voiding_agreement", ["agreement_id", "id"], unique=False)
        batch_op.create_index(
            "uq_voiding_asked",
            ["agreement_id"],
            unique=True,
            postgresql_where=sa.text("state = 'asked'"),
            sqlite_where=sa.text("state = 'asked'"),
        )

    # In place, or SQLite copies the table with what leads to it.
    op.add_column("agreement", sa.Column("terms", sa.JSON(), nullable=False, server_default="{}"))
    due_by = sa.Column("due_by", registry.base.database.UtcDateTime(timezone=True), nullable=True)
    op.add_column("agreement", due_by)
    op.create_index(
        "ix_agreement_due_by",
        "agreement",
        ["due_by"],
        unique=False,
        postgresql_where=sa.text("ended_at IS NULL"),
        sqlite_where=sa.text("ended_at IS NULL"),
    )
    op.execute(
        "UPDATE agreement SET terms = (SELECT invitation.terms FROM invitation"
        " WHERE invitation.id = agreement.invitation_id)"
    )
    _keep_first_terms()


def _keep_first_terms() -> None:
    """Keep what was agreed to as the first version, with its digest."""
    times = {
        "sent_at": registry.base.database.UtcDateTime(timezone=True),
        "accepted_at": registry.base.database.UtcDateTime(timezone=True),
    }
    found = op.get_bind().execute(_FIRST_TERMS.columns(terms=sa.JSON(), **times)).all()
    rows = [
        {
            "agreement_id": each.id,
            "number": 1,
            "terms": each.terms,
            "digest": _digest(each.terms),
            "proposed_by": f"staff:{each.sender}",
            "proposed_at": each.sent_at,
            "agreed_at": each.accepted_at,
        }
        for each in found
    ]
    op.bulk_insert(_TERMS_VERSION, rows)


def _digest(terms: dict[str, str]) -> str:
    written = json.dumps(terms, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(written.encode()).hexdigest()


_TERMS_VERSION = sa.table(
    "terms_version",
    sa.column("agreement_id", sa.BigInteger()),
    sa.column("number", sa.Integer()),
    sa.column("terms", sa.JSON()),
    sa.column("digest", sa.String()),
    sa.column("proposed_by", sa.String()),
    sa.column("proposed_at", registry.base.database.UtcDateTime(timezone=True)),
    sa.column("agreed_at", registry.base.database.UtcDateTime(timezone=True)),
)


def downgrade() -> None:
    # The reviews of agreements that are being mended stay open: they are over for the old code.
    op.execute(
        "UPDATE application SET state = 'declined', closed_at = updated_at"
        " WHERE purpose = 'agreement' AND state = 'returned'"
    )
    op.execute(
        "UPDATE agreement SET state = 'failed', ended_at = COALESCE(ended_at, due_by, accepted_at)"
        " WHERE state IN ('returned', 'amended', 'voided')"
    )
    op.drop_index("ix_agreement_due_by", "agreement")
    op.drop_column("agreement", "due_by")
    op.drop_column("agreement", "terms")
    with op.batch_alter_table("voiding", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_voiding_asked",
            postgresql_where=sa.text("state = 'asked'"),
            sqlite_where=sa.text("state = 'asked'"),
        )
        batch_op.drop_index("ix_voiding_agreement")

    op.drop_table("voiding")
    op.drop_table("terms_version")
