"""What a process does not know, written by a newer version, holds up nothing that it knows."""

import json

import pytest
from sqlalchemy import select, update

from notifier.campaigns import campaigns, expansion
from notifier.campaigns.audience import Audience
from notifier.campaigns.campaigns import Draft
from notifier.ledger import states
from notifier.ledger.tables import AccountTemplate, Campaign, Message
from registry.record.confirmation.states import ConfirmationState
from tests.notifier.conftest import PEOPLE
from tests.notifier.stage import AT, YEAR, Stage

TO_COME = "kind_to_come"


def schedule(stage: Stage) -> int:
    """Schedule a reminder that has not begun; return its number."""
    draft = Draft("提醒", "confirmation_reminder", Audience(YEAR), {"deadline": "2026-06-30"})
    with stage.resources.sessions.begin() as session:
        made = campaigns.create(session, stage.scope, draft, by="test", at=AT)
        campaigns.start(session, stage.scope, made.key, at=AT)
        return made.id


def change_first(stage: Stage, **columns: object) -> None:
    with stage.resources.sessions.begin() as session:
        first = session.scalars(select(Campaign.id).order_by(Campaign.id)).first()
        session.execute(update(Campaign).where(Campaign.id == first).values(**columns))


def states_of_campaigns(stage: Stage) -> list[tuple[str, str]]:
    with stage.resources.readers.begin() as session:
        found = select(Campaign.state, Campaign.reason).order_by(Campaign.id)
        return [(state, reason) for state, reason in session.execute(found)]


def test_a_campaign_of_an_unknown_kind_holds_up_no_other(stage: Stage) -> None:
    stage.start_campaign()
    change_first(stage, kind=TO_COME)
    assert stage.deliver_until_done(stage.start_campaign()).counts["accepted"] == PEOPLE
    assert stage.count(state=states.MessageState.WAITING) == PEOPLE


def test_a_campaign_of_an_unknown_kind_is_left_to_others_to_begin(stage: Stage) -> None:
    schedule(stage)
    change_first(stage, kind=TO_COME)
    schedule(stage)
    assert expansion.expand_due(stage.resources) == 1
    assert states_of_campaigns(stage)[0] == (states.CampaignState.SCHEDULED, "starting")


def test_an_audience_nobody_can_read_stops_its_own_campaign_only(stage: Stage) -> None:
    schedule(stage)
    change_first(stage, audience={"year": YEAR, "filter_to_come": True})
    schedule(stage)
    assert expansion.expand_due(stage.resources) == 1
    assert states_of_campaigns(stage) == [
        (states.CampaignState.PAUSED, "audience_unreadable"),
        (states.CampaignState.SENDING, ""),
    ]


def test_event_messages_of_an_unknown_kind_wait_for_who_knows_it(stage: Stage) -> None:
    stage.start_campaign()
    facts = {
        "deadline": "2026年6月30日 23:59",
        "item": "请核对",
        "state": ConfirmationState.UNCONFIRMED,
    }
    stage.message(campaign_id=None, facts=json.dumps(facts))
    with stage.resources.sessions.begin() as session:
        first = session.scalars(select(Message.id).order_by(Message.id)).first()
        session.execute(update(Message).where(Message.id == first).values(kind=TO_COME))
    stage.deliver()
    assert stage.count(kind=TO_COME, state=states.MessageState.WAITING, tries=0) == 1
    assert stage.count(state=states.MessageState.ACCEPTED) == PEOPLE - 1


@pytest.mark.parametrize("fields", [{}, {"学校名称": "thing1"}])
def test_a_template_matched_before_its_kind_had_a_field_pauses_the_campaign(
    stage: Stage, fields: dict[str, str]
) -> None:
    key = stage.start_campaign()
    with stage.resources.sessions.begin() as session:
        session.execute(update(AccountTemplate).values(fields=fields))
    done = stage.deliver_until_done(key)
    assert (done.state, done.reason) == (states.CampaignState.PAUSED, "template_missing")
    assert stage.count(state=states.MessageState.WAITING, crashes=0) == PEOPLE
