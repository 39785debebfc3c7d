"""find what did not arrive.

Each ten seconds it is looked for messages that a one-time notice may stand in for: without an index
all messages would be read. A follower is found by the unionid. On PostgreSQL the indexes are made
while everybody writes.
"""

from migrations import concurrent_indexes
from migrations.concurrent_indexes import TableIndex

revision = "0111"
down_revision = "0110"

_UNREACHED = "reason IN ('not_following', 'refused', 'user_block')"
_INDEXES = {
    "ix_follower_unionid": TableIndex("follower", ["unionid"]),
    "ix_message_unreached": TableIndex("message", ["final_at"], _UNREACHED),
    "ix_mini_user_account_openid": TableIndex("mini_user", ["account_openid"]),
}


def upgrade() -> None:
    concurrent_indexes.make(_INDEXES)


def downgrade() -> None:
    concurrent_indexes.drop(_INDEXES)
