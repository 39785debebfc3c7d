"""What lists of graduates ask of WeChat: who is bound, and of those who follows the account."""

from datetime import date

from sqlalchemy import ColumnElement, and_, exists, or_

from notifier.ledger import bindings
from notifier.ledger.tables import Binding, Follower
from registry.base.day_sql import shanghai_day
from registry.base.errors import RuleError
from registry.record.graduate_filter import Days, Trait, in_days
from registry.record.tables import Graduate

WECHAT = {
    "bound": "已绑定",
    "unbound": "未绑定",
    "following": "已绑定且已关注",
    "not_following": "已绑定未关注",
}


def wechat(value: str) -> Trait:
    """Return one of `WECHAT`; raise RuleError `wechat_unknown` for others."""
    if value not in WECHAT:
        raise RuleError("wechat_unknown", "没有这种绑定状态，请重新选择。", "wechat")
    return Trait("wechat", value, _HOLDS[value])


def bound_within(name: str, days: Days) -> Trait:
    """Return who bound the WeChat she has now within days, as the parameter `name` says."""
    mine = exists().where(bindings.of_graduate(Graduate.id), *in_days(Binding.bound_at, days))
    day = days.first or days.last
    return Trait(name, day.isoformat() if day else "", mine.correlate(Graduate))


def bound_by(day: date) -> Trait:
    """Return who had a WeChat when a day ended, whether she has it now or not."""
    held = exists().where(
        Binding.graduate_id == Graduate.id,
        shanghai_day(Binding.bound_at) <= day,
        or_(Binding.ended_at.is_(None), shanghai_day(Binding.ended_at) > day),
    )
    return Trait("bound_by", day.isoformat(), held.correlate(Graduate))


def bound() -> ColumnElement[bool]:
    """Return the condition that she has a WeChat, apart from any binding the query joins."""
    return exists().where(bindings.of_graduate(Graduate.id)).correlate(Graduate)


def _following() -> ColumnElement[bool]:
    hers = and_(bindings.of_graduate(Graduate.id), Follower.openid == Binding.openid)
    return exists().where(hers, Follower.subscribed).correlate(Graduate)


_HOLDS: dict[str, ColumnElement[bool]] = {
    "bound": bound(),
    "unbound": ~bound(),
    "following": _following(),
    "not_following": and_(bound(), ~_following()),
}
