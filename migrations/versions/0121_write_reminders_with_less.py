"""write reminders with less.

The campaign of a message is no foreign key: to check it for each row costs more than what it held
off, which the campaign's own row does (docs/decisions/0115). On PostgreSQL both tables are locked
for a moment.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from alembic import op

revision = "0121"
down_revision = "0123"

_KEY = "fk_message_campaign_id_campaign"


def upgrade() -> None:
    with _notices_kept(), op.batch_alter_table("message") as message:
        message.drop_constraint(_KEY, type_="foreignkey")


def downgrade() -> None:
    with _notices_kept(), op.batch_alter_table("message") as message:
        message.create_foreign_key(_KEY, "campaign", ["campaign_id"], ["id"])


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
