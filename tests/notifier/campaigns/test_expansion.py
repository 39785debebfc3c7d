"""A campaign becomes rows once, whatever comes of it."""

import re

from sqlalchemy import func, select, update

from notifier.campaigns import expansion
from notifier.ledger.states import CampaignState
from notifier.ledger.tables import Campaign, Message
from tests.notifier.stage import Stage


def test_what_began_once_is_never_written_again(stage: Stage) -> None:
    stage.start_campaign()
    written = select(func.count()).select_from(Message)
    with stage.resources.sessions.begin() as session:
        before = session.scalars(written).one()
        session.execute(update(Campaign).values(state=CampaignState.SCHEDULED))
    assert expansion.expand_due(stage.resources) == 0
    with stage.resources.readers.begin() as session:
        assert session.scalars(written).one() == before


def test_each_message_has_a_name_that_says_no_more_than_whose_it_is(stage: Stage) -> None:
    for _ in range(2):
        stage.start_campaign()
    with stage.resources.readers.begin() as session:
        rows = session.execute(select(Message.graduate_id, Message.client_msg_id)).all()
    assert all(name[:12] == f"{whose:012x}" for whose, name in rows)
    assert all(re.fullmatch("[0-9a-f]{32}", name) for _, name in rows)
    assert len({name[12:] for _, name in rows}) == len(rows)
