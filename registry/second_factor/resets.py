"""A second factor taken off by two people: one asks with a reason, another decides.

Both are of those who look after the account (the school's administrators), or of its province, or
operators: where a school has one administrator, its province and the operators help. An employer's
are helped by the school that registered it. Whoever lost the phone is never one of the two, and an
account made for the purpose does neither.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, false, or_, select, true
from sqlalchemy.orm import Session, aliased

from registry.accounts import members, staff_notices
from registry.accounts import staff as staff_rules
from registry.accounts.employer_tables import Employer
from registry.accounts.school_tables import School
from registry.accounts.staff_notices import NoticeKind
from registry.accounts.tables import Role, Staff
from registry.base import moves
from registry.base.errors import NotFound, RuleError
from registry.base.paging import Page, Place, nearest, turned
from registry.base.text import clean
from registry.second_factor import factor
from registry.second_factor.states import RESET, ResetEvent, ResetState
from registry.second_factor.tables import REASON_LENGTH, FactorReset

GOOD_FOR = timedelta(days=3)
"""How long a request may be decided."""
SEASONED = timedelta(days=1)
"""How long an account must have been there before it asks or decides."""
ROLES = (Role.SCHOOL, Role.PROVINCE, Role.OPERATOR)
"""Who asks and decides."""

DECISIONS = (ResetEvent.APPROVE, ResetEvent.REFUSE)


class OpenReset(NamedTuple):
    """A request that waits, as those see it who may decide."""

    key: str
    name: str
    login: str
    role: str
    school: str | None
    reason: str
    asked_by: str
    asked_by_id: int
    asked_at: datetime


def reach(me: Staff) -> ColumnElement[bool]:
    """Return whose second factor somebody may ask to reset, or decide about: never their own."""
    return (Staff.id != me.id) & or_(members.circle(me), _from_above(me))


def _from_above(me: Staff) -> ColumnElement[bool]:
    if me.role == Role.OPERATOR:
        return true()
    if me.role == Role.PROVINCE:
        theirs = select(School.id).where(School.province == me.province)
        return Staff.school_id.in_(theirs)
    if me.role == Role.SCHOOL:
        registered = select(Employer.id).where(Employer.school_id == me.school_id)
        return Staff.employer_id.in_(registered)
    return false()


def waiting(session: Session, me: Staff, place: Place, at: datetime) -> Page[OpenReset]:
    """Return the requests that wait within somebody's reach, the oldest first."""
    asker = aliased(Staff)
    start = select(FactorReset.id).where(FactorReset.key == (place.before or place.after))
    wanted = (
        select(
            *(FactorReset.key, Staff.name, Staff.login, Staff.role, School.name),
            *(FactorReset.reason, asker.name, asker.id, FactorReset.asked_at),
        )
        .join(Staff, Staff.id == FactorReset.staff_id)
        .join(asker, asker.id == FactorReset.asked_by_id)
        .outerjoin(School, School.id == Staff.school_id)
        .where(reach(me), _open(at))
    )
    found = session.execute(nearest(wanted, FactorReset.id, start.scalar_subquery(), place))
    return turned((OpenReset(*row) for row in found), place)


def ask(session: Session, me: Staff, login: str, reason: str, at: datetime) -> Staff:
    """Ask for the second factor of an account to be taken off; return whose.

    Raises RuleError `account_too_new`, `reason_missing`, `reason_too_long`, `no_such_login` (none
    within reach), `factor_is_off`, `reset_waits`.
    """
    check_seasoned(me, at)
    why = _checked_reason(reason)
    found = session.scalar(
        select(Staff).where(reach(me), Staff.login == staff_rules.normalised(login))
    )
    if found is None:
        sentence = "没有这个账号，或不在您可以办理的范围内。请核对登录名；本人不能为自己申请。"
        raise RuleError("no_such_login", sentence, "login")
    staff_rules.lock(session, found.id)
    if found.second_factor_since is None:
        raise RuleError("factor_is_off", "这个账号没有开启二次验证，不需要重置。", "login")
    if session.scalar(select(FactorReset.id).where(FactorReset.staff_id == found.id, _open(at))):
        raise RuleError("reset_waits", "这个账号已有一份申请待批准。", "login")
    row = FactorReset(
        staff_id=found.id,
        asked_by_id=me.id,
        reason=why,
        state=RESET.start,
        asked_at=at,
    )
    session.add(row)
    _tell(session, me, found, at)
    return found


