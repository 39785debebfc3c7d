"""What was done to whose a record is, and how she is reached: phone, number, WeChat, records."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from registry.base.database import Base, Keyed
from registry.record.contact_states import CONTACT_CHANGE, NoticeState


class ContactKind(StrEnum):
    """What was done."""

    PHONE = "phone"
    UNBOUND = "unbound"
    IDENTITY = "identity"
    """Her identity number became another."""
    RECORD = "record"
    """Another record of her school is hers by its name and number, with a phone that is not."""


KIND_TITLES = {
    ContactKind.PHONE: "手机号码更改",
    ContactKind.UNBOUND: "微信绑定解除",
    ContactKind.IDENTITY: "证件号码更改",
    ContactKind.RECORD: "新增毕业记录",
}
PUT_RIGHT_TITLES = {
    ContactKind.PHONE: "恢复原手机号，",
    ContactKind.UNBOUND: "",
    ContactKind.IDENTITY: "恢复原证件号码，",
    ContactKind.RECORD: "清除新增记录的手机号，",
}
"""What an objection that is upheld does, besides ending what was bound since."""


PHONE_TOLD_OFTEN = "phone_told_often"
"""Why there is no short message: the phone is that of many, and had enough of them that day."""


class ContactChange(Keyed, Base):
    """A change by which somebody else could be bound as her: she is told of it.

    It is also the row by which the short message to her old phone is sent.
    """

    __tablename__ = "contact_change"
    __table_args__ = (
        Index("ix_contact_change_graduate", "graduate_id", "id"),
        Index(
            "ix_contact_change_objected",
            "school_id",
            "id",
            postgresql_where=text("state = 'objected'"),
            sqlite_where=text("state = 'objected'"),
        ),
        Index(
            "ix_contact_change_notice",
            "notice_next_at",
            postgresql_where=text("notice_state IN ('waiting', 'sending')"),
            sqlite_where=text("notice_state IN ('waiting', 'sending')"),
        ),
        Index(
            "ix_contact_change_openid",
            "openid",
            postgresql_where=text("openid IS NOT NULL"),
            sqlite_where=text("openid IS NOT NULL"),
        ),
        Index(
            "ix_contact_change_other",
            "other_id",
            postgresql_where=text("other_id IS NOT NULL"),
            sqlite_where=text("other_id IS NOT NULL"),
        ),
    )

    graduate_id: Mapped[int] = mapped_column(ForeignKey("graduate.id"))
    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"))
    kind: Mapped[str] = mapped_column(String(16))
    made_by: Mapped[str] = mapped_column(String(80))
    """`staff:<key>`, as the audit log names them."""
    made_at: Mapped[datetime] = mapped_column(index=True)
    state: Mapped[str] = mapped_column(String(16), default=CONTACT_CHANGE.start)
    phone_sealed: Mapped[str | None] = mapped_column(String(200))
    """Her phone before; of an unbinding, the one she is told at. Gone a month later."""
    phone_index: Mapped[str | None] = mapped_column(String(32))
    identity_sealed: Mapped[str | None] = mapped_column(String(200))
    """Her identity number before, where that is what changed. Gone a month later."""
    identity_index: Mapped[str | None] = mapped_column(String(32))
    other_id: Mapped[int | None] = mapped_column(ForeignKey("graduate.id", ondelete="SET NULL"))
    """The record that is hers now, too: nobody binds either while the change waits."""
    openid: Mapped[str | None] = mapped_column(String(64))
    """The WeChat that was bound at that moment. Gone a month later."""
    waits_until: Mapped[datetime]
    """When a WeChat may be bound by the new phone, unless somebody released it before."""
    released_by: Mapped[str] = mapped_column(String(80), default="")
    released_at: Mapped[datetime | None]
    release_reason: Mapped[str] = mapped_column(String(200), default="")
    objected_at: Mapped[datetime | None]
    objection: Mapped[str] = mapped_column(String(200), default="")
    """What she wrote, if anything."""
    decided_by: Mapped[str] = mapped_column(String(80), default="")
    decided_at: Mapped[datetime | None]
    decision_reason: Mapped[str] = mapped_column(String(200), default="")
    notice_state: Mapped[str] = mapped_column(String(16), default=NoticeState.NONE)
    notice_next_at: Mapped[datetime]
    """When the short message is to be sent; while it is sent, when that is given up."""
    notice_tries: Mapped[int] = mapped_column(default=0)
    notice_detail: Mapped[str] = mapped_column(String(80), default="")
    """Why it was not sent: the provider's code, or `PHONE_TOLD_OFTEN`."""
    link_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    """SHA-256 of the token in the short message's link, once it was sent."""
