"""The one move of a batch: guarded by its state and by what the mover has seen of it."""

from datetime import datetime

from sqlalchemy.orm import Session

from registry.base import moves
from registry.base.errors import RuleError
from registry.province.batches import Signature
from registry.province.states import BATCH, BatchEvent
from registry.record.province_tables import ProvinceBatch


def move(
    session: Session,
    batch: ProvinceBatch,
    event: BatchEvent,
    signed: Signature,
    reason: str,
    at: datetime,
) -> None:
    """Move a batch, signed; raise RuleError `changed_meanwhile` where it moved before."""
    moved = moves.move(
        session,
        BATCH,
        ProvinceBatch.state,
        event,
        ProvinceBatch.id == batch.id,
        ProvinceBatch.revision == batch.revision,
        revision=ProvinceBatch.revision + 1,
        reason=reason,
        decided_by=signed.by,
        decided_by_name=signed.name,
        decided_at=at,
    )
    if not moved:
        raise RuleError("changed_meanwhile", "这个批次刚刚有变化，请核对最新状态。")
    session.refresh(batch)
