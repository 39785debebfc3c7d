"""Reasons for returning that a school or a province keeps, used again by all its reviewers."""

from datetime import datetime
from functools import lru_cache

from sqlalchemy import ColumnElement, Select, delete, select
from sqlalchemy.orm import Session

from registry.base.database import insert_new, random_key
from registry.base.detached import read_rows
from registry.base.errors import NotFound, RuleError
from registry.base.written_reason import written_reason
from registry.record.scope import MADE, Scope, made_for
from registry.review.states import Purpose
from registry.review.tables import ReviewReason

MOST = 50
SHIPPED = (
    "单位名称与材料不一致，请按材料填写全称",
    "统一社会信用代码与单位名称不符，请核对后修改",
    "毕业去向类别与材料不符，请重新选择",
    "材料不清晰或不完整，请重新上传",
    "材料没有盖章或签字，请补齐后重新上传",
    "单位所在地与材料不一致，请核对后修改",
    "档案转递单位、地址或收件人不完整，请补充",
    "户口迁转地址有误，请核对后修改",
)
"""What registrations are returned for most, offered before anybody has kept a reason."""


def reasons(session: Session, scope: Scope) -> list[ReviewReason]:
    """Return the reasons of the school, or of the province that looks, oldest first."""
    mine = select(ReviewReason).where(_own(scope))
    return list(session.scalars(mine.order_by(ReviewReason.id)))


def offered(session: Session, scope: Scope, purpose: Purpose) -> list[str]:
    """Return the reasons to choose from: those kept first, then those that ship."""
    made, values = made_for(scope)
    kept = [text for (text,) in read_rows(session, _texts(made), values)]
    shipped = SHIPPED if purpose is Purpose.REGISTER else ()
    return [*kept, *(each for each in shipped if each not in kept)]


@lru_cache(MADE)
def _texts(scope: Scope) -> Select[str]:
    return select(ReviewReason.text).where(_own(scope)).order_by(ReviewReason.id)


def _own(scope: Scope) -> ColumnElement[bool]:
    if scope.province:
        return ReviewReason.province == scope.province
    return ReviewReason.school_id == scope.school_id


def add(session: Session, scope: Scope, text: str, by: str, at: datetime) -> str:
    """Keep a reason, and return it; one that is kept already stays.

    Raises RuleError `reason_missing`, `reason_too_long` or `too_many_reasons`.
    """
    kept = written_reason(text, "请写下要保存的退回原因。")
    if len(reasons(session, scope)) >= MOST:
        raise RuleError("too_many_reasons", f"最多保存 {MOST} 条，请先删除不用的。", "reason")
    owner = {"province": scope.province} if scope.province else {"school_id": scope.school_id}
    row = {"key": random_key(), "text": kept, **owner}
    session.execute(insert_new(session, ReviewReason).values(**row, created_by=by, created_at=at))
    return kept


def remove(session: Session, scope: Scope, key: str) -> str:
    """Forget a reason, and return it; raise NotFound for another's."""
    mine = (_own(scope), ReviewReason.key == key)
    gone: str | None = session.scalar(
        delete(ReviewReason).where(*mine).returning(ReviewReason.text)
    )
    if gone is None:
        raise NotFound("原因")
    return gone
