"""keep posters of classes.

The scene codes by which a class follows the account and binds. Old code runs beside them: it
answers a scan as any new follower. Going back takes them away, and codes that hang on walls with
them.
"""

import sqlalchemy as sa
from alembic import op

import registry.base.database

revision = "0076"
down_revision = "0075"

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_TIME = registry.base.database.UtcDateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "poster",
        sa.Column("school_id", _NUMBER, nullable=False),
        sa.Column("department_id", _NUMBER, nullable=False),
        sa.Column("year", _NUMBER, nullable=False),
        sa.Column("class_name", sa.String(length=80), nullable=False),
        sa.Column("scene", sa.String(length=64), nullable=False),
        sa.Column("address", sa.String(length=300), nullable=False),
        sa.Column("expires_at", _TIME, nullable=False),
        sa.Column("made_by", sa.String(length=80), nullable=False),
        sa.Column("made_at", _TIME, nullable=False),
        sa.Column("scans", _NUMBER, nullable=False, server_default="0"),
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["department_id"], ["department.id"], name=op.f("fk_poster_department_id_department")
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_poster_school_id_school")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_poster")),
        sa.UniqueConstraint("key", name=op.f("uq_poster_key")),
        sa.UniqueConstraint("scene", name=op.f("uq_poster_scene")),
    )
    of_class = ["school_id", "year", "department_id", "class_name"]
    op.create_index("ix_poster_class", "poster", of_class)


def downgrade() -> None:
    op.drop_table("poster")