def _tell(session: Session, me: Staff, owner: Staff, at: datetime) -> None:
    """Tell the owner, who may know nothing of it, and those who may decide."""
    staff_notices.tell_each(session, [owner.id], NoticeKind.RESET_ASKED, {"by": me.name}, at)
    told = {"by": me.name, "name": owner.name}
    heads = members.caretakers(session, owner, but=[me.id])
    staff_notices.tell_each(session, heads, NoticeKind.RESET_WAITS, told, at)


def check_seasoned(me: Staff, at: datetime) -> None:
    """Refuse an account that somebody may have made only to be the second person.

    Raises RuleError `account_too_new`.
    """
    if me.created_at > at - SEASONED:
        raise RuleError("account_too_new", "您的账号建立还不满一天，请由其他同事或上级办理。")


def _checked_reason(text: str) -> str:
    reason = clean(text)
    if not reason:
        sentence = "请填写原因，例如：本人来电，手机遗失，已核实身份。"
        raise RuleError("reason_missing", sentence, "reason")
    if len(reason) > REASON_LENGTH:
        raise RuleError("reason_too_long", f"原因最多 {REASON_LENGTH} 个字，请改短。", "reason")
    return reason


def decide(session: Session, me: Staff, key: str, decision: ResetEvent, at: datetime) -> Staff:
    """Approve or refuse a request of somebody else; return whose reset it asked for.

    An approval takes the second factor off, ends every session of its owner, and tells them.
    Raises NotFound, RuleError `own_request`, `account_too_new`, `reset_over`.
    """
    row = _find(session, me, key)
    if row.asked_by_id == me.id:
        raise RuleError("own_request", "您是申请人，请由另一位同事或上级批准。")
    check_seasoned(me, at)
    owner = _settle(session, me, row, decision, at)
    if decision is ResetEvent.APPROVE:
        factor.turn_off(session, owner)
        told = {"asked_by": session.get_one(Staff, row.asked_by_id).name, "by": me.name}
        staff_notices.tell(session, owner.id, NoticeKind.FACTOR_RESET, told, at)
    return owner


def withdraw(session: Session, me: Staff, key: str, at: datetime) -> Staff:
    """Take one's own request back; return whose reset it asked for. Raises as `decide` does."""
    row = _find(session, me, key)
    if row.asked_by_id != me.id:
        raise RuleError("not_own_request", "只有申请人可以撤回申请。")
    return _settle(session, me, row, ResetEvent.WITHDRAW, at)


def by_command(session: Session, staff: Staff, at: datetime) -> bool:
    """Take a second factor off from the host's own command line; say whether there was one."""
    gone = factor.turn_off(session, staff)
    if gone:
        staff_notices.tell(session, staff.id, NoticeKind.FACTOR_RESET_BY_HOST, {}, at)
    return gone


def lapse_old(session: Session, at: datetime) -> None:
    """Let requests lapse that nobody decided."""
    old = FactorReset.asked_at <= at - GOOD_FOR
    moves.move(session, RESET, FactorReset.state, ResetEvent.LAPSE, old, decided_at=at)


def _find(session: Session, me: Staff, key: str) -> FactorReset:
    wanted = select(FactorReset).join(Staff, Staff.id == FactorReset.staff_id)
    found = session.scalar(wanted.where(reach(me), FactorReset.key == key))
    if found is None:
        raise NotFound("申请")
    return found


def _settle(
    session: Session, me: Staff, row: FactorReset, event: ResetEvent, at: datetime
) -> Staff:
    those = (FactorReset.id == row.id, FactorReset.asked_at > at - GOOD_FOR)
    done = {"decided_by_id": me.id, "decided_at": at}
    if not moves.move(session, RESET, FactorReset.state, event, *those, **done):
        raise RuleError("reset_over", "这份申请已经办理、撤回或过期，请刷新页面。")
    return session.get_one(Staff, row.staff_id)


def _open(at: datetime) -> ColumnElement[bool]:
    return (FactorReset.state == ResetState.ASKED) & (FactorReset.asked_at > at - GOOD_FOR)
