"""The tables of people who sign in: staff, sessions, attempts, one-time secrets, the audit log."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ARRAY, JSON, BigInteger, ForeignKey, Index, String, Text, false, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.accounts.employer_tables import Employer
from registry.accounts.school_tables import Department, School
from registry.base.database import Base, BigId, Keyed

LOGIN_LENGTH, NAME_LENGTH, WORK_NUMBER_LENGTH = 64, 80, 32
SUBJECT_LENGTH, DIGEST_LENGTH, DEVICE_LENGTH = 80, 64, 40

Ids = JSON(none_as_null=True).with_variant(ARRAY(BigInteger), "postgresql")
"""Row numbers: on PostgreSQL an array, which an index finds each of."""


class Role(StrEnum):
    """What a member of staff is; rights follow from it."""

    SCHOOL = "school"
    DEPARTMENT = "department"
    COUNSELLOR = "counsellor"
    """Looks after classes or majors of a school (辅导员): sees and reminds their people."""
    PROVINCE = "province"
    OPERATOR = "operator"
    RECEIVER = "receiver"
    """A talent centre, or another organisation that takes in files and households."""
    EMPLOYER = "employer"
    """Somebody of an employer, who invites graduates to sign."""
    MINISTRY = "ministry"
    """Somebody of the Ministry of Education, who looks at figures of all provinces."""


ROLE_TITLES = {
    Role.SCHOOL: "学校",
    Role.DEPARTMENT: "院系",
    Role.COUNSELLOR: "辅导员",
    Role.PROVINCE: "省级就业工作部门",
    Role.OPERATOR: "平台运维",
    Role.RECEIVER: "接收单位",
    Role.EMPLOYER: "用人单位",
    Role.MINISTRY: "教育部",
}


class Staff(Keyed, Base):
    """Somebody of a school, a department, a province, a receiver, an employer or the platform."""

    __tablename__ = "staff"
    __table_args__ = (Index("ix_staff_work_number", "school_id", "work_number"),)

    login: Mapped[str] = mapped_column(String(LOGIN_LENGTH), unique=True)
    name: Mapped[str] = mapped_column(String(NAME_LENGTH))
    role: Mapped[str] = mapped_column(String(16))
    school_id: Mapped[int | None] = mapped_column(ForeignKey("school.id"))
    department_id: Mapped[int | None] = mapped_column(ForeignKey("department.id"))
    province: Mapped[str | None] = mapped_column(String(6))
    employer_id: Mapped[int | None] = mapped_column(ForeignKey("employer.id"), index=True)
    work_number: Mapped[str | None] = mapped_column(String(WORK_NUMBER_LENGTH))
    """Of somebody of a school: the number by which its campus signs them in (工号)."""
    password_hash: Mapped[str] = mapped_column(String(200))
    first_password_until: Mapped[datetime | None]
    """Set while the password is one that somebody else gave: until when it is good for signing in.
    Nothing else is done with it but to change it."""
    active: Mapped[bool] = mapped_column(default=True)
    read_only: Mapped[bool] = mapped_column(default=False, server_default=false())
    """May look, and change nothing but their own account (只读)."""
    may_export: Mapped[bool] = mapped_column(default=True, server_default=true())
    """May take along lists, workbooks and letters; not so: 不可导出."""
    manages: Mapped[bool] = mapped_column(default=True, server_default=true())
    """Of an employer: looks after its accounts and its papers (管理员)."""
    may_sign: Mapped[bool] = mapped_column(default=True, server_default=true())
    """Of an employer: invites, withdraws, and answers in its name (签约经办人)."""
    list_columns: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    """Columns of the list of graduates in order; None for those that are usual."""
    second_factor_since: Mapped[datetime | None]
    """Since when a second factor is asked for at each sign-in (二次验证); None: never."""
    has_notices: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Whether there is something about the account that its owner was told and has not seen."""
    created_at: Mapped[datetime]

    school: Mapped[School | None] = relationship(lazy="raise")
    department: Mapped[Department | None] = relationship(lazy="raise")
    employer: Mapped[Employer | None] = relationship(lazy="raise")

    @property
    def actor(self) -> str:
        """Return how the audit log and other rows name who did something."""
        return f"staff:{self.key}"


