"""Of a season's last day everybody who has not confirmed is reminded, once on each of its days."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select, update

from notifier.campaigns import automatic_reminders, campaigns, expansion
from notifier.campaigns.automatic_reminders import REMINDERS
from notifier.ledger import graduate_inbox, kinds, states, wording
from notifier.ledger.tables import Campaign
from registry.base.clock import SHANGHAI
from registry.record.confirmation.states import ConfirmationState
from registry.record.tables import Graduate
from registry.review import states as review
from registry.review.seasons import SeasonRules, set_season
from registry.review.states import LEVEL_CHOICES
from registry.review.tables import Application
from tests.notifier.conftest import PEOPLE
from tests.notifier.stage import AT, YEAR, Stage

LAST = date(YEAR, 6, 30)


def rule(stage: Stage, **about: object) -> None:
    """Set the rules of the school's year, which closes on 30 June."""
    rules = SeasonRules(YEAR, LEVEL_CHOICES[0], None, LAST)
    with stage.resources.sessions.begin() as session:
        wanted = SeasonRules(**{**rules.__dict__, **about})
        set_season(session, stage.scope.school_id, wanted, "test", AT)


def noon(days_before: int, last: date = LAST) -> datetime:
    day = last - timedelta(days=days_before)
    return datetime(day.year, day.month, day.day, 12, tzinfo=SHANGHAI).astimezone(UTC)


def plan(stage: Stage, at: datetime) -> int:
    with stage.resources.sessions.begin() as session:
        return automatic_reminders.plan(session, at)


def planned(stage: Stage) -> list[Campaign]:
    with stage.resources.readers.begin() as session:
        return list(session.scalars(select(Campaign).order_by(Campaign.id)))


def test_it_reminds_on_four_days_and_on_no_other(stage: Stage) -> None:
    rule(stage)
    made = {days: plan(stage, noon(days)) for days in range(20, -3, -1)}
    assert [days for days, number in made.items() if number] == [14, 7, 3, 1]
    assert [each.title for each in planned(stage)] == [
        f"截止前 {days} 天自动提醒（6月30日截止）" for days in (14, 7, 3, 1)
    ]


def test_a_year_nobody_set_rules_for_closes_on_31_august(stage: Stage) -> None:
    assert plan(stage, noon(15, date(YEAR, 8, 31))) == 0
    assert plan(stage, noon(14, date(YEAR, 8, 31))) == 1


def test_what_was_missed_is_done_later_and_never_beside_the_next(stage: Stage) -> None:
    rule(stage)
    assert [plan(stage, noon(days)) for days in (6, 5, 3)] == [1, 0, 1]
    assert [each.title[:7] for each in planned(stage)] == ["截止前 7 天", "截止前 3 天"]


def test_another_last_day_is_reminded_of_anew(stage: Stage) -> None:
    rule(stage)
    plan(stage, noon(3))
    rule(stage, closes_on=LAST + timedelta(days=1))
    assert plan(stage, noon(2)) == 1


@pytest.mark.parametrize("change", [{"reminds": False}, {"opens_on": LAST - timedelta(days=2)}])
def test_a_school_may_switch_it_off_and_one_not_open_yet_reminds_nobody(
    stage: Stage, change: dict[str, object]
) -> None:
    rule(stage, **change)
    assert plan(stage, noon(3)) == 0


def test_a_school_where_all_have_confirmed_gets_none(stage: Stage) -> None:
    rule(stage)
    stage.graduates(confirmation=ConfirmationState.CONFIRMED)
    assert plan(stage, noon(7)) == 0


def test_it_begins_at_ten_and_ends_before_the_next(stage: Stage) -> None:
    rule(stage)
    for days in (14, 1):
        plan(stage, noon(days) - timedelta(hours=11, minutes=50))
    first, last = planned(stage)
    assert (first.start_at, first.not_after) == (
        datetime(YEAR, 6, 16, 2, tzinfo=UTC),
        datetime(YEAR, 6, 23, 2, tzinfo=UTC),
    )
    assert (last.start_at, last.not_after) == (
        datetime(YEAR, 6, 29, 2, tzinfo=UTC),
        datetime(YEAR, 6, 30, 16, tzinfo=UTC),
    )


def test_late_in_the_day_it_begins_at_once(stage: Stage) -> None:
    rule(stage)
    plan(stage, noon(7))
    assert planned(stage)[0].start_at == noon(7)


def in_states(stage: Stage, *wanted: ConfirmationState) -> list[int]:
    """Put one graduate in each state, and have all others confirmed."""
    stage.graduates(confirmation=ConfirmationState.CONFIRMED)
    ids = list(stage.openids)[: len(wanted)]
    with stage.resources.sessions.begin() as session:
        for ident, state in zip(ids, wanted, strict=True):
            session.execute(update(Graduate).where(Graduate.id == ident).values(confirmation=state))
    return ids


