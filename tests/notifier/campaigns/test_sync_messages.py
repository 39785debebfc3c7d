"""A province's office hears of a late sync by WeChat: once, and anew when it came back."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from notifier.binding import colleagues
from notifier.campaigns import sync_messages
from notifier.ledger import kinds, wording
from notifier.ledger.tables import Message
from registry.accounts.tables import Role, Staff
from registry.interface import sync_alarms, sync_days
from tests.clock import StandingClock
from tests.wxapp.school.records import Campus, open_campus


@pytest.fixture
def synced(session: Session, clock: StandingClock) -> Campus:
    """Give a school whose records came once from its province's own system."""
    campus = open_campus(session, clock())
    campus.school.correction_system = "省级就业系统"
    push(campus, clock)
    return campus


@pytest.fixture
def office(synced: Campus, clock: StandingClock) -> Staff:
    """Give somebody of the province's office who linked a WeChat."""
    staff = synced.staff(Role.PROVINCE)
    colleagues.link(synced.session, staff, "o-office", clock())
    return staff


def push(campus: Campus, clock: StandingClock, outcome: str = "updated", rows: int = 1) -> None:
    sync_days.count(campus.session, [(campus.school.id, outcome)] * rows, clock())
    campus.session.expire_all()


def look(campus: Campus, clock: StandingClock) -> None:
    alarms = sync_alarms.tell(campus.session, clock())
    sync_messages.write(campus.session, alarms, clock())


def told(campus: Campus) -> list[tuple[str | None, dict[str, str]]]:
    """Return to whom each message goes, and its card."""
    kind, school = kinds.kinds()[sync_messages.KIND], campus.school.name
    rows = campus.session.scalars(select(Message).order_by(Message.id))
    return [(each.openid, kind.render(wording.values(school, {}, each.facts))) for each in rows]


def test_a_late_sync_is_told_once_and_anew_when_it_came_back(
    synced: Campus, office: Staff, clock: StandingClock
) -> None:
    clock.move(timedelta(hours=25))
    look(synced, clock)
    look(synced, clock)
    ((openid, card),) = told(synced)
    assert openid == "o-office"
    assert card["审核事项"] == f"{synced.school.name}接口同步"
    assert card["原因"] == "超过24小时未同步，请联系省级系统"
    push(synced, clock)
    look(synced, clock)
    push(synced, clock, "rejected", 20)
    look(synced, clock)
    assert [card["原因"] for _, card in told(synced)] == [
        "超过24小时未同步，请联系省级系统",
        "未接收的记录偏多，请核对",
    ]


def test_several_schools_are_one_message(
    synced: Campus, office: Staff, clock: StandingClock
) -> None:
    second = open_campus(synced.session, clock(), "10001")
    second.school.correction_system = "省级就业系统"
    push(second, clock)
    clock.move(timedelta(hours=25))
    look(synced, clock)
    ((_, card),) = told(synced)
    assert card["审核事项"] == "2 所学校接口同步"


def test_who_is_not_chosen_is_not_told_nor_is_another_province(
    synced: Campus, office: Staff, clock: StandingClock
) -> None:
    elsewhere, chosen = synced.staff(Role.PROVINCE), synced.staff(Role.PROVINCE)
    elsewhere.province = "110000"
    for number, staff in enumerate((elsewhere, chosen)):
        colleagues.link(synced.session, staff, f"o-{number}", clock())
    colleagues.choose_alarmed(synced.session, "370000", [chosen.key, elsewhere.key])
    people = colleagues.choices_of_alarms(synced.session, "370000")
    assert {each.key: each.told for each in people} == {office.key: False, chosen.key: True}
    clock.move(timedelta(hours=25))
    look(synced, clock)
    assert [openid for openid, _ in told(synced)] == ["o-1"]


def test_nobody_linked_is_nobody_told(synced: Campus, clock: StandingClock) -> None:
    synced.staff(Role.PROVINCE)
    clock.move(timedelta(hours=25))
    look(synced, clock)
    assert told(synced) == []
