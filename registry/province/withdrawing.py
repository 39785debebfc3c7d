"""A school takes back a batch that its province has not decided on (撤回上报)."""

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from registry.base.errors import RuleError
from registry.base.written_reason import written_reason
from registry.province.batch_moves import move
from registry.province.batches import Signature, find_batch, note
from registry.province.states import BatchEvent
from registry.record.province_tables import ProvinceBatch, ProvinceEntry
from registry.record.scope import Scope


def withdraw(
    session: Session, scope: Scope, key: str, signed: Signature, reason: str, at: datetime
) -> ProvinceBatch:
    """Take a batch back: who is in it may be changed, and reported again.

    Nobody is told: nothing was filed, and nothing is asked of them. Raises NotFound, RuleError
    `school_only`, `reason_missing`, `reason_too_long`, or `changed_meanwhile` where the province
    has filed or returned it.
    """
    if not scope.whole_school:
        raise RuleError("school_only", "撤回上报由学校办理，请联系学校就业指导中心。")
    batch = find_batch(session, scope, key)
    why = written_reason(reason, "请写明撤回的原因。")
    move(session, batch, BatchEvent.WITHDRAW, signed, why, at)
    session.execute(
        update(ProvinceEntry)
        .where(ProvinceEntry.batch_id == batch.id, ProvinceEntry.standing)
        .values(standing=False)
        .execution_options(synchronize_session=False)
    )
    note(session, batch, signed, "batch_withdrawn", at)
    return batch
