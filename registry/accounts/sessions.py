"""Browsers' sessions: a row each, found by the hash of a token that only the browser holds.

The limits are those of the security bar: idle 30 minutes for staff and 2 hours for graduates,
12 hours in all. `expires_at` is whichever comes first, so that finding and sweeping ask one thing.
"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, delete, false, select, true, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from registry.accounts.employer_tables import Employer
from registry.accounts.school_tables import Department, School
from registry.accounts.staff import still_theirs
from registry.accounts.tables import Staff, WebSession
from registry.base.database import UtcDateTime, one_of
from registry.base.detached import Detached, read_rows

STAFF_IDLE = timedelta(minutes=30)
GRADUATE_IDLE = timedelta(hours=2)
LONGEST = timedelta(hours=12)
SEEN_EVERY = timedelta(minutes=1)
"""How often at most it is written down that a session is still in use."""


@dataclass(frozen=True)
class Identity:
    """Who a session belongs to; nobody by default."""

    staff_id: int | None = None
    graduate_id: int | None = None
    openid: str | None = None
    campus_session: str | None = None
    """Of whom a campus signed in, or brought half way: what its session is found by."""
    mini_device: str | None = None
    """Of who came from the mini program: SHA-256 (hex) of the secret that it keeps."""
    checked: str | None = field(default=None, repr=False)
    """Of staff, the hash that their password was checked against: no session starts without it."""
    factor_since: datetime | None = None
    """Of staff, since when they have the second factor that was checked; None for none."""


NOBODY = Identity()


def new_token() -> str:
    """Return 256 random bits as text fit for a cookie."""
    return secrets.token_urlsafe(32)


def hash_of(token: str) -> str:
    """Return the SHA-256 (hex) a token is found by."""
    return hashlib.sha256(token.encode()).hexdigest()


def identity_of(row: WebSession) -> Identity:
    """Return whose session a row is."""
    return Identity(row.staff_id, row.graduate_id, row.openid, row.campus_session, row.mini_device)


def proven(staff: Staff, campus_session: str | None = None) -> Identity:
    """Return whose session becomes that starts now: all that is asked for was checked."""
    return Identity(
        staff_id=staff.id,
        campus_session=campus_session,
        checked=staff.password_hash,
        factor_since=staff.second_factor_since,
    )


NOT_OVER = (
    WebSession.token_hash == bindparam("token_hash"),
    WebSession.expires_at > bindparam("at", type_=UtcDateTime()),
)
"""Which session a statement finds that was made once, with `values_of`."""
_FIND = select(WebSession).where(*NOT_OVER)
_READ = Detached(WebSession, Staff, School, Department, Employer)
_FIND_WITH_STAFF = (
    select(*_READ.columns)
    .select_from(WebSession)
    .outerjoin(Staff, and_(Staff.id == WebSession.staff_id, Staff.active.is_(True)))
    .outerjoin(School, School.id == Staff.school_id)
    .outerjoin(Department, Department.id == Staff.department_id)
    .outerjoin(Employer, Employer.id == Staff.employer_id)
    .where(*NOT_OVER)
)


def values_of(token: str, at: datetime) -> dict[str, Any]:
    """Return the values of `NOT_OVER`."""
    return {"token_hash": hash_of(token), "at": at}


def find(session: Session, token: str, at: datetime) -> WebSession | None:
    """Return the session of a token, unless it is over."""
    return session.scalar(_FIND, values_of(token, at))


def find_with_staff(
    session: Session, token: str, at: datetime
) -> tuple[WebSession | None, Staff | None]:
    """Return the session of a token, and whose of staff it is as `staff.find_active` does."""
    rows = _READ.read(session, _FIND_WITH_STAFF, values_of(token, at))
    if not rows:
        return None, None
    found, staff, *places = rows[0]
    if staff is not None:
        for name, place in zip(("school", "department", "employer"), places, strict=True):
            set_committed_value(staff, name, place)
    return found, staff


def start(
    session: Session, token: str, identity: Identity, content: dict[str, Any], at: datetime
) -> bool:
    """Add a session; of staff only while what was checked is still theirs. Say whether."""
    if identity.staff_id is not None and not _holds(session, identity):
        return False
    row = WebSession(
        token_hash=hash_of(token),
        staff_id=identity.staff_id,
        graduate_id=identity.graduate_id,
        openid=identity.openid,
        campus_session=identity.campus_session,
        mini_device=identity.mini_device,
        content=content,
        created_at=at,
        seen_at=at,
        expires_at=end_of(identity, at, at),
    )
    session.add(row)
    return True


def _holds(session: Session, identity: Identity) -> bool:
    """Say whether password and second factor are those that were checked; hold them so."""
    if not still_theirs(session, identity.staff_id or 0, identity.checked):
        return False
    since = select(Staff.second_factor_since).where(Staff.id == identity.staff_id)
    return session.scalar(since) == identity.factor_since


def keep(session: Session, row: WebSession, content: dict[str, Any], at: datetime) -> bool:
    """Write down a session's content and that it is in use; say whether it was still there."""
    ends = end_of(identity_of(row), row.created_at, at)
    values = {"kept_content": content, "kept_seen_at": at, "kept_expires_at": ends}
    return bool(read_rows(session, _KEEP, {"kept": row.token_hash, **values}))


