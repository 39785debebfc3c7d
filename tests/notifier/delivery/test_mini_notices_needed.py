"""Before a one-time notice is sent it is asked again whom it is for, and whether it is news."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from notifier.binding import bind, forget
from notifier.campaigns import campaigns
from notifier.delivery import mini_claims, mini_notices
from notifier.ledger import mini_allowances
from notifier.ledger.mini_tables import MiniTemplate, MiniUser
from notifier.ledger.tables import Binding, Campaign, Message
from registry.base.clock import utc_now
from registry.base.database import Base, database_now
from registry.record import contact_changes
from registry.record.contact_tables import ContactChange
from registry.record.tables import Graduate
from tests.notifier.delivery.mini_stage import TEMPLATES, MiniStage

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
