"""A test send of a province's reminder: to a colleague, or to a graduate of a chosen school."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from notifier.binding import colleagues
from notifier.campaigns import province_reminders, test_send
from notifier.campaigns.province_reminders import Acting
from notifier.campaigns.test_send import Trial
from notifier.ledger.tables import Message, ProvinceReminder
from registry.accounts import audit
from registry.accounts.audit import AuditRecord
from registry.accounts.school_tables import School
from registry.base.errors import RuleError
from registry.record.scope import Scope, those_in_province


def send(session: Session, acting: Acting, key: str, school: str, student_number: str) -> str:
    """Write a test send for a graduate of a school of the reminder; return its client_msg_id.

    `school` is a key. Raises RuleError `school_missing`, and as `test_send.send` does.
    """
    reminder = province_reminders.find(session, acting.province, key)
    trial = _trial(session, reminder, [school])
    ident = test_send.try_on_graduate(session, trial, student_number, at=acting.at)
    _note(session, acting, reminder)
    return ident


def send_to_colleague(session: Session, acting: Acting, key: str, staff_key: str) -> str:
    """Write a test send for a colleague of the province, as a school's would be.

    Returns and raises as `test_send.send_to_colleague` does.
    """
    reminder = province_reminders.find(session, acting.province, key)
    openid = colleagues.wechat_in_province(session, acting.province, staff_key)
    trial = _trial(session, reminder, reminder.schools)
    ident = test_send.try_on_colleague(session, trial, staff_key, openid, at=acting.at)
    _note(session, acting, reminder)
    return ident


def schools_of(session: Session, reminder: ProvinceReminder) -> list[tuple[str, str]]:
    """Return key and name of the schools of a reminder, by code."""
    found = those_in_province(session, reminder.province, reminder.schools)
    return [(each.key, each.name) for each in found]


def _trial(session: Session, reminder: ProvinceReminder, schools: list[str]) -> Trial:
    chosen = [each for each in schools if each in set(reminder.schools)]
    found = those_in_province(session, reminder.province, chosen)
    if not found:
        raise RuleError("school_missing", "请选择试发的学校。", "school")
    scope = Scope(found[0].id, province=reminder.province)
    return Trial(f"drive{reminder.id}", scope, reminder)


def _note(session: Session, acting: Acting, reminder: ProvinceReminder) -> None:
    said = {"province": reminder.province}
    record = AuditRecord(acting.by, "drive_probe", f"drive:{reminder.key}", None, said)
    audit.note(session, record, acting.at)


def found(session: Session, province: str, client_msg_id: str) -> Message | None:
    """Return a test send to a school of the province, with its state; None for other messages."""
    return session.scalar(
        select(Message)
        .join(School, School.id == Message.school_id)
        .where(
            Message.client_msg_id == client_msg_id,
            School.province == province,
            test_send.IS_TEST_SEND,
        )
    )
