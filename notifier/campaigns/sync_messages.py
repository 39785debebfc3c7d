"""A province's office is told by WeChat that records of its schools come late or were not taken.

Who of the office is told is said on the page of the syncs; only who linked a WeChat can be.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from notifier.binding import colleagues
from notifier.ledger import notices
from notifier.ledger.wording import moment, written
from registry.interface.sync_alarms import SyncAlarm
from registry.interface.sync_health import SyncState

KIND = "sync_alarm"
_REASONS = {
    SyncState.LATE: "超过24小时未同步，请联系省级系统",
    SyncState.FAULTY: "未接收的记录偏多，请核对",
}


def write(session: Session, alarms: Sequence[SyncAlarm], at: datetime) -> None:
    """Write a message for each alarm and each colleague who is to be told."""
    rows = [
        {
            "business_key": f"{alarm.state}:{alarm.schools[0].key}:{staff_id}:{at.timestamp():.3f}",
            "kind": KIND,
            "school_id": alarm.schools[0].id,
            "openid": openid,
            "facts": _said(alarm, at),
        }
        for alarm in alarms
        for staff_id, openid in colleagues.told_of_syncs(session, alarm.province)
    ]
    if rows:
        notices.add(session, rows, at)


def _said(alarm: SyncAlarm, at: datetime) -> str:
    """Return what is said: one school by its name, several by their number."""
    number = len(alarm.schools)
    schools = alarm.schools[0].name if number == 1 else f"{number} 所学校"
    return written(schools=schools, reason=_REASONS[alarm.state], at=moment(at))
