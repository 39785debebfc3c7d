"""The tables of telling: who can be reached, campaigns, the ledger, what WeChat told us."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    false,
    or_,
    text,
    true,
)
from sqlalchemy.orm import Mapped, mapped_column

from notifier.ledger import states
from registry.base.database import Base, BigId, InCohort, Keyed

UNREACHED_SQL = "reason IN ('not_following', 'refused', 'user_block')"
"""Of a message that did not reach her: what a notice of the mini program may help against."""


class Account(Base):
    """The WeChat account we send with, and whether it may send now."""

    __tablename__ = "account"

    app_id: Mapped[str] = mapped_column(String(32), primary_key=True)
    paused_at: Mapped[datetime | None]
    paused_until: Mapped[datetime | None]
    """None with a reason: until somebody resumes it."""
    pause_reason: Mapped[str | None] = mapped_column(String(40))
    """A code of notifier.ledger.outcomes; its sentence says what the operator has to do."""
    pause_detail: Mapped[str] = mapped_column(String(300), default="")
    templates_synced_at: Mapped[datetime | None]
    followers_synced_at: Mapped[datetime | None]
    followers_asked_at: Mapped[datetime | None]
    """When an operator asked for the followers to be read; None once a worker has begun."""
    clockwork_at: Mapped[datetime | None]
    """When a clockwork last said that it runs."""
    ledger_mark: Mapped[int] = mapped_column(server_default=text("0"))
    """Counts on as long as a clockwork runs; a smaller one than was seen before is a restore."""


class Follower(Base):
    """An openid and whether it follows the account."""

    __tablename__ = "follower"

    openid: Mapped[str] = mapped_column(String(64), primary_key=True)
    subscribed: Mapped[bool]
    changed_at: Mapped[datetime]
    """When WeChat says it changed: an older event changes nothing."""
    seen_at: Mapped[datetime | None]
    """When a reconciliation found it among WeChat's followers who was not known to follow."""
    unionid: Mapped[str | None] = mapped_column(String(64), index=True)
    """What this person is in all accounts of one open platform; empty where WeChat names none, None
    while it was not asked."""


class Refusal(Base):
    """A person who switched off one kind of message in WeChat."""

    __tablename__ = "refusal"

    openid: Mapped[str] = mapped_column(String(64), primary_key=True)
    kind: Mapped[str] = mapped_column(String(40), primary_key=True)
    refused_at: Mapped[datetime]


