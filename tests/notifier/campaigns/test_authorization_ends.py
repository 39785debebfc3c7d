"""She is told 15 and 3 days before her authorization ends: once each, and again when extended."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from notifier.campaigns import authorization_ends
from notifier.campaigns.authorization_ends import write_due
from notifier.ledger import kinds, wording
from notifier.ledger.tables import Message
from registry.base.clock import SHANGHAI
from registry.numbers.service import Validity
from registry.numbers.shape import Kind
from registry.numbers.verification import authorize
from tests.clock import StandingClock
from tests.registry.numbers.office import Case, a_case

QUARTER_DAYS = 92
"""1 July to 1 October."""


@pytest.fixture
def case(session: Session, clock: StandingClock) -> Case:
    clock.set(clock().replace(year=2026, month=7, day=1, hour=4))
    case = a_case(session, clock)
    case.report()
    case.confirm()
    case.prove()
    return case


def _told(case: Case) -> Sequence[Message]:
    write_due(case.session, case.clock())
    return case.session.scalars(select(Message).order_by(Message.id)).all()


def _days_before_the_end(case: Case, days: int) -> None:
    case.clock.move(timedelta(days=QUARTER_DAYS - days))


def test_she_is_told_on_the_fifteenth_and_the_third_day_before(case: Case) -> None:
    case.authorize(validity=Validity.QUARTER)
    counts = []
    _days_before_the_end(case, 16)
    for _ in range(18):
        counts.append(len(_told(case)))
        case.clock.move(timedelta(days=1))
    assert counts == [0, *[1] * 12, *[2] * 5]


def test_however_often_it_is_looked_she_is_told_once(case: Case) -> None:
    case.authorize(validity=Validity.QUARTER)
    _days_before_the_end(case, 15)
    assert write_due(case.session, case.clock()) == 1
    assert write_due(case.session, case.clock()) == 0


def test_the_message_says_what_ends_when_and_what_to_do(case: Case) -> None:
    case.authorize(Kind.HOUSEHOLD, Validity.QUARTER)
    _days_before_the_end(case, 15)
    (message,) = _told(case)
    card = kinds.kinds()[message.kind].render(wording.values("示范大学", {}, message.facts))
    assert card == {
        "授权事项": "户口去向核验授权",
        "当前状态": "即将到期",
        "到期时间": "2026年10月1日 23:59",
        "温馨提示": "到期后接收单位查不到，可点开延长",
    }


@pytest.mark.parametrize(
    ("month", "last", "said"),
    [
        (
            "202606",
            datetime(2026, 12, 31, tzinfo=SHANGHAI),
            "服务到期不能延长，可由学校转递编号核验",
        ),
        ("202612", datetime(2027, 6, 30, tzinfo=SHANGHAI), "核验服务到期，之后不能再延长"),
    ],
)
def test_at_the_end_of_the_service_nothing_is_offered_to_be_extended(
    case: Case, month: str, last: datetime, said: str
) -> None:
    case.graduate.graduation_month = month
    case.session.flush()
    case.authorize(validity=Validity.SERVICE)
    case.clock.set(last.replace(hour=12) - timedelta(days=15))
    (message,) = _told(case)
    card = kinds.kinds()[message.kind].render(wording.values("示范大学", {}, message.facts))
    assert card["温馨提示"] == said


def test_nobody_is_told_before_ten_in_the_morning(case: Case) -> None:
    case.authorize(validity=Validity.QUARTER)
    _days_before_the_end(case, 15)
    case.clock.set(case.clock().replace(hour=0))
    (message,) = _told(case)
    assert message.next_at.astimezone(SHANGHAI).hour == 10


def test_what_was_extended_is_told_of_again_before_its_new_end(case: Case) -> None:
    case.authorize(validity=Validity.MONTH)
    case.clock.move(timedelta(days=16))
    assert len(_told(case)) == 1
    authorize.extend(case.session, case.asked, Kind.FILE, Validity.QUARTER)
    assert len(_told(case)) == 1
    case.clock.move(timedelta(days=QUARTER_DAYS - 15))
    assert len(_told(case)) == 2


@pytest.mark.parametrize("how", ["revoked", "changed", "over"])
def test_nobody_is_told_of_what_is_no_more_in_force(case: Case, how: str) -> None:
    case.authorize(validity=Validity.QUARTER)
    _days_before_the_end(case, 15 if how != "over" else -1)
    if how == "revoked":
        authorize.revoke(case.session, case.asked, Kind.FILE)
    elif how == "changed":
        case.report(category="80", unit_name="东湖理工大学")
        case.session.info.clear()
    assert _told(case) == []


def test_a_week_just_chosen_is_not_told_of_as_if_it_had_been_forgotten(case: Case) -> None:
    case.authorize(validity=Validity.WEEK)
    assert _told(case) == []
    case.clock.move(timedelta(days=4))
    assert len(_told(case)) == 1


def test_many_at_once_leave_at_a_pace(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(authorization_ends, "PACE", 1)
    monkeypatch.setattr(authorization_ends, "CHUNK", 1)
    case.authorize(Kind.FILE, Validity.QUARTER)
    case.authorize(Kind.HOUSEHOLD, Validity.QUARTER)
    _days_before_the_end(case, 15)
    first, second = _told(case)
    assert second.next_at - first.next_at == timedelta(seconds=1)
