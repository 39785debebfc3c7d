"""Before a one-time notice is sent it is asked again whom it is for, and whether it is news."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from notifier.binding import bind, forget
from notifier.campaigns import campaigns
from notifier.delivery import mini_claims, mini_notices
from notifier.delivery.answers import Answer
from notifier.ledger import mini_allowances, outcomes, quota
from notifier.ledger.mini_tables import MiniNotice, MiniTemplate, MiniUser
from notifier.ledger.tables import Account, Binding, Campaign, Message
from notifier.wechat import mini_templates
from registry.base.clock import utc_now
from registry.base.database import Base, database_now
from registry.record import contact_changes
from registry.record.contact_tables import ContactChange
from registry.record.tables import Graduate
from tests.notifier.delivery.mini_stage import SEND, TEMPLATES, MiniStage
from tests.notifier.schedules.interleaving import beside
from tests.waiting import wait_until_blocked

REMINDER, REVIEWS, CHANGED = TEMPLATES


def first(mini: MiniStage) -> int:
    return min(mini.stage.openids)


def test_who_is_unbound_after_she_was_found_gets_no_notice(mini: MiniStage) -> None:
    mini.allows(first(mini), kind=REVIEWS)
    mini.missed(first(mini))
    settings = mini.stage.resources.settings
    with mini.stage.resources.readers.begin() as session:
        (found,) = mini_claims.due(session, settings, database_now(session), 9)
    mini.written(Binding, ended_at=utc_now())
    with mini.stage.resources.sessions.begin() as session:
        assert mini_claims.claim(session, settings, found, database_now(session)) is None
    assert mini.remaining() == [1]


@pytest.mark.parametrize(
    ("row", "columns"),
    [
        (Graduate, {"confirmation": "confirmed"}),
        (Graduate, {"year": -2026}),
        (Campaign, {"state": "cancelled"}),
        (Campaign, {"state": "paused"}),
        (Campaign, {"not_after": utc_now() - timedelta(minutes=1)}),
    ],
)
def test_nobody_is_reminded_of_what_is_done_or_was_stopped(
    mini: MiniStage, row: type[Base], columns: dict[str, Any]
) -> None:
    missed_a_reminder(mini)
    mini.written(row, **columns)
    assert mini.send() == 0
    assert mini.remaining() == [1]


def test_a_reminder_that_goes_on_is_followed_by_notices(mini: MiniStage) -> None:
    missed_a_reminder(mini)
    mini.written(Campaign, state="waiting", not_after=utc_now() + timedelta(hours=1))
    assert mini.send() == 1


def test_a_school_that_cancels_a_reminder_stops_its_notices(mini: MiniStage) -> None:
    key = missed_a_reminder(mini)
    mini.written(Campaign, state="sending")
    with mini.stage.resources.sessions.begin() as session:
        campaigns.cancel(session, mini.stage.scope, key, at=utc_now())
    assert mini.send() == 0


def missed_a_reminder(mini: MiniStage) -> str:
    mini.allows(first(mini))
    mini.unfollow([first(mini)])
    key = mini.stage.start_campaign()
    mini.stage.deliver_until_done(key)
    return key


def test_reminders_come_no_more_often_in_a_day_than_by_the_account(mini: MiniStage) -> None:
    settings = mini.stage.resources.settings.model_copy(update={"person_daily_cap": 2})
    mini.stage.resources = replace(mini.stage.resources, settings=settings)
    mini.allows(first(mini), times=5)
    mini.unfollow([first(mini)])
    for _ in range(3):
        mini.stage.deliver_until_done(mini.stage.start_campaign())
    assert [mini.send(), mini.send()] == [2, 0]
    assert mini.remaining() == [3]
    mini.written(MiniNotice, claimed_at=utc_now() - timedelta(days=1))
    assert mini.send() == 1


def test_what_failed_while_she_had_none_left_is_not_told_once_she_allows_again(
    mini: MiniStage,
) -> None:
    mini.allows(first(mini), kind=REVIEWS)
    mini.missed(first(mini), 2)
    assert mini.send() == 1
    mini.allows(first(mini), kind=REVIEWS)
    assert mini.send() == 0


def test_a_day_that_is_used_up_holds_until_midnight(mini: MiniStage) -> None:
    mini.allows(first(mini), kind=REVIEWS)
    mini.missed(first(mini))
    mini.stage.sandbox.control.fault("errcode", path=SEND, errcode=45009, times=1)
    midnight = quota.next_day(utc_now())
    mini.send()
    settings = mini.stage.resources.settings
    with mini.stage.resources.readers.begin() as session:
        assert mini_claims.is_held(session, settings, midnight - timedelta(seconds=1))
        assert not mini_claims.is_held(session, settings, midnight)


def test_what_was_given_up_stays_so_whatever_its_worker_says_later(mini: MiniStage) -> None:
    mini.allows(first(mini), kind=REVIEWS)
    mini.missed(first(mini))
    settings = mini.stage.resources.settings
    with mini.stage.resources.sessions.begin() as session:
        at = database_now(session)
        (found,) = mini_claims.due(session, settings, at, 9)
        claimed = mini_claims.claim(session, settings, found, at)
        mini_claims.give_up_lost(session, at + 2 * mini_claims.LEASE)
    assert claimed is not None
    with mini.stage.resources.sessions.begin() as session:
        answer = Answer(outcomes.of(48001), None, "")
        mini_notices.settle(session, settings, claimed, answer)
    assert mini.rows() == [("unknown", "crashed")]
    assert mini.remaining() == [0]


def unbound(mini: MiniStage) -> str:
    """Let the school unbind her from a WeChat that only the mini program knows; return that."""
    marked = mini.allows(first(mini), kind=CHANGED)
    mini.written(MiniUser, account_openid=None)
    with mini.stage.resources.sessions.begin() as session:
        hers = update(Binding).where(Binding.graduate_id == first(mini))
        session.execute(hers.values(openid=marked))
        bind.end(session, first(mini), reason="by_school", by="staff:x", at=utc_now())
    return marked


def test_a_change_that_is_put_back_is_told_by_no_notice(mini: MiniStage) -> None:
    unbound(mini)
    with mini.stage.resources.sessions.begin() as session:
        contact_changes.take_back(session, session.scalars(select(ContactChange.id)).all())
    assert mini.send() == 0


def test_who_is_erased_leaves_no_message_to_the_mini_program_she_came_from(
    mini: MiniStage,
) -> None:
    unbound(mini)
    openid = mini.stage.openids[first(mini)]
    mini.written(MiniUser, account_openid=openid)
    with mini.stage.resources.sessions.begin() as session:
        hers = update(Binding).where(Binding.graduate_id == first(mini))
        session.execute(hers.values(openid=openid))
        forget.forget_messages(session, [first(mini)])
        assert session.scalars(select(Message.openid)).all() == []


def test_a_template_read_by_another_version_is_not_used_before_it_is_read_again(
    mini: MiniStage,
) -> None:
    mini.allows(first(mini), kind=REVIEWS)
    mini.missed(first(mini))
    with mini.stage.resources.sessions.begin() as session:
        template = session.get_one(MiniTemplate, TEMPLATES[REVIEWS])
        template.fields = dict(list(template.fields.items())[1:])
    assert mini.send() == 0
    assert mini.rows() == []
    with mini.stage.resources.readers.begin() as session:
        offered = mini_allowances.offered(session, TEMPLATES)
    assert REVIEWS not in {each.kind for each in offered}
    mini_notices.read_templates(mini.stage.resources, mini.mini)
    assert mini.send() == 0, "it was read a moment ago"
    mini.written(Account, templates_synced_at=utc_now() - mini_templates.SECOND_LOOK)
    mini_notices.read_templates(mini.stage.resources, mini.mini)
    assert mini.send() == 1


def test_who_has_none_left_keeps_nobody_else_waiting(mini: MiniStage) -> None:
    one, other, *_ = sorted(mini.stage.openids)
    mini.allows(one, kind=REVIEWS)
    mini.allows(other, kind=REVIEWS)
    mini.missed(one, mini_notices.CHUNK + 2)
    mini.missed(other)
    assert mini.send() == 2
    assert mini.send() == 0
    assert mini.remaining() == [0, 0]


on_postgresql = pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)


def blocked_her(mini: MiniStage) -> tuple[str, mini_claims.Due]:
    """Let a reminder fail for a reason that a notice helps against; return which are at stake."""
    mini.allows(first(mini))
    key = mini.stage.start_campaign()
    mini.stage.deliver_until_done(key)
    mini.stage.message(state="failed", reason="user_block", final_at=utc_now())
    with mini.stage.resources.readers.begin() as session:
        (found,) = mini_claims.due(session, mini.stage.resources.settings, database_now(session), 9)
    return key, found


@on_postgresql
def test_what_is_being_sent_again_is_claimed_by_no_notice(mini: MiniStage) -> None:
    key, found = blocked_her(mini)
    resources = mini.stage.resources
    with resources.sessions() as retrying, resources.sessions.begin() as session:
        campaigns.retry_failed(retrying, mini.stage.scope, key, at=utc_now())
        assert mini_claims.claim(session, resources.settings, found, database_now(session)) is None
        retrying.commit()


@on_postgresql
def test_what_a_notice_is_being_claimed_for_is_not_sent_again(mini: MiniStage) -> None:
    key, found = blocked_her(mini)
    resources = mini.stage.resources

    def retry() -> None:
        with resources.sessions.begin() as session:
            campaigns.retry_failed(session, mini.stage.scope, key, at=utc_now())

    with resources.sessions() as session:
        assert mini_claims.claim(session, resources.settings, found, database_now(session))
        with beside(retry) as waiting:
            wait_until_blocked(session, waiting)
            session.commit()
    assert mini.stage.count(graduate_id=first(mini), state="failed") == 1
    assert mini.stage.count(state="waiting") == len(mini.stage.openids) - 1
