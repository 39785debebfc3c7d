"""What a reminder did: who confirmed within one, three and seven days, reached or not."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from notifier.campaigns import effect
from notifier.ledger.states import CampaignState, MessageState
from notifier.ledger.tables import Campaign, Message
from registry.record.confirmation.confirm import Reply, answer
from registry.record.tables import Answer
from tests.clock import StandingClock
from tests.wxapp.school.records import Campus, open_campus

KIND = "confirmation_reminder"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def campus(session: Session, clock: StandingClock) -> Campus:
    return open_campus(session, clock())


@pytest.fixture
def sent(campus: Campus) -> Campaign:
    """Return a reminder that went out at the clock's time."""
    about = {"state": CampaignState.FINISHED, "started_at": campus.at, "finished_at": campus.at}
    campaign = Campaign(
        school_id=campus.school.id,
        created_by="test",
        title="提醒",
        kind=KIND,
        audience={"year": 2026},
        created_at=campus.at,
        **about,
    )
    campus.session.add(campaign)
    campus.session.flush()
    return campaign


def told(
    campus: Campus,
    sent: Campaign,
    state: MessageState,
    reason: str = "",
    after: timedelta | None = None,
) -> None:
    """Add a recipient whose message ended so, and who confirmed so long after it, or never."""
    graduate = campus.report(campus.graduate())
    name = f"{sent.id}-{graduate.id}"
    moments = dict.fromkeys(("next_at", "created_at", "final_at"), campus.at)
    campus.session.add(
        Message(
            client_msg_id=name,
            business_key=name,
            kind=KIND,
            school_id=campus.school.id,
            campaign_id=sent.id,
            graduate_id=graduate.id,
            state=state,
            reason=reason,
            **moments,
        )
    )
    if after is not None:
        reply = Reply(Answer.CORRECT, graduate.registration_id or 0)
        answer(campus.session, graduate.id, reply, channel="wechat", at=campus.at + after)
    campus.session.flush()


def test_who_confirmed_is_counted_by_days_after_her_own_message(
    campus: Campus, sent: Campaign
) -> None:
    for after in (HOUR, DAY, DAY + HOUR, 3 * DAY + HOUR, 8 * DAY, None):
        told(campus, sent, MessageState.DELIVERED, after=after)
    told(campus, sent, MessageState.SKIPPED, "not_bound", after=2 * DAY)
    told(campus, sent, MessageState.FAILED, "refused")
    found = effect.effect_of(campus.session, sent, campus.at + 4 * DAY)
    assert found is not None
    assert found.reached == effect.EffectGroup(6, (2, 3, 4))
    assert found.not_reached == effect.EffectGroup(2, (0, 1, 1))
    assert found.over == (True, True, False)


def test_who_had_confirmed_before_or_may_have_got_it_is_in_neither_group(
    campus: Campus, sent: Campaign
) -> None:
    told(campus, sent, MessageState.SKIPPED, "no_longer_applies", after=-HOUR)
    told(campus, sent, MessageState.UNKNOWN, "no_answer", after=HOUR)
    told(campus, sent, MessageState.WAITING)
    found = effect.effect_of(campus.session, sent, campus.at + DAY)
    assert found is not None
    assert (found.reached.people, found.not_reached.people) == (0, 0)
    assert found.reached.share(0) == "—"


def test_what_asks_for_no_confirmation_or_has_not_begun_has_no_effect(
    campus: Campus, sent: Campaign
) -> None:
    sent.kind = "authorization_invitation"
    assert effect.effect_of(campus.session, sent, campus.at) is None
    sent.kind, sent.started_at = KIND, None
    assert effect.effect_of(campus.session, sent, campus.at) is None
