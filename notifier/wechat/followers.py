"""Who follows the account: kept by WeChat's events, and set right by reading the whole list."""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any, Protocol

from sqlalchemy import ColumnExpressionArgument, bindparam, exists, select, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from notifier.ledger import account, mini_users
from notifier.ledger.tables import Follower
from notifier.wechat.errors import Refused
from registry.base.database import is_sqlite, one_of_texts
from runtime.resources import Resources

AT_ONCE = 10_000
"""Rows looked at in one transaction: as many as WeChat lists in one page."""
_PARTS = 4096
CLOCK_SLACK = timedelta(minutes=2)
"""What happened shortly before a reconciliation is left to the events: WeChat has its own clock."""
ASKED_AT_ONCE = 100
_UNKNOWN_OPENID = 40003


class SeenOpenids:
    """Which openids were seen, in eight bytes each: ten million are 90 MB.

    Of two whose first 64 bits of a hash are the same, one would be taken for the other; among ten
    million that happens once in a hundred thousand nights, and the next night says so.
    """

    def __init__(self) -> None:
        """Begin with none."""
        self._parts = [array("Q") for _ in range(_PARTS)]
        self._is_sorted = True

    def add(self, openids: Iterable[str]) -> None:
        """Note some."""
        for each in openids:
            number = _number(each)
            self._parts[number % _PARTS].append(number)
        self._is_sorted = False

    def __contains__(self, openid: str) -> bool:
        """Say whether it was seen."""
        if not self._is_sorted:
            self._parts = [array("Q", sorted(each)) for each in self._parts]
            self._is_sorted = True
        number = _number(openid)
        part = self._parts[number % _PARTS]
        place = bisect_left(part, number)
        return place < len(part) and part[place] == number


def _number(openid: str) -> int:
    return int.from_bytes(blake2b(openid.encode(), digest_size=8).digest())


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


def _ask_again(session: Session, *which: ColumnExpressionArgument[bool]) -> None:
    """Have WeChat asked again for unionids that it did not tell: it tells those of followers."""
    session.execute(
        update(Follower)
        .where(*which, Follower.unionid == "")
        .values(unionid=None)
        .execution_options(synchronize_session=False)
    )


def _is_told(session: Session) -> bool:
    """Say whether WeChat has told any unionid: without an open platform it tells none, ever."""
    return bool(session.scalar(select(exists().where(Follower.unionid > ""))))


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
        if any(told.values()) and not _is_told(session):  # an open platform has the account now
            _ask_again(session)
        _keep(session, told)
        mini_users.join_followers(session, told)
    return len(openids)


def _keep(session: Session, told: Mapping[str, str]) -> None:
    """Write unionids down; whoever was erased while WeChat was asked has no row any more."""
    table = Follower.__table__
    statement = update(table).where(table.c.openid == bindparam("whose"))  # type: ignore[arg-type]  # it is a Table
    rows = [{"whose": openid, "said": each} for openid, each in sorted(told.items())]
    session.connection().execute(statement.values(unionid=bindparam("said")), rows)


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
    """Read every follower of the account and set right what events missed; write nothing else.

    An event that happens meanwhile is newer and wins. Raises GatewayError; then nobody is taken to
    have left.
    """
    started, followers = resources.clock() - CLOCK_SLACK, 0
    seen = SeenOpenids()
    for page in gateway.follower_pages():
        seen.add(page)
        with resources.sessions.begin() as session:
            note_followers(session, page, started)
        followers += len(page)
    gone = sum(_drop_unseen(resources, seen, started))
    with resources.sessions.begin() as session:
        account.note(session, resources.settings.wechat_app_id, followers_synced_at=started)
    return Reconciled(followers, gone)


def note_followers(session: Session, openids: Iterable[str], at: datetime) -> None:
    """Note that these were found following at a moment: those of whom it was not known."""
    named = list(dict.fromkeys(openids))
    which = (Follower.subscribed, one_of_texts(session, Follower.openid, named))
    known = set(session.scalars(select(Follower.openid).where(*which)))
    rows = [
        {"openid": openid, "subscribed": True, "changed_at": at, "seen_at": at}
        for openid in named
        if openid not in known
    ]
    _write(session, rows, ("subscribed", "changed_at", "seen_at"))


def _drop_unseen(resources: Resources, seen: SeenOpenids, started: datetime) -> Iterator[int]:
    """Take those to have left whom a reconciliation did not find; yield how many of each page."""
    last: str | None = ""
    while last is not None:
        with resources.sessions.begin() as session:
            last, gone = _drop_after(session, last, seen, started)
        yield gone


def _drop_after(
    session: Session, after: str, seen: SeenOpenids, started: datetime
) -> tuple[str | None, int]:
    """Look at the next page of those thought to follow; return where it ends, and how many left."""
    thought = (Follower.subscribed, Follower.changed_at < started)
    page = session.scalars(
        select(Follower.openid)
        .where(*thought, Follower.openid > after)
        .order_by(Follower.openid)
        .limit(AT_ONCE)
    ).all()
    some = page[:ASKED_AT_ONCE] if not after else []
    asked = page if _is_told(session) else some
    if asked:
        _ask_again(session, *thought, Follower.openid > after, Follower.openid <= asked[-1])
    unseen = [each for each in page if each not in seen]
    if unseen:
        session.execute(
            update(Follower)
            .where(*thought, one_of_texts(session, Follower.openid, unseen))
            .values(subscribed=False, changed_at=started)
            .execution_options(synchronize_session=False)
        )
    return (page[-1] if page else None), len(unseen)
