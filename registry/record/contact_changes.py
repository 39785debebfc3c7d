"""Changes of how a graduate is reached: who may bind meanwhile, who may act for her, her objection.

Whoever can change her phone or identity number, end her binding, or make a record in her name could
otherwise become her: the code of a binding goes to the new phone. So the next binding of either
record waits a day or for a second member of staff, who made a change proves nothing for her, and
what she objects to stops her authorizations until somebody else has looked. A first phone of her
only record is no change.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from operator import attrgetter

from sqlalchemy import ColumnElement, Select, and_, exists, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from registry.accounts.tables import AuditEntry, Staff
from registry.base.database import one_of
from registry.base.errors import NotFound, RuleError
from registry.base.moves import move
from registry.record.contact_states import (
    CONTACT_CHANGE,
    NOTICE,
    ContactEvent,
    ContactState,
    NoticeEvent,
)
from registry.record.contact_tables import ContactChange, ContactKind
from registry.record.scope import Scope, within
from registry.record.tables import Graduate

WAIT = timedelta(hours=24)
"""How long the next binding waits, so that she has time to object."""
KEPT_FOR = timedelta(days=30)
"""How long the phone and the WeChat from before are kept, and how long she can object."""
LOOKED_BACK = timedelta(days=30)
"""So long ago nobody who made a change may have touched the account of who judges it."""

_STANDS = ContactChange.state == ContactState.STANDING
_OWN_CHANGE = "这项变更由您办理，须由另一位老师办理。"


def waits(
    graduate_id: InstrumentedAttribute[int] | ColumnElement[int], at: datetime
) -> ColumnElement[bool]:
    """Return the condition that no WeChat may be bound to a record now."""
    mine = or_(ContactChange.graduate_id == graduate_id, ContactChange.other_id == graduate_id)
    return exists().where(mine, _waits(at))


def waiting(
    session: Session, graduate_ids: Sequence[int], at: datetime
) -> dict[int, datetime | None]:
    """Return the records that no WeChat may be bound to now, with until when.

    None where she objected: until somebody has looked.
    """
    columns = (ContactChange.state, ContactChange.waits_until)
    rows = [
        row
        for column in (ContactChange.graduate_id, ContactChange.other_id)
        for row in session.execute(
            select(column.label("whose"), *columns).where(
                one_of(session, column, graduate_ids), _waits(at)
            )
        )
    ]
    rows.sort(key=attrgetter("waits_until"))
    found: dict[int, datetime | None] = {row.whose: row.waits_until for row in rows}
    objected = [row.whose for row in rows if row.state == ContactState.OBJECTED]
    return found | dict.fromkeys(objected)


def _waits(at: datetime) -> ColumnElement[bool]:
    still = and_(
        ContactChange.state == ContactState.STANDING,
        ContactChange.waits_until > at,
        ContactChange.released_at.is_(None),
    )
    return or_(ContactChange.state == ContactState.OBJECTED, still)


def refuse_objected(session: Session, graduate_id: int) -> None:
    """Raise RuleError `under_objection` while somebody has to look at what she objected to."""
    found = select(ContactChange.id).where(_of_person(graduate_id), _is_objected())
    if session.scalar(found.limit(1)) is not None:
        sentence = "您对身份或绑定信息的变更提出了异议，学校核实之后才能办理授权。"
        raise RuleError("under_objection", sentence)


def objected(session: Session, graduate_ids: Sequence[int]) -> set[int]:
    """Return those of the records that have an objection somebody has to look at."""
    return {
        each
        for column in (ContactChange.graduate_id, ContactChange.other_id)
        for each in session.scalars(
            select(column).where(one_of(session, column, graduate_ids), _is_objected())
        )
        if each is not None
    }


def refuse_own(session: Session, graduate_id: int, actor: str) -> None:
    """Raise RuleError `own_change` for who made any such change of hers, ever."""
    made = select(ContactChange.id).where(
        _of_person(graduate_id),
        ContactChange.made_by == actor,
        ContactChange.state != ContactState.TAKEN_BACK,
    )
    if session.scalar(made.limit(1)) is not None:
        sentence = "您更改过这位毕业生的身份或绑定信息，不能再为其现场认证，请由另一位老师办理。"
        raise RuleError("own_change", sentence)


def find(session: Session, scope: Scope, graduate_key: str, key: str) -> ContactChange:
    """Return a change of a graduate within the scope, locked; raise NotFound for any other."""
    either = (ContactChange.graduate_id, ContactChange.other_id)
    found = session.scalar(
        select(ContactChange)
        .join(Graduate, Graduate.id.in_(either))
        .where(within(scope), Graduate.key == graduate_key, ContactChange.key == key)
        .with_for_update(of=ContactChange)
    )
    if found is None:
        raise NotFound("变更")
    return found


def release(
    session: Session, change: ContactChange, staff: Staff, reason: str, at: datetime
) -> bool:
    """Let a WeChat be bound to the record before its waits are over; say whether any was on.

    All changes of the record are released with one, and of the other that it names. Raises
    RuleError as `refuse_partial` does.
    """
    either = [each for each in (change.graduate_id, change.other_id) if each is not None]
    standing = (
        or_(ContactChange.graduate_id.in_(either), ContactChange.other_id.in_(either)),
        ContactChange.state == ContactState.STANDING,
        ContactChange.released_at.is_(None),
        ContactChange.waits_until > at,
    )
    for each in session.scalars(select(ContactChange).where(*standing)).all():
        refuse_partial(session, each, staff, at)
    released = session.scalars(
        update(ContactChange)
        .where(*standing)
        .values(released_by=staff.actor, released_at=at, release_reason=reason)
        .returning(ContactChange.id)
        .execution_options(synchronize_session=False)
    )
    return bool(released.all())


def refuse_partial(session: Session, change: ContactChange, staff: Staff, at: datetime) -> None:
    """Raise RuleError where somebody is not the second person that four eyes want.

    `own_change` for who made it, `account_too_new` for an account that was made after it, or the
    day before, and `account_touched` where who made it has lately changed this account: they may
    know its password.
    """
    if change.made_by == staff.actor:
        raise RuleError("own_change", _OWN_CHANGE)
    if staff.created_at > change.made_at - WAIT:
        raise RuleError("account_too_new", "您的账号是新建的，须由其他老师办理。")
    touched = select(AuditEntry.id).where(
        AuditEntry.school_id == staff.school_id,
        AuditEntry.subject == staff.actor,
        AuditEntry.actor == change.made_by,
        AuditEntry.at > at - LOOKED_BACK,
    )
    if session.scalar(touched.limit(1)) is not None:
        sentence = "更改的老师近期设置过您的账号，须由其他老师办理。"
        raise RuleError("account_touched", sentence)


def object_to(session: Session, change_id: int, words: str, at: datetime) -> bool:
    """Keep that she did not want a change; say whether it was not kept before."""
    objecting = {"objected_at": at, "objection": words}
    those = (ContactChange.id == change_id, ContactChange.made_at > at - KEPT_FOR)
    return bool(_move(session, ContactEvent.OBJECT, *those, **objecting))


def judge(
    session: Session,
    change: ContactChange,
    staff: Staff,
    reason: str,
    at: datetime,
    *,
    upheld: bool,
) -> bool:
    """Keep what somebody decided on an objection; say whether it was open.

    Raises RuleError as `refuse_partial` does.
    """
    refuse_partial(session, change, staff, at)
    event = ContactEvent.UPHOLD if upheld else ContactEvent.DISMISS
    decided = {"decided_by": staff.actor, "decided_at": at, "decision_reason": reason}
    return bool(_move(session, event, ContactChange.id == change.id, **decided))


def take_back(session: Session, ids: Sequence[int]) -> None:
    """End standing changes that were put back as before; nobody need be told of them."""
    those = one_of(session, ContactChange.id, ids)
    back = _move(session, ContactEvent.TAKE_BACK, those)
    move(
        session,
        NOTICE,
        ContactChange.notice_state,
        NoticeEvent.DROP,
        one_of(session, ContactChange.id, back),
    )


def naming(session: Session, others: Sequence[int]) -> Sequence[str]:
    """Return the keys of standing changes that name these records."""
    named = (one_of(session, ContactChange.other_id, others), _STANDS)
    return session.scalars(select(ContactChange.key).where(*named)).all()


def take_back_of(session: Session, others: Sequence[int]) -> None:
    """End standing changes that name records which are to be removed."""
    named = select(ContactChange.id).where(
        one_of(session, ContactChange.other_id, others),
        _STANDS,
    )
    take_back(session, session.scalars(named).all())


def take_over(session: Session, before: str, openid: str) -> None:
    """Let a WeChat identity find what was done to what another was bound to: both are one's."""
    session.execute(
        update(ContactChange)
        .where(ContactChange.openid == before)
        .values(openid=openid)
        .execution_options(synchronize_session=False)
    )


