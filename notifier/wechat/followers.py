"""Who follows the account: kept by WeChat's events, and set right by reading the whole list."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from notifier.ledger import account, mini_users
from notifier.ledger.tables import Follower
from notifier.wechat.errors import Refused
from registry.base.database import is_sqlite
from runtime.resources import Resources

CLOCK_SLACK = timedelta(minutes=2)
"""What happened shortly before a reconciliation is left to the events: WeChat has its own clock."""
ASKED_AT_ONCE = 100
_UNKNOWN_OPENID = 40003


class FollowerList(Protocol):
    """Whatever lists the account's followers: notifier.wechat.gateway.Gateway."""

    def follower_pages(self) -> Iterator[list[str]]:
        """Yield all openids, a page at a time; raise GatewayError where the list breaks off."""
        ...


class Known(Protocol):
    """What WeChat says of an openid."""

    @property
    def openid(self) -> str:
        """The openid."""
        ...

    @property
    def unionid(self) -> str:
        """What the person is in all accounts of the open platform; empty for none."""
        ...


class UserDirectory(Protocol):
    """Whatever tells of openids: notifier.wechat.gateway.Gateway."""

    def users(self, openids: Sequence[str]) -> Sequence[Known]:
        """Return what WeChat knows of up to 100 openids; raise GatewayError."""
        ...


@dataclass(frozen=True)
class FollowEvent:
    """Somebody began or ceased to follow, by WeChat's clock (whole seconds)."""

    openid: str
    subscribed: bool
    at: datetime


@dataclass(frozen=True)
class Reconciled:
    """What a reconciliation found: followers, and those thought to follow who do not."""

    followers: int
    gone: int


def apply_follow_events(session: Session, events: Sequence[FollowEvent]) -> None:
    """Take events over in any order: an older one than what is known changes nothing."""
    latest: dict[str, FollowEvent] = {}
    for each in events:  # of two in one second the one that came in later counts
        known = latest.get(each.openid)
        if known is None or each.at >= known.at:
            latest[each.openid] = each
    rows = [
        {"openid": each.openid, "subscribed": each.subscribed, "changed_at": each.at}
        for each in latest.values()
    ]
    _write(session, rows, ("subscribed", "changed_at"))
    _ask_again(session, Follower.openid.in_(list(latest)))


def _ask_again(session: Session, which: ColumnElement[bool]) -> None:
    """Have WeChat asked again for unionids that it did not tell: it tells those of followers."""
    session.execute(
        update(Follower)
        .where(which, Follower.unionid == "")
        .values(unionid=None)
        .execution_options(synchronize_session=False)
    )


def read_unionids(resources: Resources, gateway: UserDirectory) -> int:
    """Ask WeChat who some followers are in its open platform; return how many were asked for.

    Those who came from the mini program before are joined by it. Raises GatewayError.
    """
    unread = select(Follower.openid).where(Follower.subscribed, Follower.unionid.is_(None))
    with resources.readers.begin() as session:
        openids = session.scalars(unread.limit(ASKED_AT_ONCE)).all()
    if not openids:
        return 0
    told = dict.fromkeys(openids, "") | dict(_unionids(gateway, openids))
    with resources.sessions.begin() as session:
        rows = [{"openid": openid, "unionid": each} for openid, each in sorted(told.items())]
        session.execute(update(Follower), rows)
        mini_users.join_followers(session, told)
    return len(openids)


def _unionids(gateway: UserDirectory, openids: Sequence[str]) -> list[tuple[str, str]]:
    """Return what WeChat tells; one openid that it does not know spoils no other's answer."""
    try:
        return [(each.openid, each.unionid) for each in gateway.users(openids)]
    except Refused as error:
        if error.errcode != _UNKNOWN_OPENID:
            raise
    half = len(openids) // 2
    if not half:
        return []
    return [*_unionids(gateway, openids[:half]), *_unionids(gateway, openids[half:])]


def _write(session: Session, rows: list[dict[str, Any]], taken: Iterable[str]) -> None:
    """Insert followers, or take over the columns of those where nothing newer is known."""
    if not rows:
        return
    made = sqlite_insert(Follower) if is_sqlite(session) else postgres_insert(Follower)
    session.execute(
        made.on_conflict_do_update(
            index_elements=[Follower.openid],
            set_={name: made.excluded[name] for name in taken},
            where=Follower.changed_at <= made.excluded.changed_at,
        ),
        rows,
    )


def reconcile(resources: Resources, gateway: FollowerList) -> Reconciled:
    """Read every follower of the account and set right what events missed.

    An event that happens meanwhile is newer and wins. Raises GatewayError; then nobody is taken to
    have left.
    """
    started, followers = resources.clock() - CLOCK_SLACK, 0
    for page in gateway.follower_pages():
        with resources.sessions.begin() as session:
            note_followers(session, page, started)
        followers += len(page)
    with resources.sessions.begin() as session:
        gone = drop_unseen(session, started)
        _ask_again(session, Follower.subscribed.is_(True))
        account.note(session, resources.settings.wechat_app_id, followers_synced_at=started)
    return Reconciled(followers, gone)


def note_followers(session: Session, openids: Iterable[str], at: datetime) -> None:
    """Note that these were found following at a moment."""
    rows = [
        {"openid": openid, "subscribed": True, "changed_at": at, "seen_at": at}
        for openid in dict.fromkeys(openids)
    ]
    _write(session, rows, ("subscribed", "changed_at", "seen_at"))


def drop_unseen(session: Session, started: datetime) -> int:
    """Take those to have left whom a reconciliation begun at `started` did not find."""
    dropped = session.execute(
        update(Follower)
        .where(Follower.subscribed, Follower.changed_at < started, _unseen_since(started))
        .values(subscribed=False, changed_at=started)
        .returning(Follower.openid)
        .execution_options(synchronize_session=False)
    )
    return len(dropped.all())


def _unseen_since(moment: datetime) -> ColumnElement[bool]:
    return or_(Follower.seen_at.is_(None), Follower.seen_at < moment)