class StaffCharge(Base):
    """A class or a major that a counsellor looks after: one of both is named."""

    __tablename__ = "staff_charge"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    department_id: Mapped[int] = mapped_column(ForeignKey("department.id"))
    class_name: Mapped[str] = mapped_column(String(80), default="")
    major: Mapped[str] = mapped_column(String(80), default="")


class StaffNotice(Base):
    """Something a member of staff is told about their account (安全提醒)."""

    __tablename__ = "staff_notice"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    kind: Mapped[str] = mapped_column(String(24))
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    at: Mapped[datetime] = mapped_column(index=True)
    seen_at: Mapped[datetime | None]


class WebSession(Base):
    """One browser's session. The cookie holds the token, the row only its hash."""

    __tablename__ = "web_session"
    __table_args__ = (Index("ix_web_session_expires_at", "expires_at"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"), index=True)
    graduate_id: Mapped[int | None] = mapped_column(ForeignKey("graduate.id"), index=True)
    openid: Mapped[str | None] = mapped_column(String(64))
    """Proven by a code exchange in this session; bound to a graduate or not yet."""
    campus_session: Mapped[str | None] = mapped_column(String(64), index=True)
    """Of staff whom a campus signed in: SHA-256 (hex) of what the campus calls its session."""
    mini_device: Mapped[str | None] = mapped_column(String(64), index=True)
    """Of who came from the mini program: SHA-256 (hex) of the secret that it keeps. It is signed in
    as long as this session lasts."""
    content: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class MiniHandover(Base):
    """Who signed in at the mini program, until its web-view has opened a session: once, soon."""

    __tablename__ = "mini_handover"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    device_hash: Mapped[str] = mapped_column(String(64))
    """SHA-256 (hex) of the secret that the mini program keeps: nobody else can open it."""
    openid: Mapped[str] = mapped_column(String(64))
    content: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """What the session begins with."""
    expires_at: Mapped[datetime] = mapped_column(index=True)


class UnsentForm(Base):
    """What a graduate typed into a form whose session had ended, until she has signed in again."""

    __tablename__ = "unsent_form"
    __table_args__ = (Index("uq_unsent_form_owner", "openid", "form", "graduate_id", unique=True),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    graduate_id: Mapped[int] = mapped_column(ForeignKey("graduate.id"), index=True)
    openid: Mapped[str] = mapped_column(String(64))
    form: Mapped[str] = mapped_column(String(200))
    """The path it is sent to."""
    typed_sealed: Mapped[str] = mapped_column(Text)
    """Fields and values as JSON; opens for this person, WeChat and form alone."""
    at: Mapped[datetime] = mapped_column(index=True)


class StaffDevice(Keyed, Base):
    """A browser in which a member of staff has signed in. Its cookie holds a token, the row a hash.

    A browser has one token for all its accounts, and a row for each.
    """

    __tablename__ = "staff_device"
    __table_args__ = (Index("uq_staff_device_staff", "staff_id", "device_hash", unique=True),)

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    device_hash: Mapped[str] = mapped_column(String(64), index=True)
    """SHA-256 (hex) of the token."""
    place_index: Mapped[str] = mapped_column(String(64))
    """Blind index of the account and the address it was last used from (IPv6: the /64)."""
    summary: Mapped[str] = mapped_column(String(40), default="")
    """What the browser calls itself, in two words: `Windows · Edge`."""
    first_seen_at: Mapped[datetime]
    last_seen_at: Mapped[datetime] = mapped_column(index=True)
    revoked_at: Mapped[datetime | None]


class OneTimeState(Base):
    """A state given out once, for one session, and taken back once (OAuth)."""

    __tablename__ = "one_time_state"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    state_hash: Mapped[str] = mapped_column(String(64), unique=True)
    session_hash: Mapped[str] = mapped_column(String(64))
    target: Mapped[str] = mapped_column(String(200))
    expires_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]


class OneTimeCode(Base):
    """A code sent to a phone to prove that it is held (binding). Only a keyed hash is kept."""

    __tablename__ = "one_time_code"
    __table_args__ = (Index("ix_one_time_code_hash", "purpose", "code_hash"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    purpose: Mapped[str] = mapped_column(String(24))
    session_hash: Mapped[str] = mapped_column(String(64), index=True)
    graduate_id: Mapped[int | None] = mapped_column(ForeignKey("graduate.id"), index=True)
    """None where nobody matched: same answer, same work, and no code can fit."""
    phone_index: Mapped[str | None] = mapped_column(String(32), index=True)
    """Blind index of her phone."""
    phone_hash: Mapped[str | None] = mapped_column(String(64))
    """A keyed hash of a code that was sent, by which it fits the phone, whoever asked for it."""
    code_hash: Mapped[str] = mapped_column(String(64))
    """A keyed hash by which it fits who asked; empty for who proves the phone by its last code."""
    tries: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]


class Attempt(Base):
    """A counted attempt that a limit protects a person from (sign-in, binding, lookup)."""

    __tablename__ = "attempt"
    __table_args__ = (
        Index("ix_attempt_count", "purpose", "subject", "at"),
        Index("ix_attempt_at", "at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    purpose: Mapped[str] = mapped_column(String(24))
    subject: Mapped[str] = mapped_column(String(64))
    """A blind index of whom or where from: never the value itself."""
    succeeded: Mapped[bool]
    at: Mapped[datetime]


class Puzzle(Base):
    """A puzzle given out to one browser session, which proves that a person is there."""

    __tablename__ = "puzzle"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    session_hash: Mapped[str] = mapped_column(String(64), unique=True)
    digits: Mapped[str] = mapped_column(String(8))
    expires_at: Mapped[datetime] = mapped_column(index=True)


class AuditEntry(Base):
    """Who did what to which record, when and from where (操作日志).

    Append only: the database refuses UPDATE, and DELETE of what is younger than six months. No
    foreign key, so that a school that is merged into another leaves its rows as they were.
    """

    __tablename__ = "audit_entry"
    __table_args__ = (
        # Only ever looked for as a whole: a graduate's rows are few, and put in order when read.
        Index("ix_audit_entry_about", "subject", postgresql_using="hash"),
        Index("ix_audit_entry_school", "school_id", "id"),
        Index("ix_audit_entry_action", "school_id", "action", "id"),
        Index("ix_audit_entry_actor", "actor", "id"),
        Index("ix_audit_entry_people", "people", postgresql_using="gin").ddl_if("postgresql"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(80))
    """`staff:<key>`, `graduate:<key>`, `system`, `command`, `stranger`."""
    action: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(SUBJECT_LENGTH))
    school_id: Mapped[int | None]
    province: Mapped[str | None] = mapped_column(String(6))
    """Of what a province's staff did: which province's."""
    address: Mapped[str | None] = mapped_column(String(32))
    """From where, as a blind index: equal for one household or office. None in the background."""
    device: Mapped[str | None] = mapped_column(String(DEVICE_LENGTH))
    """`Windows · Edge`."""
    people: Mapped[list[int] | None] = mapped_column(Ids)
    """Of a list: the ids of the graduates it showed."""
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    """Nothing about a person: of a row whose subject is one, all is in its detail."""
    detail: Mapped[str | None] = mapped_column(String(DIGEST_LENGTH))
    """The digest of an `AuditDetail`, which is found by it; None where there is nothing to say."""
