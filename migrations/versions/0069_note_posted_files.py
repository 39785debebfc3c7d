"""note posted files.

Which files a school posted and what became of them, and the address it posts from. Old code runs
beside the new table and columns and knows nothing of them. Going back takes away what was noted.
"""

import sqlalchemy as sa
from alembic import op

import registry.base.database

revision = "0069"
down_revision = "0061"

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TIME = registry.base.database.UtcDateTime(timezone=True)
_STANDING = sa.text("state IN ('posted', 'received', 'returned')")
_SENDER = (("post_address", 200), ("post_code", 6))


def upgrade() -> None:
    for name, length in _SENDER:
        added = sa.Column(name, sa.String(length=length), nullable=False, server_default="")
        op.add_column("school", added)
    op.create_table(
        "posting",
        sa.Column("graduate_id", _NUMBER, nullable=False),
        sa.Column("school_id", _NUMBER, nullable=False),
        sa.Column("cohort", _NUMBER, nullable=False),
        sa.Column("way", sa.String(length=16), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("posted_on", sa.Date(), nullable=False),
        sa.Column("unit", sa.String(length=120), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("postcode", sa.String(length=6), nullable=False),
        sa.Column("contact", sa.String(length=80), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=True),
        sa.Column("returned_on", sa.Date(), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("noted_by", sa.String(length=80), nullable=False),
        sa.Column("noted_at", _TIME, nullable=False),
        sa.Column("settled_by", sa.String(length=80), nullable=False),
        sa.Column("settled_at", _TIME, nullable=True),
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["graduate_id"], ["graduate.id"], name=op.f("fk_posting_graduate_id_graduate")
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_posting_school_id_school")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_posting")),
        sa.UniqueConstraint("key", name=op.f("uq_posting_key")),
    )
    op.create_index("ix_posting_graduate", "posting", ["graduate_id", "id"])
    op.create_index("ix_posting_school", "posting", ["school_id", "id"])
    standing = {"postgresql_where": _STANDING, "sqlite_where": _STANDING}
    op.create_index("uq_posting_standing", "posting", ["graduate_id"], unique=True, **standing)
    op.create_index("ix_posting_unit", "posting", ["school_id", "unit", "id"])


def downgrade() -> None:
    op.drop_table("posting")
    for name, _ in reversed(_SENDER):
        op.drop_column("school", name)
