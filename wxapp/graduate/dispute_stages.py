"""How far the correction of what she says is wrong has come, where another system makes it."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from registry.interface import pending
from registry.record.own_record import OwnRecord


@dataclass(frozen=True)
class DisputeStage:
    """A step of the correction."""

    title: str
    word: str
    mark: str
    """As the strip of her first page colours it."""


def stages_of(session: Session, own: OwnRecord) -> list[DisputeStage]:
    """Return the steps from her dispute to the next confirmation.

    When the other system is at work is not known here: what it reads and what it sends is.
    """
    read = pending.has_read_dispute(session, own.graduate)
    told = DisputeStage("反映有误", "已提交", "done")
    updated = DisputeStage("更新同步", "1–2 天", "unborn" if read is False else "wait")
    again = DisputeStage("重新确认", "未开始", "unborn")
    if read is None:
        return [told, updated, again]
    taken = DisputeStage("省级接收", "已接收", "done") if read else _NOT_READ
    return [told, taken, updated, again]


_NOT_READ = DisputeStage("省级接收", "待接收", "wait")
