"""bind a wechat to all records of a person.

A WeChat has a binding for each record of its person; of those proven by a code sent to a phone it
still has one. Old code runs on the new rows: it reads one of the bindings, and the index keeps it
from adding a second person's.
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"

_ACTIVE = "ended_at IS NULL"
_PROVEN = "ended_at IS NULL AND NOT joined"
_REMEMBER_PHONES = """UPDATE binding
SET phone_index = (
    SELECT graduate.phone_index FROM graduate WHERE graduate.id = binding.graduate_id
)
WHERE ended_at IS NULL"""
_END_THE_JOINED = """UPDATE binding SET ended_at = CURRENT_TIMESTAMP, end_reason = 'downgrade'
WHERE ended_at IS NULL AND joined"""


def upgrade() -> None:
    with op.batch_alter_table("binding", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("joined", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
        batch_op.add_column(sa.Column("phone_index", sa.String(length=32), nullable=True))
    op.execute(_REMEMBER_PHONES)
    _drop_index("uq_binding_openid_active", _ACTIVE)
    _create_index("ix_binding_openid_active", _ACTIVE, unique=False)
    _create_index("uq_binding_openid_proven", _PROVEN, unique=True)


def downgrade() -> None:
    op.execute(_END_THE_JOINED)
    _drop_index("uq_binding_openid_proven", _PROVEN)
    _drop_index("ix_binding_openid_active", _ACTIVE)
    with op.batch_alter_table("binding", schema=None) as batch_op:
        batch_op.drop_column("phone_index")
        batch_op.drop_column("joined")
    _create_index("uq_binding_openid_active", _ACTIVE, unique=True)


def _create_index(name: str, where: str, *, unique: bool) -> None:
    with op.batch_alter_table("binding", schema=None) as batch_op:
        batch_op.create_index(
            name,
            ["openid"],
            unique=unique,
            postgresql_where=sa.text(where),
            sqlite_where=sa.text(where),
        )


def _drop_index(name: str, where: str) -> None:
    with op.batch_alter_table("binding", schema=None) as batch_op:
        batch_op.drop_index(name, postgresql_where=sa.text(where), sqlite_where=sa.text(where))
