"""Real-person authentication (实人认证): proof that she herself is there, shortly before it counts.

Two ways: a face check by a provider, bound to the browser session that asked for it; or in person,
recorded by school staff who saw the person and the card. Sources: the operating guide for
graduates, 2.1; a proof is fresh for ten minutes, one given in person until the day ends.
"""

import hashlib
from datetime import datetime, time, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, bindparam, delete, func, or_, select, update
from sqlalchemy.orm import Session

from registry.accounts import attempts
from registry.base.clock import SHANGHAI
from registry.base.database import BigId, UtcDateTime
from registry.base.detached import Detached
from registry.base.errors import RuleError
from registry.numbers.tables import Authentication, Way
from registry.record import contact_changes

FRESH = timedelta(minutes=10)
FACE_CHECK_LASTS = timedelta(minutes=30)
"""How long the provider's page may take."""
MOST_FACE_CHECKS = 5
"""That one graduate may begin in a day: each costs, and a face that fails five times will again."""


FOR_AUTHORIZING = ""
"""No one act: what she authorizes, as often as she does while the proof holds."""
_NO_SESSION = ""
"""No browser's: what holds for it holds for all of hers."""


class IdentityDocument(StrEnum):
    """What was shown in person."""

    IDENTITY_CARD = "identity_card"
    TEMPORARY_CARD = "temporary_card"
    PASSPORT = "passport"
    TRAVEL_PERMIT = "travel_permit"


DOCUMENT_TITLES = {
    IdentityDocument.IDENTITY_CARD: "居民身份证",
    IdentityDocument.TEMPORARY_CARD: "临时居民身份证",
    IdentityDocument.PASSPORT: "护照",
    IdentityDocument.TRAVEL_PERMIT: "港澳台居民通行证或居住证",
}


UNKNOWN = RuleError("face_check_unknown", "这次人脸核身已经用过或已超时，请重新认证。")


def begin_face(
    session: Session, graduate_id: int, session_hash: str, at: datetime, act: str = FOR_AUTHORIZING
) -> Authentication:
    """Count a face check of hers that is to begin; raise RuleError `face_checks_used_up`.

    With an `act` it proves her for that one and nothing else.

    It is counted before the provider is asked, so that many at once are no more than are allowed:
    `refer` follows, or `give_back`.
    """
    attempts.take_turns(session, [attempts.turn_of("face check", str(graduate_id))])
    _refuse_more_checks(session, graduate_id, at)
    begun = Authentication(
        graduate_id=graduate_id, way=Way.FACE, session_hash=session_hash, begun_at=at, act=act
    )
    session.add(begun)
    session.flush()
    return begun


def refer(session: Session, begun: Authentication, reference: str) -> None:
    """Keep the provider's token for a check that began."""
    session.execute(
        update(Authentication)
        .where(Authentication.id == begun.id)
        .values(reference_hash=_hash(reference))
        .execution_options(synchronize_session=False)
    )


def give_back(session: Session, begun: Authentication) -> None:
    """Take a check back that the provider did not begin: it does not count."""
    session.execute(
        delete(Authentication)
        .where(Authentication.id == begun.id, Authentication.reference_hash.is_(None))
        .execution_options(synchronize_session=False)
    )


def _refuse_more_checks(session: Session, graduate_id: int, at: datetime) -> None:
    begun = select(func.count()).where(
        Authentication.graduate_id == graduate_id,
        Authentication.way == Way.FACE,
        Authentication.begun_at >= _end_of_day(at) - timedelta(days=1),
    )
    if session.scalars(begun).one() >= MOST_FACE_CHECKS:
        sentence = f"今天已经做过 {MOST_FACE_CHECKS} 次人脸核身，请明天再试，或到学校现场办理。"
        raise RuleError("face_checks_used_up", sentence)


def begun_face(
    session: Session, graduate_id: int, session_hash: str, reference: str, at: datetime
) -> Authentication:
    """Return the check she came back from; raise RuleError `face_check_unknown`.

    Another's, another browser's, a finished or an old one is unknown.
    """
    found = session.scalar(
        select(Authentication).where(
            Authentication.graduate_id == graduate_id,
            Authentication.session_hash == session_hash,
            Authentication.reference_hash == _hash(reference),
            Authentication.proved_at.is_(None),
            Authentication.failed_at.is_(None),
            Authentication.begun_at > at - FACE_CHECK_LASTS,
        )
    )
    if found is None:
        raise UNKNOWN
    return found


