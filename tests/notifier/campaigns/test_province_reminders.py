"""A province's reminder: pressed at once by many it goes out once, and each school has one."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from notifier.binding import colleagues
from notifier.campaigns import campaigns, expansion, province_reminders, province_test_send
from notifier.campaigns.audience import Audience
from notifier.campaigns.campaigns import Draft
from notifier.campaigns.province_progress import effects, progress_of
from notifier.campaigns.province_reminders import Acting
from notifier.ledger import states
from notifier.ledger.tables import Campaign, Message, ProvinceReminder
from registry.accounts.school_tables import School
from registry.accounts.tables import Role, Staff
from registry.base.errors import NotFound, RuleError
from tests.notifier.conftest import PEOPLE
from tests.notifier.stage import AT, YEAR, Stage

PROVINCE = "370000"
ACTING = Acting(PROVINCE, "staff:test", "王老师", AT)
DRAFT = Draft("提醒", province_reminders.KIND, Audience(YEAR), {"deadline": "2026-06-30"})


def drafted(stage: Stage, draft: Draft = DRAFT) -> str:
    """Put all schools into the province and draft a reminder for them; return its key."""
    with stage.resources.sessions.begin() as session:
        session.execute(update(School).values(province=PROVINCE))
        schools = session.scalars(select(School.key)).all()
        return province_reminders.create(session, ACTING, draft, schools).key


def start(stage: Stage, key: str) -> None:
    with stage.resources.sessions.begin() as session:
        province_reminders.start(session, ACTING, key)


def counted(stage: Stage) -> list[tuple[int, int]]:
    """Return each school's number of campaigns and of their messages."""
    with stage.resources.readers.begin() as session:
        rows = session.execute(
            select(func.count(Campaign.id.distinct()), func.count(Message.id))
            .outerjoin(Message, Message.campaign_id == Campaign.id)
            .group_by(Campaign.school_id)
            .order_by(Campaign.school_id)
        )
        return [(made, written) for made, written in rows]


def test_a_process_that_is_to_end_begins_no_other_school_and_the_next_goes_on(
    stage: Stage,
) -> None:
    stage.open_school("10002", graduates=2)
    start(stage, drafted(stage))
    told = iter([False, True])
    assert expansion.expand_due(stage.resources, lambda: next(told)) == 1
    assert sorted(counted(stage)) == [(1, 0), (1, PEOPLE)]
    assert expansion.expand_due(stage.resources) == 1
    assert sorted(counted(stage)) == [(1, 2), (1, PEOPLE)]


def test_started_and_expanded_by_many_at_once_each_school_has_one(stage: Stage) -> None:
    stage.open_school("10002", graduates=2)
    key = drafted(stage)
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda _: start(stage, key), range(8)))
        list(threads.map(lambda _: expansion.expand_due(stage.resources), range(4)))
    assert counted(stage) == [(1, PEOPLE), (1, 2)]
    with stage.resources.readers.begin() as session:
        shown = progress_of(session, province_reminders.find(session, PROVINCE, key))
    assert shown.state is states.CampaignState.SENDING
    assert [each.counts["recipients"] for each in shown.schools] == [PEOPLE, 2]
    assert shown.counts["waiting"] == PEOPLE + 2


def test_the_database_refuses_a_second_one_for_a_school(stage: Stage) -> None:
    start(stage, drafted(stage))
    columns = campaigns.columns(stage.scope, DRAFT, by="test", at=AT)
    with stage.resources.sessions() as session:
        columns["drive_id"] = session.scalars(select(ProvinceReminder.id)).one()
        with pytest.raises(IntegrityError):
            session.execute(insert(Campaign).values(columns))


def test_cancelling_leaves_what_may_have_been_sent_unknown(stage: Stage) -> None:
    stage.open_school("10002", graduates=2)
    key = drafted(stage)
    start(stage, key)
    expansion.expand_due(stage.resources)
    with stage.resources.sessions.begin() as session:
        one = select(func.min(Message.id)).scalar_subquery()
        session.execute(update(Message).where(Message.id == one).values(maybe_since=AT))
        province_reminders.cancel(session, ACTING, key)
    assert stage.count(state=states.MessageState.UNKNOWN) == 1
    assert stage.count(state=states.MessageState.SKIPPED) == PEOPLE + 1


def test_what_failed_in_any_school_is_sent_again_once(stage: Stage) -> None:
    stage.open_school("10002", graduates=2)
    key = drafted(stage)
    start(stage, key)
    expansion.expand_due(stage.resources)
    with stage.resources.sessions.begin() as session:
        session.execute(update(Message).values(state="failed", reason="refused", final_at=AT))
        session.execute(update(Campaign).values(state="finished", finished_at=AT))
        province_reminders.retry(session, ACTING, key)
        province_reminders.retry(session, ACTING, key)
    assert stage.count(state=states.MessageState.WAITING) == PEOPLE + 2
    with stage.resources.readers.begin() as session:
        assert set(session.scalars(select(Campaign.state))) == {"sending"}
        assert set(session.scalars(select(Campaign.effect_due))) == {AT}  # counted anew, too


