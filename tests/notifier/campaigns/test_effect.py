"""What a reminder did: who confirmed within one, three and seven days, reached or not."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session, sessionmaker

from notifier.campaigns import effect
from notifier.campaigns.campaigns import retry_failed
from notifier.campaigns.effect import Effect
from notifier.ledger.states import CampaignState, MessageState
from notifier.ledger.tables import Campaign, Message
from registry.record.confirmation.confirm import Reply, answer
from registry.record.tables import Answer
from tests.clock import StandingClock
from tests.notifier.conftest import PEOPLE
from tests.notifier.stage import Stage
from tests.wxapp.school.records import Campus, open_campus

KIND = "confirmation_reminder"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def campus(session: Session, clock: StandingClock) -> Campus:
    return open_campus(session, clock())


@pytest.fixture
def sent(campus: Campus) -> Campaign:
    """Return a reminder that went out at the clock's time."""
    moments = dict.fromkeys(("started_at", "finished_at", "effect_due"), campus.at)
    about = {"state": CampaignState.FINISHED, **moments}
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


def counted(campus: Campus, sent: Campaign, at: datetime) -> Effect | None:
    """Count what is due by then, as the clockwork does, and return what the reminder did."""
    campus.session.commit()
    effect.measure_due(sessionmaker(campus.session.get_bind()), at)
    campus.session.refresh(sent)
    return effect.effect_of(sent)


def test_who_confirmed_is_counted_by_days_after_her_own_message(
    campus: Campus, sent: Campaign
) -> None:
    for after in (HOUR, DAY, DAY + HOUR, 3 * DAY + HOUR, 8 * DAY, None):
        told(campus, sent, MessageState.DELIVERED, after=after)
    told(campus, sent, MessageState.SKIPPED, "not_bound", after=2 * DAY)
    told(campus, sent, MessageState.FAILED, "refused")
    found = counted(campus, sent, campus.at + 4 * DAY)
    assert found is not None
    assert found.reached == effect.EffectGroup(6, (2, 3, 4))
    assert found.not_reached == effect.EffectGroup(2, (0, 1, 1))
    assert found.over == (True, True, False)
    assert found.at == campus.at + 4 * DAY


def test_who_had_confirmed_before_or_may_have_got_it_is_in_neither_group(
    campus: Campus, sent: Campaign
) -> None:
    told(campus, sent, MessageState.SKIPPED, "no_longer_applies", after=-HOUR)
    told(campus, sent, MessageState.UNKNOWN, "no_answer", after=HOUR)
    told(campus, sent, MessageState.WAITING)
    found = counted(campus, sent, campus.at + DAY)
    assert found is not None
    assert (found.reached.people, found.not_reached.people) == (0, 0)
    assert found.reached.share(0) == "—"


def test_what_asks_for_no_confirmation_is_looked_at_once(campus: Campus, sent: Campaign) -> None:
    sent.kind = "authorization_invitation"
    assert counted(campus, sent, campus.at) is None
    assert sent.effect_due is None


def test_it_is_counted_ever_more_rarely_until_seven_days_are_over(
    campus: Campus, sent: Campaign
) -> None:
    counted(campus, sent, campus.at)
    assert sent.effect_due == campus.at + timedelta(minutes=1)
    counted(campus, sent, campus.at + DAY)
    assert sent.effect_due == campus.at + DAY * 1.05
    told(campus, sent, MessageState.DELIVERED, after=HOUR)
    early = counted(campus, sent, campus.at + DAY + HOUR)
    assert early is not None
    assert early.reached.people == 0  # not due yet
    counted(campus, sent, campus.at + 7 * DAY)
    assert sent.effect_due is None


def test_what_is_still_being_sent_is_counted_however_old_it_is(
    campus: Campus, sent: Campaign
) -> None:
    sent.state, sent.finished_at = CampaignState.PAUSED, None
    found = counted(campus, sent, campus.at + 30 * DAY)
    assert found is not None
    assert found.over == (False, False, False)
    assert sent.effect_due is not None


def test_what_a_process_of_the_version_before_began_is_counted_too(
    campus: Campus, sent: Campaign
) -> None:
    sent.effect_due = None  # it knows no such column
    told(campus, sent, MessageState.DELIVERED, after=HOUR)
    found = counted(campus, sent, campus.at + 8 * DAY)
    assert found is not None
    assert found.reached == effect.EffectGroup(1, (1, 1, 1))
    campus.session.commit()
    assert effect.measure_due(sessionmaker(campus.session.get_bind()), campus.at + 9 * DAY) == 0


def test_what_is_sent_again_is_counted_anew(campus: Campus, sent: Campaign) -> None:
    told(campus, sent, MessageState.FAILED, "refused")
    late = campus.at + 8 * DAY
    found = counted(campus, sent, late)
    assert found is not None
    assert (found.not_reached.people, sent.effect_due) == (1, None)
    retry_failed(campus.session, campus.scope, sent.key, at=late)
    again = counted(campus, sent, late)
    assert again is not None
    assert (again.not_reached.people, again.over) == (0, (False, False, False))


@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True)
def test_what_is_sent_again_while_it_is_counted_is_counted_again(
    campus: Campus, sent: Campaign
) -> None:
    told(campus, sent, MessageState.FAILED, "refused")
    campus.session.commit()
    late, engine, turns = campus.at + 8 * DAY, campus.session.get_bind(), list[str]()

    def send_again(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if "MATERIALIZED" in statement and not turns:
            turns.append(statement)
            retry_failed(campus.session, campus.scope, sent.key, at=late)
            campus.session.commit()

    event.listen(engine, "after_cursor_execute", send_again)
    found = counted(campus, sent, late)
    assert found is not None
    assert found.not_reached.people == 0


def test_it_is_counted_when_its_last_message_went(stage: Stage) -> None:
    key, clock = stage.start_campaign(), stage.resources.clock
    assert effect.measure_due(stage.resources.sessions, clock()) == 1
    stage.deliver_until_done(key)
    assert effect.measure_due(stage.resources.sessions, clock()) == 1
    with stage.resources.readers.begin() as session:
        found = effect.effect_of(session.scalars(select(Campaign)).one())
    assert found is not None
    assert found.reached.people == PEOPLE


def test_a_draft_is_not_counted(campus: Campus, sent: Campaign) -> None:
    sent.state, sent.started_at, sent.effect_due = CampaignState.DRAFT, None, None
    assert counted(campus, sent, campus.at + DAY) is None
    assert sent.effect_at is None


def test_none_is_begun_once_it_is_late_and_the_next_turn_goes_on(
    campus: Campus, sent: Campaign
) -> None:
    campus.session.commit()
    sessions, late = sessionmaker(campus.session.get_bind()), iter([True, False, True])
    assert effect.measure_due(sessions, campus.at, lambda: next(late)) == 0
    assert effect.measure_due(sessions, campus.at, lambda: next(late)) == 1


def test_several_are_added_up_and_over_when_all_are(campus: Campus) -> None:
    reached, others = effect.EffectGroup(4, (1, 2, 3)), effect.EffectGroup(1, (0, 0, 1))
    one = Effect(reached, others, over=(True, True, False), at=campus.at)
    other = Effect(others, reached, over=(True, False, False), at=campus.at + DAY)
    both = effect.together([one, other])
    assert both == Effect(
        effect.EffectGroup(5, (1, 2, 4)),
        effect.EffectGroup(5, (1, 2, 4)),
        over=(True, False, False),
        at=campus.at,
    )
    assert effect.together([]) is None
