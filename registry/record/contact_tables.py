"""What was done to how a graduate is reached: her phone changed, her WeChat unbound."""

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


KIND_TITLES = {ContactKind.PHONE: "手机号码更改", ContactKind.UNBOUND: "微信绑定解除"}


class ContactChange(Keyed, Base):
    """A change of a graduate's phone, or the end of her binding by staff: she is told of it.

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
    """The provider's code for why it was not sent."""
    link_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    """SHA-256 of the token in the short message's link, once it was sent."""