class AutoReply(Base):
    """What staff have the account answer; `notifier.wechat.replies` has what is said by default."""

    __tablename__ = "auto_reply"
    __table_args__ = (UniqueConstraint("occasion", "word"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    occasion: Mapped[str] = mapped_column(String(16))
    word: Mapped[str] = mapped_column(String(10), default="")
    text: Mapped[str] = mapped_column(String(300))
    """Empty: no answer."""
    page: Mapped[str] = mapped_column(String(20), default="")
    updated_at: Mapped[datetime]


class Binding(InCohort, Base):
    """A WeChat identity that was proven to be a graduate's. Ended, never deleted.

    One for each record of a person: those in force of one WeChat are all of one identity number.
    """

    __tablename__ = "binding"
    __table_args__ = (
        Index(
            "ix_binding_openid_active",
            "openid",
            postgresql_where=text("ended_at IS NULL"),
            sqlite_where=text("ended_at IS NULL"),
        ),
        # Of two people who bind one WeChat at the same moment, one is refused.
        Index(
            "uq_binding_openid_proven",
            "openid",
            unique=True,
            postgresql_where=text("ended_at IS NULL AND NOT joined"),
            sqlite_where=text("ended_at IS NULL AND NOT joined"),
        ),
        Index(
            "uq_binding_graduate_active",
            "graduate_id",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
            sqlite_where=text("ended_at IS NULL"),
        ),
        # How many of a cohort were bound since a moment.
        Index(
            "ix_binding_bound",
            *("school_id", "year", "bound_at"),
            postgresql_where=text("ended_at IS NULL"),
            sqlite_where=text("ended_at IS NULL"),
        ),
        # Removing many graduates at once looks for the ended ones, too.
        Index("ix_binding_graduate_id", "graduate_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    openid: Mapped[str] = mapped_column(String(64))
    graduate_id: Mapped[int] = mapped_column(ForeignKey("graduate.id"))
    joined: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Added to a binding of the same person; not the one this WeChat began with."""
    phone_index: Mapped[str | None] = mapped_column(String(32))
    """Blind index of the phone whose code proved it, or proved the one it was added to."""
    bound_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str | None] = mapped_column(String(40))


class Colleague(Base):
    """A member of staff's own WeChat: messages are tried on it, and alarms go to it."""

    __tablename__ = "colleague"

    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    openid: Mapped[str] = mapped_column(String(64), unique=True)
    linked_at: Mapped[datetime]
    sync_alarms: Mapped[bool] = mapped_column(default=True, server_default=true())
    """Of a province's: told when records of its schools come late or are not taken."""


class AccountTemplate(Base):
    """A template of the account as last read, and the kind of ours that it is."""

    __tablename__ = "account_template"

    template_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    title: Mapped[str] = mapped_column(String(80))
    content: Mapped[str] = mapped_column(Text)
    kind: Mapped[str | None] = mapped_column(String(40), index=True)
    fields: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    """Our label -> the account's key, e.g. 单位名称 -> thing7."""
    overruled: Mapped[bool] = mapped_column(default=False)
    """An operator matched it by hand; a sync leaves the match alone."""
    present: Mapped[bool] = mapped_column(default=True)
    read_at: Mapped[datetime]
    refused_at: Mapped[datetime | None]
    """When WeChat said of it that it is gone; None where it was read since."""


class Planned:
    """What is said to whom, and when: of a campaign, and of a province's reminder."""

    created_by: Mapped[str] = mapped_column(String(80))
    title: Mapped[str] = mapped_column(String(80))
    kind: Mapped[str] = mapped_column(String(40))
    texts: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    """Values of the campaign's own fields, by label; the rest is each recipient's."""
    audience: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    start_at: Mapped[datetime | None]
    not_after: Mapped[datetime | None]
    """Never started, and nothing of it claimed, later than this (docs/delivery.md: ten seconds)."""
    prefers: Mapped[str] = mapped_column(String(16), default="no_duplicate")
    """What to do with an outcome nobody can know: `no_duplicate` or `delivery`."""
    created_at: Mapped[datetime]


class ProvinceReminder(Keyed, Planned, Base):
    """A province's reminder (省级提醒): a draft, then one campaign for each school it goes to."""

    __tablename__ = "campaign_drive"
    __table_args__ = (Index("ix_campaign_drive_list", "province", "id"),)

    province: Mapped[str] = mapped_column(String(6))
    """GB/T 2260 code, six digits."""
    schools: Mapped[list[str]] = mapped_column(JSON)
    """Random keys of the schools that were chosen."""
    signed_name: Mapped[str] = mapped_column(String(80))
    """Who made it, as schools read it."""
    started_at: Mapped[datetime | None]
    """When its campaigns were made; None for a draft."""


class Campaign(Keyed, Planned, Base):
    """One sending of one kind to an audience."""

    __tablename__ = "campaign"
    __table_args__ = (
        Index("ix_campaign_list", "school_id", "id"),
        # What goes on, looked for each second among all that ever were.
        Index("ix_campaign_state", "state", "id"),
        Index(
            "ix_campaign_unsettled",
            "id",
            postgresql_where=text("state = 'cancelled' AND settled_at IS NULL"),
            sqlite_where=text("state = 'cancelled' AND settled_at IS NULL"),
        ),
        Index("ix_campaign_effect", "effect_due"),
        Index(
            "ix_campaign_never_measured",
            "id",
            postgresql_where=text("started_at IS NOT NULL AND effect_at IS NULL"),
            sqlite_where=text("started_at IS NOT NULL AND effect_at IS NULL"),
        ),
        Index("uq_campaign_occasion", "school_id", "occasion", unique=True),
        Index("uq_campaign_drive", "drive_id", "school_id", unique=True),
    )

    school_id: Mapped[int] = mapped_column(ForeignKey("school.id"))
    department_id: Mapped[int | None] = mapped_column(ForeignKey("department.id"))
    drive_id: Mapped[int | None] = mapped_column(ForeignKey("campaign_drive.id"))
    """The province's reminder it is part of: then only the province moves it."""
    occasion: Mapped[str | None] = mapped_column(String(80))
    """What the system made it for, once: a second one is refused; None where staff made it."""
    state: Mapped[str] = mapped_column(String(16), default=states.CampaignState.DRAFT)
    reason: Mapped[str] = mapped_column(String(40), default="")
    """Why it waits, is paused or cancelled: a code; notifier.ledger.outcomes has the sentence."""
    wait_until: Mapped[datetime | None]
    started_by: Mapped[str | None] = mapped_column(String(80))
    """Who had it begin, as `created_by`; None for a draft, and of what older versions started."""
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]
    """Of a cancelled one: when nothing of it was open any more; it is looked at until then."""
    effect: Mapped[list[list[int]] | None] = mapped_column(JSON(none_as_null=True))
    """What it did, as `notifier.campaigns.effect` keeps it: of those reached, of the others."""
    effect_at: Mapped[datetime | None]
    """When that was counted."""
    effect_due: Mapped[datetime | None]
    """When it is counted next; None before it begins, and when it changes no more."""


class Message(Base):
    """One message to one graduate: the ledger. Written before anything is sent."""

    __tablename__ = "message"
    __table_args__ = (
        # Claims (a queue's due rows in order), counts and reports all read along this one.
        Index("ix_message_lane", "campaign_id", "state", "next_at", "id"),
        # The event messages have a queue for each school.
        Index(
            "ix_message_event",
            "school_id",
            "next_at",
            "id",
            postgresql_where=text("campaign_id IS NULL AND state = 'waiting'"),
            sqlite_where=text("campaign_id IS NULL AND state = 'waiting'"),
        ),
        Index("ix_message_graduate", "graduate_id", "id"),
        Index(
            "ix_message_lease",
            "lease_until",
            postgresql_where=text("state = 'sending'"),
            sqlite_where=text("state = 'sending'"),
        ),
        Index(
            "ix_message_maybe",
            "maybe_since",
            postgresql_where=text("state = 'waiting' AND maybe_since IS NOT NULL"),
            sqlite_where=text("state = 'waiting' AND maybe_since IS NOT NULL"),
        ),
        Index(
            "ix_message_crashes",
            "crashes",
            postgresql_where=text("state = 'waiting' AND crashes > 0"),
            sqlite_where=text("state = 'waiting' AND crashes > 0"),
        ),
        Index(
            "ix_message_held",
            "held_at",
            postgresql_where=text("held_at IS NOT NULL"),
            sqlite_where=text("held_at IS NOT NULL"),
        ),
        Index(
            "ix_message_wx_msgid",
            "wx_msgid",
            postgresql_where=text("wx_msgid IS NOT NULL"),
            sqlite_where=text("wx_msgid IS NOT NULL"),
        ),
        # What a one-time notice of the mini program may stand in for.
        Index(
            "ix_message_unreached",
            "final_at",
            postgresql_where=text(UNREACHED_SQL),
            sqlite_where=text(UNREACHED_SQL),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    client_msg_id: Mapped[str] = mapped_column(String(32), unique=True)
    """Not to be guessed; WeChat sends it once within ten minutes. Also its name in addresses."""
    business_key: Mapped[str] = mapped_column(String(80), unique=True)
    """What happened and to whom: a second row for the same is refused by the database."""
    kind: Mapped[str] = mapped_column(String(40))
    school_id: Mapped[int]
    """The graduate's. Not checked for itself: the graduate is, a million times in a campaign."""
    campaign_id: Mapped[int | None]  # not checked either: docs/decisions/0115
    graduate_id: Mapped[int | None] = mapped_column(ForeignKey("graduate.id"))
    """None for a test send to a colleague: then it goes to the openid it was written with."""
    facts: Mapped[str] = mapped_column(Text, default="{}")
    """JSON of what the text says of this recipient, as it was when the message was written."""
    state: Mapped[str] = mapped_column(String(16), default=states.MessageState.WAITING)
    reason: Mapped[str] = mapped_column(String(40), default="")
    detail: Mapped[str] = mapped_column(String(200), default="")
    """What the platform said, with its request id; no personal data."""
    openid: Mapped[str | None] = mapped_column(String(64))
    """Whom it was sent to, once it was; of a test send to a colleague, from the beginning."""
    trace: Mapped[str | None] = mapped_column(String(55))
    """What wrote it, as `runtime.tracing` names that, where it is traced; None for a campaign's."""
    next_at: Mapped[datetime]
    claim: Mapped[str | None] = mapped_column(String(32))
    """The fence: every write after a claim carries it, so a revived worker changes nothing."""
    lease_until: Mapped[datetime | None]
    maybe_since: Mapped[datetime | None]
    """Start of the first call whose result is not known to be a refusal."""
    held_at: Mapped[datetime | None]
    """When it was found in a restored backup: it may have been sent after the backup was made, and
    is not sent until the operator decides. None again once that is decided, or a receipt came."""
    tries: Mapped[int] = mapped_column(default=0)
    crashes: Mapped[int] = mapped_column(default=0)
    wx_msgid: Mapped[int | None] = mapped_column(BigInteger)
    created_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    final_at: Mapped[datetime | None]
    read_at: Mapped[datetime | None]
    """When the graduate opened it in the in-system inbox."""


MAY_HAVE_COME = or_(Message.maybe_since.is_not(None), Message.held_at.is_not(None))
"""Of a message that waits: it may have been taken before, or been sent before a restore."""


class QuotaDay(Base):
    """How much of a day's quota is reserved (the day is Asia/Shanghai's, as WeChat counts)."""

    __tablename__ = "quota_day"

    day: Mapped[date] = mapped_column(primary_key=True)
    reserved: Mapped[int] = mapped_column(default=0)
    claims: Mapped[int] = mapped_column(server_default=text("0"))
    """How many claims reserved of it; fewer than were seen before is a restore (decision 101)."""


class StoredPush(Base):
    """What WeChat pushed, stored before it is answered; worked on later, once."""

    __tablename__ = "inbox_event"
    __table_args__ = (
        Index(
            "ix_inbox_event_open",
            "next_at",
            "id",
            postgresql_where=text("done_at IS NULL"),
            sqlite_where=text("done_at IS NULL"),
        ),
        Index(
            "ix_inbox_event_done",
            "done_at",
            postgresql_where=text("done_at IS NOT NULL"),
            sqlite_where=text("done_at IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    dedup_key: Mapped[str] = mapped_column(String(64), unique=True)
    """SHA-256 of what makes the event the same one (wechat.md 1.5)."""
    event: Mapped[str] = mapped_column(String(40))
    openid: Mapped[str] = mapped_column(String(64))
    wx_msgid: Mapped[int | None] = mapped_column(BigInteger, index=True)
    status: Mapped[str] = mapped_column(String(80), default="")
    content: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    happened_at: Mapped[datetime]
    received_at: Mapped[datetime]
    next_at: Mapped[datetime]
    """When it is worked on: at once, or later again where its message is not known yet."""
    done_at: Mapped[datetime | None]
    outcome: Mapped[str] = mapped_column(String(40), default="")
