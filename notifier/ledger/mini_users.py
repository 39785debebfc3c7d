"""Who came from the mini program, whose openids are not the service account's.

Bindings and sessions are of the WeChat identity with the service account, for messages go there.
Where that is not known yet, they are of the mini program's, marked so that nobody sends to it:
such a person follows nothing. A unionid that both WeChats name joins the two; nothing else does,
for whoever holds her phone's browser for a moment would otherwise have her messages for good.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from notifier.ledger import bindings
from notifier.ledger.mini_tables import MiniUser
from notifier.ledger.tables import Binding, Follower
from registry.accounts import sessions
from registry.base.database import is_sqlite
from registry.record import contact_changes
from registry.record.tables import Graduate

MARK = "mini:"
"""Before an openid of the mini program: no openid of WeChat's has a colon."""


def is_mini(openid: str) -> bool:
    """Say whether an identity is known from the mini program alone: nothing can be sent to it."""
    return openid.startswith(MARK)


def arrive(session: Session, openid: str, unionid: str, at: datetime) -> str:
    """Note who came from the mini program; return the WeChat identity to act for.

    That is the one with the service account, where it is known.
    """
    marked = f"{MARK}{openid}"
    _note(session, marked, unionid, at)
    user = session.scalars(select(MiniUser).where(MiniUser.openid == marked)).one()
    if user.account_openid is None and user.unionid:
        followers = session.scalars(
            select(Follower.openid).where(Follower.unionid == user.unionid).limit(2)
        ).all()
        if len(followers) == 1:
            return followers[0] if _join(session, user, followers[0]) else marked
    return user.account_openid or marked


def identity_of(session: Session, openid: str) -> str:
    """Return the WeChat identity that another is by now: joined meanwhile, the account's.

    Held as it is until the transaction ends, so that what is bound to it is joined, too.
    """
    if not is_mini(openid):
        return openid
    wanted = select(MiniUser.account_openid).where(MiniUser.openid == openid)
    return session.scalar(wanted.with_for_update()) or openid


def join_followers(session: Session, unionids: Mapping[str, str]) -> int:
    """Join those of these followers (unionid by openid) who came from the mini program before.

    Returns how many were joined.
    """
    wanted = sorted({each for each in unionids.values() if each})
    once = session.execute(
        select(Follower.unionid, func.min(Follower.openid))
        .where(Follower.unionid.in_(wanted))
        .group_by(Follower.unionid)
        .having(func.count() == 1)
    )
    by_unionid: dict[str | None, str] = dict(once.all())
    users = session.scalars(
        select(MiniUser).where(
            MiniUser.unionid.in_(list(by_unionid)),
            MiniUser.account_openid.is_(None),
        )
    ).all()
    return sum(_join(session, each, by_unionid[each.unionid]) for each in users)


def of_openids(openids: Sequence[str] | Select[str]) -> ColumnElement[bool]:
    """Return the condition that picks who has one of these WeChat identities."""
    return or_(MiniUser.openid.in_(openids), MiniUser.account_openid.in_(openids))


def known_as(openids: Sequence[str] | Select[str]) -> Select[str]:
    """Return the mini program's openids of who has one of these WeChat identities."""
    return select(MiniUser.openid).where(of_openids(openids))


def follows(session: Session, openid: str) -> bool:
    """Say whether messages can reach a WeChat identity: it follows the account."""
    wanted = select(Follower.openid).where(Follower.openid == openid, Follower.subscribed)
    return session.scalar(wanted) is not None


def _note(session: Session, marked: str, unionid: str, at: datetime) -> None:
    made = sqlite_insert(MiniUser) if is_sqlite(session) else postgres_insert(MiniUser)
    kept = {"seen_at": at} | ({"unionid": unionid} if unionid else {})
    row = {"openid": marked, "unionid": unionid or None, "seen_at": at}
    session.execute(
        made.values(row).on_conflict_do_update(index_elements=[MiniUser.openid], set_=kept)
    )


def _join(session: Session, user: MiniUser, openid: str) -> bool:
    """Let a WeChat identity with the account take over what is the mini program's.

    Not where it is bound to another person: each stays whose it is. Nor where another of the mini
    program has it. Say whether.
    """
    taken = select(MiniUser.openid).where(MiniUser.account_openid == openid)
    mine, theirs = _whose(session, user.openid), _whose(session, openid)
    if session.scalar(taken.limit(1)) is not None or (mine and theirs and mine != theirs):
        return False
    user.account_openid = openid
    session.flush()
    bindings.take_over(session, user.openid, openid, joined=bool(theirs))
    sessions.take_over(session, user.openid, openid)
    contact_changes.take_over(session, user.openid, openid)
    return True


def _whose(session: Session, openid: str) -> set[str]:
    """Return the identity numbers (as indexes) of whom a WeChat identity is bound to."""
    bound = select(Graduate.identity_index).join(Binding, Binding.graduate_id == Graduate.id)
    return set(session.scalars(bound.where(bindings.of_openid(openid))))
