"""let employers invite.

Employers, which schools let them invite, invitations, agreements. Old code runs on the new tables:
to it somebody of an employer is of no role it knows and is let in nowhere, and the review of an
agreement is no application it can show, so nobody should be qualified before all processes are new.
Going back disables the employers' accounts and takes the reviews of agreements away.
"""

import sqlalchemy as sa
from alembic import op

import registry.base.database

revision = "0037"
down_revision = "0029"


def upgrade() -> None:
    op.create_table(
        "employer",
        sa.Column("unit_name", sa.String(length=120), nullable=False),
        sa.Column("unit_code", sa.String(length=18), nullable=False),
        sa.Column("unit_nature", sa.String(length=4), nullable=False),
        sa.Column("unit_industry", sa.String(length=4), nullable=False),
        sa.Column("unit_location_code", sa.String(length=6), nullable=False),
        sa.Column("unit_address", sa.String(length=200), nullable=False),
        sa.Column("unit_contact", sa.String(length=80), nullable=False),
        sa.Column("unit_phone", sa.String(length=40), nullable=False),
        sa.Column(
            "school_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("created_at", registry.base.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_employer_school_id_school")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_employer")),
        sa.UniqueConstraint("key", name=op.f("uq_employer_key")),
        sa.UniqueConstraint("unit_code", name=op.f("uq_employer_unit_code")),
    )
    with op.batch_alter_table("employer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_employer_school_id"), ["school_id"], unique=False)

    op.create_table(
        "qualification",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "employer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "school_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("created_at", registry.base.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("updated_at", registry.base.database.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["employer_id"], ["employer.id"], name=op.f("fk_qualification_employer_id_employer")
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_qualification_school_id_school")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_qualification")),
        sa.UniqueConstraint(
            "school_id", "employer_id", name=op.f("uq_qualification_school_id_employer_id")
        ),
    )
    with op.batch_alter_table("qualification", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_qualification_employer_id"), ["employer_id"], unique=False
        )

    op.create_table(
        "invitation",
        sa.Column(
            "employer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "graduate_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("terms", sa.JSON(), nullable=False),
        sa.Column("answer_by", registry.base.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("sent_at", registry.base.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column("sent_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ended_at", registry.base.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["employer_id"], ["employer.id"], name=op.f("fk_invitation_employer_id_employer")
        ),
        sa.ForeignKeyConstraint(
            ["graduate_id"], ["graduate.id"], name=op.f("fk_invitation_graduate_id_graduate")
        ),
        sa.ForeignKeyConstraint(
            ["sent_by"], ["staff.id"], name=op.f("fk_invitation_sent_by_staff")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("key", name=op.f("uq_invitation_key")),
    )
    with op.batch_alter_table("invitation", schema=None) as batch_op:
        batch_op.create_index(
            "ix_invitation_answer_by",
            ["answer_by"],
            unique=False,
            postgresql_where=sa.text("state = 'open'"),
            sqlite_where=sa.text("state = 'open'"),
        )
        batch_op.create_index("ix_invitation_employer", ["employer_id", "id"], unique=False)
        batch_op.create_index("ix_invitation_graduate", ["graduate_id", "id"], unique=False)
        batch_op.create_index(
            "uq_invitation_open",
            ["employer_id", "graduate_id"],
            unique=True,
            postgresql_where=sa.text("state = 'open'"),
            sqlite_where=sa.text("state = 'open'"),
        )

    op.create_table(
        "agreement",
        sa.Column(
            "graduate_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "invitation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column(
            "application_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("accepted_at", registry.base.database.UtcDateTime(timezone=True), nullable=False),
        sa.Column(
            "retract_until", registry.base.database.UtcDateTime(timezone=True), nullable=False
        ),
        sa.Column("signed_at", registry.base.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column(
            "registration_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("ended_at", registry.base.database.UtcDateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("key", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["application.id"],
            name=op.f("fk_agreement_application_id_application"),
        ),
        sa.ForeignKeyConstraint(
            ["graduate_id"], ["graduate.id"], name=op.f("fk_agreement_graduate_id_graduate")
        ),
        sa.ForeignKeyConstraint(
            ["invitation_id"], ["invitation.id"], name=op.f("fk_agreement_invitation_id_invitation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agreement")),
        sa.UniqueConstraint("application_id", name=op.f("uq_agreement_application_id")),
        sa.UniqueConstraint("invitation_id", name=op.f("uq_agreement_invitation_id")),
        sa.UniqueConstraint("key", name=op.f("uq_agreement_key")),
    )
    with op.batch_alter_table("agreement", schema=None) as batch_op:
        batch_op.create_index("ix_agreement_graduate", ["graduate_id", "id"], unique=False)
        batch_op.create_index(
            "uq_agreement_live",
            ["graduate_id"],
            unique=True,
            postgresql_where=sa.text("ended_at IS NULL"),
            sqlite_where=sa.text("ended_at IS NULL"),
        )

    # In place, or SQLite copies the tables and drops them: everything leads to staff.
    passable_from = sa.Column("passable_from", registry.base.database.UtcDateTime(timezone=True))
    op.add_column("application", passable_from)
    op.execute(
        "ALTER TABLE staff ADD COLUMN employer_id BIGINT"
        " CONSTRAINT fk_staff_employer_id_employer REFERENCES employer (id)"
    )
    op.create_index("ix_staff_employer_id", "staff", ["employer_id"])


def downgrade() -> None:
    op.execute("UPDATE staff SET active = false WHERE role = 'employer'")
    op.drop_index("ix_staff_employer_id", "staff")
    op.drop_column("staff", "employer_id")
    op.drop_column("application", "passable_from")

    with op.batch_alter_table("agreement", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_agreement_live",
            postgresql_where=sa.text("ended_at IS NULL"),
            sqlite_where=sa.text("ended_at IS NULL"),
        )
        batch_op.drop_index("ix_agreement_graduate")

    op.drop_table("agreement")
    op.execute(
        "DELETE FROM review_step WHERE application_id IN"
        " (SELECT id FROM application WHERE purpose = 'agreement')"
    )
    op.execute("DELETE FROM application WHERE purpose = 'agreement'")
    with op.batch_alter_table("invitation", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_invitation_open",
            postgresql_where=sa.text("state = 'open'"),
            sqlite_where=sa.text("state = 'open'"),
        )
        batch_op.drop_index("ix_invitation_graduate")
        batch_op.drop_index("ix_invitation_employer")
        batch_op.drop_index(
            "ix_invitation_answer_by",
            postgresql_where=sa.text("state = 'open'"),
            sqlite_where=sa.text("state = 'open'"),
        )

    op.drop_table("invitation")
    with op.batch_alter_table("qualification", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_qualification_employer_id"))

    op.drop_table("qualification")
    with op.batch_alter_table("employer", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_employer_school_id"))

    op.drop_table("employer")