def test_nothing_is_sent_again_after_its_last_moment_or_where_nothing_failed(stage: Stage) -> None:
    key = drafted(stage)
    start(stage, key)
    with stage.resources.sessions.begin() as session:
        session.execute(update(Campaign).values(state="finished", finished_at=AT))
    with (
        pytest.raises(RuleError, match="campaign_state"),
        stage.resources.sessions.begin() as session,
    ):
        province_reminders.retry(session, ACTING, key)
    with stage.resources.sessions.begin() as session:
        session.execute(update(ProvinceReminder).values(not_after=AT))
    with (
        pytest.raises(RuleError, match="not_after_passed"),
        stage.resources.sessions.begin() as session,
    ):
        province_reminders.retry(session, ACTING, key)


def test_it_is_tried_on_a_graduate_of_a_chosen_school_before_it_goes_to_all(stage: Stage) -> None:
    key = drafted(stage)
    other = stage.open_school("10002", graduates=1)
    with stage.resources.sessions.begin() as session:
        mine = session.scalars(select(School.key).where(School.id == stage.scope.school_id)).one()
        theirs = session.scalars(select(School.key).where(School.id == other.school_id)).one()
        ident = province_test_send.send(session, ACTING, key, mine, "S00000")
        with pytest.raises(RuleError, match="school_missing"):
            province_test_send.send(session, ACTING, key, theirs, "S00000")
        assert province_test_send.found(session, PROVINCE, ident)
        assert not province_test_send.found(session, "110000", ident)
    stage.deliver()
    assert sum(stage.seen().values()) == 1
    assert counted(stage) == []


def test_it_is_tried_on_a_colleague_of_the_province(stage: Stage) -> None:
    key = drafted(stage)
    openid = next(iter(stage.openids.values()))
    with stage.resources.sessions.begin() as session:
        about = {"login": "p1", "name": "省老师", "password_hash": "x", "created_at": AT}
        member = Staff(role=Role.PROVINCE, province=PROVINCE, **about)
        session.add(member)
        session.flush()
        with pytest.raises(RuleError, match="probe_no_colleague"):
            province_test_send.send_to_colleague(session, ACTING, key, member.key)
        colleagues.link(session, member, openid, AT)
        province_test_send.send_to_colleague(session, ACTING, key, member.key)
    stage.deliver()
    assert stage.seen() == {openid: 1}


def test_it_reminds_of_the_confirmation_only(stage: Stage) -> None:
    other = Draft("提醒", "authorization_invitation", Audience(YEAR), DRAFT.texts)
    with pytest.raises(RuleError, match="kind_unknown"):
        drafted(stage, other)


def test_another_province_moves_nothing(stage: Stage) -> None:
    key = drafted(stage)
    stranger = Acting("110000", "staff:other", "李老师", AT)
    moves = (
        province_reminders.start,
        province_reminders.pause,
        province_reminders.resume,
        province_reminders.cancel,
        province_reminders.discard,
        province_reminders.retry,
    )
    for move in moves:
        with pytest.raises(NotFound), stage.resources.sessions.begin() as session:
            move(session, stranger, key)
    assert counted(stage) == []


@pytest.mark.parametrize(
    ("found", "whole"),
    [
        ([], "draft"),
        (["finished", "paused", "sending"], "sending"),
        (["finished", "waiting", "paused"], "waiting"),
        (["scheduled", "paused"], "scheduled"),
        (["finished", "paused"], "paused"),
        (["finished", "cancelled"], "finished"),
        (["cancelled"], "cancelled"),
    ],
)
def test_the_whole_stands_as_what_still_moves(found: list[str], whole: str) -> None:
    assert states.of_all([states.CampaignState(each) for each in found]) == whole


def test_no_span_of_its_effect_is_over_while_a_school_is_not_counted(stage: Stage) -> None:
    stage.open_school("10002", graduates=2)
    key = drafted(stage)
    start(stage, key)
    said, later = [[2, 1, 1, 1], [0, 0, 0, 0]], AT + timedelta(days=8)
    begun = {"state": states.CampaignState.FINISHED, "started_at": AT, "finished_at": AT}
    with stage.resources.sessions.begin() as session:
        first, second = session.scalars(select(Campaign).order_by(Campaign.id)).all()
        session.execute(
            update(Campaign)
            .where(Campaign.id == first.id)
            .values(effect=said, effect_at=later, **begun)
        )
        assert over(session, key) == (False, False, False)  # the other has yet to begin
        cancelled = {"state": states.CampaignState.CANCELLED, "finished_at": AT}
        session.execute(update(Campaign).where(Campaign.id == second.id).values(**cancelled))
        assert over(session, key) == (True, True, True)  # it never will
        session.execute(update(Campaign).where(Campaign.id == second.id).values(**begun))
        assert over(session, key) == (False, False, False)  # it has, and waits for the duty


def over(session: Session, key: str) -> tuple[bool, ...]:
    """Return which spans of a reminder's effect are said to be over."""
    session.expire_all()
    reminder = province_reminders.find(session, PROVINCE, key)
    told = effects(session, [reminder])[reminder.id]
    assert told is not None
    return told.over
