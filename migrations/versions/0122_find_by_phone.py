"""find by phone.

A graduate is found by the whole of her phone, as by her identity number.
"""

from migrations import concurrent_indexes
from migrations.concurrent_indexes import TableIndex

revision = "0122"
down_revision = "0116"

_INDEXES = {"ix_graduate_phone_index": TableIndex("graduate", ["phone_index"])}


def upgrade() -> None:
    concurrent_indexes.make(_INDEXES)


def downgrade() -> None:
    concurrent_indexes.drop(_INDEXES)
