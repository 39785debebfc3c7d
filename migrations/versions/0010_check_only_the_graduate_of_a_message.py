"""check only the graduate of a message.

Old code must run on the new tables: add first, use later, drop last.
"""

from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.drop_constraint("fk_message_school_id_school", type_="foreignkey")


def downgrade() -> None:
    with op.batch_alter_table("message", schema=None) as batch_op:
        batch_op.create_foreign_key("fk_message_school_id_school", "school", ["school_id"], ["id"])