_KEEP = (
    update(WebSession)
    .where(WebSession.token_hash == bindparam("kept"))
    .values(
        content=bindparam("kept_content"),
        seen_at=bindparam("kept_seen_at"),
        expires_at=bindparam("kept_expires_at"),
    )
    .returning(WebSession.id)
)
"""Made once: each session is written down every minute that it is in use."""


def end(session: Session, token: str) -> None:
    """End one session; its token opens nothing from now on."""
    _delete(session, _has(token))


def end_all_of_staff(session: Session, staff_id: int) -> int:
    """End every session of a member of staff: disabled, or the password changed; say how many."""
    return _delete(session, WebSession.staff_id == staff_id)


def end_of_campus(session: Session, campus_session: str) -> list[int]:
    """End the sessions that a campus says are over, half-way ones too; return whose of staff."""
    gone = delete(WebSession).where(WebSession.campus_session == campus_session)
    found = session.scalars(gone.returning(WebSession.staff_id))
    return [each for each in found if each is not None]


def find_of_device(session: Session, secret: str, at: datetime) -> WebSession | None:
    """Return the session of who holds the secret of a mini program; None where none lasts."""
    wanted = select(WebSession).where(
        WebSession.mini_device == hash_of(secret), WebSession.expires_at > at
    )
    return session.scalars(wanted.order_by(WebSession.id.desc()).limit(1)).first()


def end_of_device(session: Session, device_hash: str) -> int:
    """End the sessions that a mini program opened; say how many."""
    return _delete(session, WebSession.mini_device == device_hash)


def end_everybodys(session: Session) -> int:
    """End every session there is; say how many."""
    return _delete(session, true())


def of_owner(session: Session, owner: Identity, at: datetime) -> Sequence[WebSession]:
    """Return the sessions of who is asking that are not over, the one used last first."""
    wanted = select(WebSession).where(_whose(owner), WebSession.expires_at > at)
    return session.scalars(wanted.order_by(WebSession.seen_at.desc(), WebSession.id.desc())).all()


def end_of_owner(session: Session, owner: Identity, token_hash: str) -> None:
    """End one session of who is asking, named by its hash; another's is left alone."""
    _delete(session, _whose(owner) & (WebSession.token_hash == token_hash))


def end_others_of_owner(session: Session, owner: Identity, token: str) -> None:
    """End every session of who is asking but the token's."""
    _delete(session, _whose(owner) & ~_has(token))


def end_all_of_graduates(session: Session, graduate_ids: Sequence[int]) -> None:
    """End every session of graduates: their bindings were ended."""
    _delete(session, one_of(session, WebSession.graduate_id, graduate_ids))


def take_over(session: Session, before: str, openid: str) -> None:
    """Let the sessions of a WeChat identity be of another that is the same person's."""
    session.execute(
        update(WebSession)
        .where(WebSession.openid == before)
        .values(openid=openid)
        .execution_options(synchronize_session=False)
    )


def sweep(session: Session, at: datetime) -> None:
    """Delete the sessions that are over."""
    _delete(session, WebSession.expires_at <= at)


def _whose(owner: Identity) -> ColumnElement[bool]:
    """Return which sessions are a member of staff's, or else a WeChat's; nobody has none."""
    if owner.staff_id is not None:
        return WebSession.staff_id == owner.staff_id
    return WebSession.openid == owner.openid if owner.openid is not None else false()


def _has(token: str) -> ColumnElement[bool]:
    return WebSession.token_hash == hash_of(token)


def _delete(session: Session, which: ColumnElement[bool]) -> int:
    gone = delete(WebSession).where(which).returning(WebSession.id)
    found = session.scalars(gone.execution_options(synchronize_session=False))
    return len(found.all())


def end_of(identity: Identity, created_at: datetime, at: datetime) -> datetime:
    """Return when a session ends that is used at a moment, and not again."""
    idle = STAFF_IDLE if identity.staff_id else GRADUATE_IDLE
    return min(created_at + LONGEST, at + idle)
