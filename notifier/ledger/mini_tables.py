"""One-time notices (一次性订阅消息) of the mini program: templates, allowances, sends."""

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, exists, text
from sqlalchemy.orm import Mapped, mapped_column

from notifier.ledger import states
from notifier.ledger.tables import Message
from registry.base.database import Base, BigId


class MiniUser(Base):
    """Somebody of the mini program, which has openids of its own."""

    __tablename__ = "mini_user"

    openid: Mapped[str] = mapped_column(String(64), primary_key=True)
    """As it stands in bindings and sessions (`notifier.ledger.mini_users`)."""
    unionid: Mapped[str | None] = mapped_column(String(64), index=True)
    account_openid: Mapped[str | None] = mapped_column(String(64), index=True)
    """The same person's openid with the service account, once it is known."""
    seen_at: Mapped[datetime]


class MiniTemplate(Base):
    """A template of the mini program that fits the kind which the settings name it for."""

    __tablename__ = "mini_template"

    template_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    fields: Mapped[dict[str, str]] = mapped_column(JSON)
    """Our label -> the template's key."""
    read_at: Mapped[datetime]
    refused_at: Mapped[datetime | None]
    """When WeChat said of it that it is gone; None where it was read since."""


class MiniAllowance(Base):
    """How many notices of a template somebody of the mini program has allowed and not got yet."""

    __tablename__ = "mini_allowance"
    __table_args__ = (CheckConstraint("remaining >= 0", name="remaining"),)

    openid: Mapped[str] = mapped_column(
        ForeignKey("mini_user.openid", ondelete="CASCADE"), primary_key=True
    )
    template_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    remaining: Mapped[int]
    allowed_at: Mapped[datetime]
    """Since when she has any; what failed before is not sent, she has seen it where she allowed."""


class MiniNotice(Base):
    """The one notice that stands in for a message which could not be delivered.

    Written before the call: whoever finds a row does not send.
    """

    __tablename__ = "mini_notice"
    __table_args__ = (
        Index(
            "ix_mini_notice_sending",
            "claimed_at",
            postgresql_where=text("state = 'sending'"),
            sqlite_where=text("state = 'sending'"),
        ),
        Index("ix_mini_notice_claimed_at", "claimed_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    message_id: Mapped[int] = mapped_column(
        ForeignKey("message.id", ondelete="CASCADE"), unique=True
    )
    template_id: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(16), default=states.MiniNoticeState.SENDING)
    reason: Mapped[str] = mapped_column(String(40), default="")
    """A code of notifier.ledger.outcomes; empty for one that was sent."""
    detail: Mapped[str] = mapped_column(String(200), default="")
    """What the platform said, with its request id; no personal data."""
    claimed_at: Mapped[datetime]
    final_at: Mapped[datetime | None]


CAME_AS_NOTICE = exists().where(
    MiniNotice.message_id == Message.id, MiniNotice.state != states.MiniNoticeState.FAILED
)
"""Of a message: a notice came in its place, or may have."""
