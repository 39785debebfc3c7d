"""write reminders with less.

A campaign's messages have no business key, and their campaign is no foreign key: both cost more
than what they held off, which the campaign's own row does (docs/decisions/0115). On PostgreSQL the
index of the other keys is made while everybody writes, before the old one goes.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from alembic import op

from migrations import concurrent_indexes
from migrations.concurrent_indexes import TableIndex

revision = "0121"
down_revision = "0123"

_KEYS = {
    "uq_message_key": TableIndex(
        "message", ["business_key"], "business_key IS NOT NULL", unique=True
    )
}
_NAMED_AGAIN = """
    UPDATE message SET business_key = 'campaign:' || campaign_id || ':' || graduate_id
    WHERE business_key IS NULL
"""


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        with _notices_kept():
            _loosen()
        concurrent_indexes.make(_KEYS)
    else:
        concurrent_indexes.make(_KEYS)
        _loosen()


def _loosen() -> None:
    with op.batch_alter_table("message") as message:
        message.drop_constraint("uq_message_business_key", type_="unique")
        message.drop_constraint("fk_message_campaign_id_campaign", type_="foreignkey")
        message.alter_column("business_key", existing_type=sa.String(80), nullable=True)


def downgrade() -> None:
    op.execute(_NAMED_AGAIN)
    concurrent_indexes.drop(_KEYS)
    with _notices_kept(), op.batch_alter_table("message") as message:
        message.alter_column("business_key", existing_type=sa.String(80), nullable=False)
        message.create_foreign_key(
            "fk_message_campaign_id_campaign", "campaign", ["campaign_id"], ["id"]
        )
        message.create_unique_constraint("uq_message_business_key", ["business_key"])


@contextmanager
def _notices_kept() -> Iterator[None]:
    """Put the notices back that go with their messages where SQLite copies those."""
    sqlite = op.get_bind().dialect.name == "sqlite"
    if sqlite:
        op.execute("CREATE TEMPORARY TABLE kept_notice AS SELECT * FROM mini_notice")
    yield
    if sqlite:
        op.execute("INSERT INTO mini_notice SELECT * FROM kept_notice")
        op.execute("DROP TABLE kept_notice")