def earlier_phone(graduate_id: int, at: datetime) -> Select[str | None, str | None]:
    """Return the query of the phone from before a change that somebody made lately."""
    return (
        select(ContactChange.phone_sealed, ContactChange.phone_index)
        .where(
            ContactChange.graduate_id == graduate_id,
            ContactChange.kind == ContactKind.PHONE,
            ContactChange.state.in_([ContactState.STANDING, ContactState.OBJECTED]),
            ContactChange.made_at > at - KEPT_FOR,
            ContactChange.phone_sealed.is_not(None),
        )
        .order_by(ContactChange.id)
        .limit(1)
    )


def forget_old(session: Session, at: datetime) -> None:
    """Forget phones, numbers and WeChats from before, a month later; who did what stays."""
    session.execute(
        update(ContactChange)
        .where(
            ContactChange.made_at <= at - KEPT_FOR,
            ~_is_objected(),
            or_(*(each.is_not(None) for each in _FORGOTTEN)),
        )
        .values(dict.fromkeys([*_FORGOTTEN, *_FORGOTTEN_TOO]))
        .execution_options(synchronize_session=False)
    )


_FORGOTTEN = (ContactChange.phone_sealed, ContactChange.identity_sealed, ContactChange.openid)
_FORGOTTEN_TOO = (ContactChange.phone_index, ContactChange.identity_index, ContactChange.link_hash)


def _move(
    session: Session, event: ContactEvent, *those: ColumnElement[bool], **values: object
) -> Sequence[int]:
    return move(session, CONTACT_CHANGE, ContactChange.state, event, *those, **values)


def _is_objected() -> ColumnElement[bool]:
    return ContactChange.state == ContactState.OBJECTED


def _of_person(graduate_id: int) -> ColumnElement[bool]:
    """Return the condition that a change is of a record, or of another of hers at the school."""
    hers, other = aliased(Graduate), aliased(Graduate)
    records = (
        select(other.id)
        .join(hers, and_(hers.school_id == other.school_id))
        .where(
            hers.id == graduate_id,
            or_(
                other.id == hers.id,
                and_(other.identity_index == hers.identity_index, hers.identity_index != ""),
            ),
        )
    )
    return ContactChange.graduate_id.in_(records)
