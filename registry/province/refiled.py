"""Whose destination is no longer what the province has filed of her."""

from sqlalchemy import ColumnElement, exists, or_

from registry.province.states import BatchState
from registry.record.province_tables import ProvinceBatch, ProvinceEntry
from registry.record.tables import Graduate


def changed_after_filing() -> ColumnElement[bool]:
    """Return the condition that what is in force is another version than what was filed of her.

    She was filed where the lock holds, or was given back from a filed batch; who was changed
    before the filing was not. Correlated to `Graduate`.
    """
    newer = exists().where(
        ProvinceEntry.graduate_id == Graduate.id,
        ProvinceBatch.id == ProvinceEntry.batch_id,
        ProvinceBatch.state == BatchState.FILED,
        or_(ProvinceEntry.locked, ProvinceEntry.returned_at.is_not(None)),
        ProvinceEntry.registration_id != Graduate.registration_id,
    )
    return newer.correlate(Graduate)