def begin_now(stage: Stage) -> str:
    """Let what was planned for June begin by the database's own clock; return its key."""
    with stage.resources.sessions.begin() as session:
        session.execute(update(Campaign).values(start_at=AT, not_after=None))
    expansion.expand_due(stage.resources)
    return planned(stage)[-1].key


def test_each_is_told_what_she_has_to_do(stage: Stage) -> None:
    rule(stage)
    ids = in_states(
        stage,
        ConfirmationState.NOT_REPORTED,
        ConfirmationState.UNCONFIRMED,
        ConfirmationState.DISPUTED,
    )
    plan(stage, noon(3))
    stage.deliver_until_done(begin_now(stage))
    cards = {card["openid"]: card["data"] for card in stage.sandbox.control.messages()}
    assert [list(cards[stage.openids[ident]].values()) for ident in ids] == [
        ["某某大学", "尚未登记去向，请尽快登记", "未上报", "2026年6月30日 23:59"],
        ["某某大学", "请核对并确认毕业去向", "未确认", "2026年6月30日 23:59"],
        ["某某大学", "请更正有误的信息，再重新确认", "确认有误", "2026年6月30日 23:59"],
    ]
    assert len(cards) == len(ids)


@pytest.mark.parametrize("state", review.ApplicationState)
def test_who_waits_for_a_reviewer_is_left_alone(
    stage: Stage, state: review.ApplicationState
) -> None:
    rule(stage)
    (ident,) = in_states(stage, ConfirmationState.NOT_REPORTED)
    apply(stage, ident, state)
    plan(stage, noon(3))
    stage.deliver_until_done(begin_now(stage))
    assert len(stage.seen()) == (0 if state in review.WAITING else 1)


def apply(stage: Stage, graduate_id: int, state: review.ApplicationState) -> None:
    """Give a graduate an application that stands there."""
    with stage.resources.sessions.begin() as session:
        graduate = session.get_one(Graduate, graduate_id)
        session.add(
            Application(
                graduate_id=graduate_id,
                school_id=graduate.school_id,
                department_id=graduate.department_id,
                year=graduate.year,
                state=state,
                closed_at=AT if state in review.FINAL else None,
                created_at=AT,
                updated_at=AT,
            )
        )


def test_a_late_message_in_the_inbox_says_the_same(stage: Stage) -> None:
    rule(stage)
    (ident,) = in_states(stage, ConfirmationState.DISPUTED)
    plan(stage, noon(3))
    stage.deliver_until_done(begin_now(stage))
    with stage.resources.readers.begin() as session:
        (message,) = graduate_inbox.page_of(session, [ident], None).messages
    assert message.lines["办理事项"] == "请更正有误的信息，再重新确认"


def test_who_confirms_before_her_turn_gets_none(stage: Stage) -> None:
    rule(stage)
    plan(stage, noon(3))
    key = begin_now(stage)
    stage.graduates(confirmation=ConfirmationState.CONFIRMED)
    stage.deliver_until_done(key)
    assert stage.seen() == {}
    assert stage.count(reason="no_longer_applies") == PEOPLE


def test_two_that_plan_and_expand_at_once_remind_each_once(stage: Stage) -> None:
    rule(stage)
    with ThreadPoolExecutor(4) as threads:
        made = list(threads.map(lambda _: plan(stage, noon(3)), range(8)))
    assert sum(made) == 1
    with ThreadPoolExecutor(4) as threads:
        keys = set(threads.map(lambda _: begin_now(stage), range(4)))
    (key,) = keys
    shown = stage.deliver_until_done(key)
    assert shown.state is states.CampaignState.FINISHED
    assert list(stage.seen().values()) == [1] * PEOPLE


def test_of_several_schools_each_has_its_own(stage: Stage) -> None:
    rule(stage)
    other = stage.open_school("10002", graduates=2)
    assert plan(stage, noon(3)) == 1
    assert plan(stage, noon(3, date(YEAR, 8, 31))) == 1
    assert [each.school_id for each in planned(stage)] == [stage.scope.school_id, other.school_id]


def test_a_school_may_cancel_one_before_its_hour(stage: Stage) -> None:
    rule(stage)
    plan(stage, noon(3) - timedelta(hours=6))
    campaigns_of = planned(stage)[0]
    with stage.resources.sessions.begin() as session:
        campaigns.cancel(session, stage.scope, campaigns_of.key, at=noon(3))
    assert plan(stage, noon(3)) == 0
    assert planned(stage)[0].state == states.CampaignState.CANCELLED


@pytest.mark.parametrize("reminder", REMINDERS, ids=lambda each: each.name)
def test_every_row_of_the_table_fits_the_card(reminder: automatic_reminders.Reminder) -> None:
    kind = kinds.kinds()[reminder.kind]
    texts = wording.campaign_texts(kind, {**reminder.texts, "deadline": "2026-12-31"})
    for state in ConfirmationState:
        values = wording.values("某某大学", texts, json.dumps({"state": state}))
        shown = kind.render(values)
        assert not any(text.endswith("…") for text in shown.values())