def end_face(session: Session, begun: Authentication, at: datetime, *, passed: bool) -> bool:
    """Keep what the provider said; return False where the check was ended meanwhile."""
    done = {"proved_at": at, "holds_until": at + FRESH} if passed else {"failed_at": at}
    moved = session.scalar(
        update(Authentication)
        .where(
            Authentication.id == begun.id,
            Authentication.proved_at.is_(None),
            Authentication.failed_at.is_(None),
        )
        .values(done)
        .returning(Authentication.id)
        .execution_options(synchronize_session=False)
    )
    return moved is not None


def record_in_person(
    session: Session, graduate_id: int, document: IdentityDocument, recorded_by: str, at: datetime
) -> Authentication:
    """Keep that staff saw the person and the card; it holds, in any session of hers, today.

    Raises RuleError `own_change` for who changed her phone or unbound her WeChat.
    """
    contact_changes.refuse_own(session, graduate_id, recorded_by)
    seen = Authentication(
        graduate_id=graduate_id,
        way=Way.IN_PERSON,
        document=document,
        recorded_by=recorded_by,
        begun_at=at,
        proved_at=at,
        holds_until=_end_of_day(at),
    )
    session.add(seen)
    session.flush()
    return seen


_NOW = bindparam("at", type_=UtcDateTime())
_READ = Detached(Authentication)
_FRESH = (
    select(*_READ.columns)
    .where(
        Authentication.graduate_id == bindparam("graduate", type_=BigId),
        Authentication.act == FOR_AUTHORIZING,
        Authentication.proved_at <= _NOW,
        Authentication.holds_until > _NOW,
        or_(
            Authentication.session_hash.is_(None),
            Authentication.session_hash == bindparam("session"),
        ),
    )
    .order_by(Authentication.holds_until.desc(), Authentication.id.desc())
    .limit(1)
)
"""Made once: a page of each graduate asks."""


def fresh(
    session: Session, graduate_id: int, session_hash: str, at: datetime
) -> Authentication | None:
    """Return a proof that holds now for this browser session of hers, the longest; else None."""
    values = {"graduate": graduate_id, "session": session_hash, "at": at}
    rows = _READ.read(session, _FRESH, values)
    return rows[0][0] if rows else None


def proves(session: Session, graduate_id: int, session_hash: str, act: str, at: datetime) -> bool:
    """Say whether a face check of this browser session proves her for the one act now."""
    wanted = select(Authentication.id).where(*_of_act(graduate_id, session_hash, act, at))
    return session.scalar(wanted.limit(1)) is not None


def use_up(session: Session, graduate_id: int, session_hash: str, act: str, at: datetime) -> bool:
    """Use up the proof for an act as it is done; say whether there was one."""
    used = session.scalars(
        update(Authentication)
        .where(*_of_act(graduate_id, session_hash, act, at))
        .values(holds_until=at)
        .returning(Authentication.id)
        .execution_options(synchronize_session=False)
    )
    return bool(used.all())


def _of_act(
    graduate_id: int, session_hash: str, act: str, at: datetime
) -> tuple[ColumnElement[bool], ...]:
    return (
        Authentication.graduate_id == graduate_id,
        Authentication.way == Way.FACE,
        Authentication.session_hash == session_hash,
        Authentication.act == act,
        Authentication.proved_at <= at,
        Authentication.holds_until > at,
    )


def in_person_today(session: Session, graduate_id: int, at: datetime) -> Authentication | None:
    """Return the proof given in person that holds now, if there is one."""
    return fresh(session, graduate_id, _NO_SESSION, at)


def _end_of_day(at: datetime) -> datetime:
    tomorrow = at.astimezone(SHANGHAI).date() + timedelta(days=1)
    return datetime.combine(tomorrow, time(), SHANGHAI)


def _hash(reference: str) -> str:
    return hashlib.sha256(reference.encode()).hexdigest()
