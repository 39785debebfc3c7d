"""let employers register.

Their papers, take-overs, listings, what a province settles, and what people of an employer may do.
Old code runs on the new tables; a list of employers with states that it does not know it cannot
show, so nobody should register before all processes are new. What a school has qualified before is
so for a year from then. Going back ends the accounts that may not do everything, and suspends what
is not qualified.
"""

import sqlalchemy as sa
from alembic import op

import registry.base.database

revision = "0044"
down_revision = "0041"


def upgrade() -> None:
    op.create_table(
        "province_signing",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("province", sa.String(length=6), nullable=False),
        sa.Column("qualifies", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column(
            "minimum_pay", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("updated_at", registry.base.database.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_province_signing")),
        sa.UniqueConstraint("province", name=op.f("uq_province_signing_province")),
    )
    op.create_table(
        "certification",
        sa.Column(
            "employer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("school_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("province", sa.String(length=6), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("unit", sa.JSON(), nullable=False),
        sa.Column(
            "licence_file_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("licence_until", sa.Date(), nullable=True),
        sa.Column(
            "letter_file_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("letter_until", sa.Date(), nullable=False),
        sa.Column("handler_name", sa.String(length=80), nullable=False),
        sa.Column("handler_phone_sealed", sa.Text(), nullable=False),
        sa.Column("handler_phone_index", sa.String(length=32), nullable=False),
        sa.Column(
            "submitted_at", registry.base.database.UtcDateTime(timezone=True), nullable=False
        ),
        sa.Column(
            "submitted_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("decided_at", registry.base.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column(
            "decided_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("valid_until", registry.base.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["staff.id"], name=op.f("fk_certification_decided_by_staff")
        ),
        sa.ForeignKeyConstraint(
            ["employer_id"], ["employer.id"], name=op.f("fk_certification_employer_id_employer")
        ),
        sa.ForeignKeyConstraint(
            ["letter_file_id"],
            ["stored_file.id"],
            name=op.f("fk_certification_letter_file_id_stored_file"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["licence_file_id"],
            ["stored_file.id"],
            name=op.f("fk_certification_licence_file_id_stored_file"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_certification_school_id_school")
        ),
        sa.ForeignKeyConstraint(
            ["submitted_by"], ["staff.id"], name=op.f("fk_certification_submitted_by_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certification")),
        sa.UniqueConstraint("key", name=op.f("uq_certification_key")),
    )
    with op.batch_alter_table("certification", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_certification_employer_id"), ["employer_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_certification_handler_phone_index"),
            ["handler_phone_index"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_certification_letter_file_id"), ["letter_file_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_certification_licence_file_id"), ["licence_file_id"], unique=False
        )
        batch_op.create_index(
            "ix_certification_province", ["province", "state", "id"], unique=False
        )
        batch_op.create_index("ix_certification_school", ["school_id", "state", "id"], unique=False)
        batch_op.create_index(
            "uq_certification_province",
            ["employer_id", "province"],
            unique=True,
            postgresql_where=sa.text("state = 'waiting'"),
            sqlite_where=sa.text("state = 'waiting'"),
        )
        batch_op.create_index(
            "uq_certification_school",
            ["employer_id", "school_id"],
            unique=True,
            postgresql_where=sa.text("state = 'waiting'"),
            sqlite_where=sa.text("state = 'waiting'"),
        )

    op.create_table(
        "employer_listing",
        sa.Column(
            "employer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("province", sa.String(length=6), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column(
            "evidence_file_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("until", registry.base.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("listed_at", registry.base.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column(
            "listed_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("lifted_at", registry.base.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column("lifted_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("lift_reason", sa.String(length=200), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["employer_id"], ["employer.id"], name=op.f("fk_employer_listing_employer_id_employer")
        ),
        sa.ForeignKeyConstraint(
            ["evidence_file_id"],
            ["stored_file.id"],
            name=op.f("fk_employer_listing_evidence_file_id_stored_file"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["lifted_by"], ["staff.id"], name=op.f("fk_employer_listing_lifted_by_staff")
        ),
        sa.ForeignKeyConstraint(
            ["listed_by"], ["staff.id"], name=op.f("fk_employer_listing_listed_by_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_employer_listing")),
        sa.UniqueConstraint("key", name=op.f("uq_employer_listing_key")),
    )
    with op.batch_alter_table("employer_listing", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_employer_listing_employer_id"), ["employer_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_employer_listing_evidence_file_id"), ["evidence_file_id"], unique=False
        )

    op.create_table(
        "employer_takeover",
        sa.Column(
            "employer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("login", sa.String(length=64), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("phone_sealed", sa.Text(), nullable=False),
        sa.Column(
            "letter_file_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("asked_at", registry.base.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column(
            "passable_from", registry.base.database.UtcDateTime(timezone=True), nullable=False
        ),
        sa.Column("objection", sa.String(length=200), nullable=False),
        sa.Column("objected_at", registry.base.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column(
            "objected_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("decided_at", registry.base.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column(
            "decided_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["staff.id"], name=op.f("fk_employer_takeover_decided_by_staff")
        ),
        sa.ForeignKeyConstraint(
            ["employer_id"], ["employer.id"], name=op.f("fk_employer_takeover_employer_id_employer")
        ),
        sa.ForeignKeyConstraint(
            ["letter_file_id"],
            ["stored_file.id"],
            name=op.f("fk_employer_takeover_letter_file_id_stored_file"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["objected_by"], ["staff.id"], name=op.f("fk_employer_takeover_objected_by_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_employer_takeover")),
        sa.UniqueConstraint("key", name=op.f("uq_employer_takeover_key")),
    )
    with op.batch_alter_table("employer_takeover", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_employer_takeover_employer_id"), ["employer_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_employer_takeover_letter_file_id"), ["letter_file_id"], unique=False
        )
        batch_op.create_index(
            "uq_employer_takeover_waiting",
            ["employer_id"],
            unique=True,
            postgresql_where=sa.text("state = 'waiting'"),
            sqlite_where=sa.text("state = 'waiting'"),
        )

    # In place, or SQLite copies the tables and drops them.
    op.add_column("agreement", sa.Column("accepted_from", sa.String(length=32), nullable=True))
    op.add_column("invitation", sa.Column("sent_from", sa.String(length=32), nullable=True))
    op.add_column(
        "staff", sa.Column("manages", sa.Boolean(), server_default=sa.true(), nullable=False)
    )
    op.add_column(
        "staff", sa.Column("may_sign", sa.Boolean(), server_default=sa.true(), nullable=False)
    )
    moment = registry.base.database.UtcDateTime(timezone=True)
    op.add_column("qualification", sa.Column("valid_until", moment, nullable=True))
    op.add_column("qualification", sa.Column("warned_at", moment, nullable=True))
    op.create_index("ix_qualification_valid_until", "qualification", ["valid_until"])
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "UPDATE qualification"
            " SET valid_until = strftime('%Y-%m-%d %H:%M:%f000', created_at, '+365 days')"
        )
    else:
        op.execute("UPDATE qualification SET valid_until = created_at + interval '365 days'")


def downgrade() -> None:
    op.execute(
        "UPDATE staff SET active = false WHERE role = 'employer' AND NOT (manages AND may_sign)"
    )
    op.execute(
        "UPDATE qualification SET state = 'suspended' WHERE state NOT IN ('qualified', 'suspended')"
    )
    op.drop_column("staff", "may_sign")
    op.drop_column("staff", "manages")
    op.drop_index("ix_qualification_valid_until", "qualification")
    op.drop_column("qualification", "warned_at")
    op.drop_column("qualification", "valid_until")
    op.drop_column("invitation", "sent_from")
    op.drop_column("agreement", "accepted_from")

    with op.batch_alter_table("employer_takeover", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_employer_takeover_waiting",
            postgresql_where=sa.text("state = 'waiting'"),
            sqlite_where=sa.text("state = 'waiting'"),
        )
        batch_op.drop_index(batch_op.f("ix_employer_takeover_letter_file_id"))
        batch_op.drop_index(batch_op.f("ix_employer_takeover_employer_id"))

    op.drop_table("employer_takeover")
    with op.batch_alter_table("employer_listing", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_employer_listing_evidence_file_id"))
        batch_op.drop_index(batch_op.f("ix_employer_listing_employer_id"))

    op.drop_table("employer_listing")
    with op.batch_alter_table("certification", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_certification_school",
            postgresql_where=sa.text("state = 'waiting'"),
            sqlite_where=sa.text("state = 'waiting'"),
        )
        batch_op.drop_index(
            "uq_certification_province",
            postgresql_where=sa.text("state = 'waiting'"),
            sqlite_where=sa.text("state = 'waiting'"),
        )
        batch_op.drop_index("ix_certification_school")
        batch_op.drop_index("ix_certification_province")
        batch_op.drop_index(batch_op.f("ix_certification_licence_file_id"))
        batch_op.drop_index(batch_op.f("ix_certification_letter_file_id"))
        batch_op.drop_index(batch_op.f("ix_certification_handler_phone_index"))
        batch_op.drop_index(batch_op.f("ix_certification_employer_id"))

    op.drop_table("certification")
    op.drop_table("province_signing")
