"""The tables of the record: graduates, the versions registered, and the answers about them."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship
from sqlalchemy.types import TypeEngine

from registry.accounts.school_tables import Department, School
from registry.base.database import Base, BigId, InCohort, Keyed
from registry.record.confirmation.states import CONFIRMATION


class Source(StrEnum):
    """Where a registration came from (信息来源)."""

    NATIONAL = "national"
    PROVINCE_INTERFACE = "province_interface"
    IMPORT = "import"


SOURCE_TITLES = {
    Source.NATIONAL: "全国登记系统",
    Source.PROVINCE_INTERFACE: "就业管理系统接口",
    Source.IMPORT: "学校导入",
}


OWN_REGISTRATION = "本人登记"
SIGNED_ONLINE = "网上签约"
SIGNED_ON_PAPER = "线下签约"
SCHOOL_CORRECTION = "学校更正"
"""What `Registration.source_name` says of what came about here, and not from another system."""
BY_AGREEMENT = frozenset({SIGNED_ONLINE, SIGNED_ON_PAPER})


class Answer(StrEnum):
    """What a graduate answered on the confirmation page."""

    CORRECT = "correct"
    WRONG = "wrong"
    WITHDRAWN = "withdrawn"


ANSWER_TITLES = {
    Answer.CORRECT: "信息无误，确认登记去向",
    Answer.WRONG: "信息有误，需更新后确认",
    Answer.WITHDRAWN: "实际信息无误，撤销确认",
}


def _by_code_point(length: int) -> TypeEngine[str]:
    """Return text that sorts by code point in both databases, so an index finds beginnings."""
    return String(length, collation="C").with_variant(String(length), "sqlite")


class Graduate(Keyed, Base):
    """A graduate (毕业生) of one cohort, with the state of the confirmation."""

    __tablename__ = "graduate"
    __table_args__ = (
        UniqueConstraint("school_id", "year", "student_number"),
        UniqueConstraint("school_id", "year", "candidate_number"),
        # Each order of the list (registry.record.graduate_order); by number is unique, above.
        Index("ix_graduate_entered", "school_id", "year", "id"),
        Index("ix_graduate_name", "school_id", "year", "name", "id"),
        Index("ix_graduate_reported", "school_id", "year", "reported_at", "id"),
        Index(
            *("ix_graduate_replied", "school_id", "year", "answered_at", "id"),
            postgresql_where=text("answered_at IS NOT NULL"),
            sqlite_where=text("answered_at IS NOT NULL"),
        ),
        # The confirmation list and its counts: one school, one year, by state, paged by id.
        Index("ix_graduate_list", "school_id", "year", "confirmation", "id"),
        Index("ix_graduate_department", "school_id", "year", "department_id", "id"),
        # Only ever looked for as a whole, among values without any order.
        Index("ix_graduate_identity", "identity_index", postgresql_using="hash"),
        Index("ix_graduate_phone", "phone_index", postgresql_using="hash"),
    )

    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"))
    department_id: Mapped[int] = mapped_column(ForeignKey("department.id"))
    year: Mapped[int]
    """The cohort (届), which `registry.record.cohort` tells by the month of graduation.

    Below 0 for a record that was ended (`registry.review.ended`): so it is of no cohort.
    """
    student_number: Mapped[str] = mapped_column(String(32))
    candidate_number: Mapped[str | None] = mapped_column(String(32))
    name: Mapped[str] = mapped_column(_by_code_point(80))
    identity_sealed: Mapped[str] = mapped_column(String(200))
    identity_index: Mapped[str] = mapped_column(String(32))
    phone_sealed: Mapped[str | None] = mapped_column(String(200))
    phone_index: Mapped[str | None] = mapped_column(String(32))
    sex: Mapped[str] = mapped_column(String(2), default="")
    """GB/T 2261.1: "1" male, "2" female."""
    level: Mapped[str] = mapped_column(String(4), default="")
    """学历代码, domain table 2.3.4."""
    major_code: Mapped[str] = mapped_column(String(16), default="")
    major: Mapped[str] = mapped_column(String(80), default="")
    class_name: Mapped[str] = mapped_column(String(80), default="")
    graduation_month: Mapped[str] = mapped_column(String(6))
    """YYYYMM."""
    programme_length: Mapped[str] = mapped_column(String(8), default="")
    origin_code: Mapped[str] = mapped_column(String(6), default="")
    origin: Mapped[str] = mapped_column(String(120), default="")
    training_mode: Mapped[str] = mapped_column(String(4), default="")
    training_unit: Mapped[str] = mapped_column(String(120), default="")
    particulars_sealed: Mapped[str | None]
    """Everything else a roster says of the person (ethnicity, address, …), as sealed JSON."""
    confirmation: Mapped[str] = mapped_column(String(16), default=CONFIRMATION.start)
    registration_id: Mapped[int | None] = mapped_column(BigId)
    """The version in force; no foreign key, since each would need the other first."""
    reported_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    school: Mapped[School] = relationship(lazy="raise")
    department: Mapped[Department] = relationship(lazy="raise")

    @property
    def cohort(self) -> int:
        """Return the cohort, of an ended record the one it was of."""
        return abs(self.year)

    @property
    def is_ended(self) -> bool:
        """Say whether the record was ended."""
        return self.year < 0


class Registration(InCohort, Base):
    """One version of what is registered: destination, file and household. Never altered."""

    __tablename__ = "registration"
    __table_args__ = (
        UniqueConstraint("graduate_id", "version"),
        # Employers by the beginning of their name or code, each once (registry.record.employers).
        Index("ix_registration_unit", "unit_name", "unit_code", "category"),
        Index("ix_registration_unit_code", "unit_code", "unit_name", "category"),
        # Whose file stays at the school, of a cohort.
        Index("ix_registration_file", "school_id", "year", "file_type"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    graduate_id: Mapped[int] = mapped_column(ForeignKey("graduate.id"))
    version: Mapped[int]

    category: Mapped[str] = mapped_column(String(4))
    """毕业去向类别代码, domain table 2.3.1."""
    unit_name: Mapped[str] = mapped_column(_by_code_point(120), default="")
    unit_code: Mapped[str] = mapped_column(_by_code_point(18), default="")
    unit_nature: Mapped[str] = mapped_column(String(4), default="")
    unit_industry: Mapped[str] = mapped_column(String(4), default="")
    unit_location_code: Mapped[str] = mapped_column(String(6), default="")
    unit_location: Mapped[str] = mapped_column(String(120), default="")
    unit_address: Mapped[str] = mapped_column(String(200), default="")
    unit_postcode: Mapped[str] = mapped_column(String(6), default="")
    unit_contact: Mapped[str] = mapped_column(String(80), default="")
    unit_phone: Mapped[str] = mapped_column(String(40), default="")
    job_class: Mapped[str] = mapped_column(String(4), default="")
    signed_on: Mapped[date | None]
    study_country: Mapped[str] = mapped_column(String(80), default="")
    study_school: Mapped[str] = mapped_column(String(160), default="")
    study_school_foreign: Mapped[str] = mapped_column(String(200), default="")
    study_major: Mapped[str] = mapped_column(String(120), default="")
    study_major_foreign: Mapped[str] = mapped_column(String(200), default="")

    file_type: Mapped[str] = mapped_column(String(20), default="")
    file_unit: Mapped[str] = mapped_column(String(120), default="")
    file_location_code: Mapped[str] = mapped_column(String(6), default="")
    file_location: Mapped[str] = mapped_column(String(120), default="")
    file_address: Mapped[str] = mapped_column(String(200), default="")
    file_postcode: Mapped[str] = mapped_column(String(6), default="")
    file_contact: Mapped[str] = mapped_column(String(80), default="")
    file_phone: Mapped[str] = mapped_column(String(40), default="")

    household_type: Mapped[str] = mapped_column(String(20), default="")
    household_location_code: Mapped[str] = mapped_column(String(6), default="")
    household_location: Mapped[str] = mapped_column(String(120), default="")

    source: Mapped[str] = mapped_column(String(24))
    source_name: Mapped[str] = mapped_column(String(80), default="")
    """The system's name as people know it, e.g. 山东省高校毕业生就业信息网.

    Of what came about here: 本人登记, 网上签约, 线下签约, or 学校更正 with the name of the member
    of staff.
    """
    reported_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str] = mapped_column(String(80))


class UnitNamePart(Base):
    """A part of a unit's name, by which it is found (`registry.record.unit_names`)."""

    __tablename__ = "unit_name_part"

    part: Mapped[str] = mapped_column(_by_code_point(20), primary_key=True)
    unit_name: Mapped[str] = mapped_column(_by_code_point(120), primary_key=True)
    read_to: Mapped[int | None]
    """Of the row of the empty part: the registration that was read last."""


class Confirmation(InCohort, Base):
    """One answer, with the snapshot it was about. Append only (登记确认记录)."""

    __tablename__ = "confirmation"
    __table_args__ = (UniqueConstraint("graduate_id", "sequence"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    graduate_id: Mapped[int] = mapped_column(ForeignKey("graduate.id"))
    sequence: Mapped[int]
    registration_id: Mapped[int] = mapped_column(ForeignKey("registration.id"), index=True)
    answer: Mapped[str] = mapped_column(String(16))
    items: Mapped[list[str]] = mapped_column(JSON, default=list)
    """The blocks or fields a dispute names."""
    note: Mapped[str] = mapped_column(String(500), default="")
    snapshot: Mapped[dict[str, Any]] = mapped_column(JSON)
    """What of it no version says: `registry.record.confirmation.snapshots` reads the whole."""
    snapshot_hash: Mapped[str] = mapped_column(String(64))
    """Of the whole: the version and what is kept here together say what she saw."""
    channel: Mapped[str] = mapped_column(String(16))
    answered_at: Mapped[datetime]
