"""The lives of messages and campaigns, as lists of facts."""

import pytest

from notifier.ledger import outcomes, states
from notifier.ledger.outcomes import Reaction
from notifier.ledger.states import (
    CAMPAIGN,
    MESSAGE,
    CampaignEvent,
    CampaignState,
    MessageEvent,
    MessageState,
)

RANK = {
    MessageState.WAITING: 0,
    MessageState.SENDING: 0,
    MessageState.UNKNOWN: 1,
    MessageState.ACCEPTED: 2,
    MessageState.DELIVERED: 3,
    MessageState.FAILED: 3,
    MessageState.SKIPPED: 3,
}


def test_a_receipt_only_raises_a_message() -> None:
    for (source, event), target in MESSAGE.moves.items():
        if event in {MessageEvent.RECEIPT_OK, MessageEvent.RECEIPT_FAILED}:
            assert RANK[target] > RANK[source]


def test_what_is_delivered_or_skipped_stays_so() -> None:
    assert {MessageState.DELIVERED, MessageState.SKIPPED} == MESSAGE.ends


def test_only_a_waiting_message_can_be_claimed() -> None:
    assert MESSAGE.sources(MessageEvent.CLAIM) == {MessageState.WAITING}


def test_a_cancelled_campaign_stays_so() -> None:
    assert {CampaignState.CANCELLED} == CAMPAIGN.ends


def test_whatever_is_not_over_can_be_cancelled() -> None:
    over = {CampaignState.FINISHED, CampaignState.CANCELLED}
    assert CAMPAIGN.sources(CampaignEvent.CANCEL) == set(CampaignState) - over


def test_every_state_has_a_title() -> None:
    assert set(states.MESSAGE_TITLES) == set(MessageState)
    assert set(states.CAMPAIGN_TITLES) == set(CampaignState)


@pytest.mark.parametrize(
    ("errcode", "reaction"),
    [
        (0, Reaction.ACCEPTED),
        (-1, Reaction.AMBIGUOUS),
        (40001, Reaction.TOKEN),
        (42001, Reaction.TOKEN),
        (43004, Reaction.PERSON),
        (43101, Reaction.PERSON),
        (43117, Reaction.PERSON_LATER),
        (47003, Reaction.TEXT),
        (43116, Reaction.CAMPAIGN),
        (40164, Reaction.ACCOUNT),
        (45009, Reaction.QUOTA),
        (45011, Reaction.BACK_OFF),
        (99999, Reaction.PERSON),
    ],
)
def test_each_answer_has_its_reaction(errcode: int, reaction: Reaction) -> None:
    assert outcomes.of(errcode).reaction is reaction


def test_every_reason_has_a_sentence_for_people() -> None:
    assert all(outcomes.sentence(code) for code in outcomes.SENTENCES)
    assert outcomes.sentence("") == ""


def test_a_single_unlisted_error_stops_one_person_five_in_a_row_the_campaign() -> None:
    assert outcomes.stops_after(outcomes.of(99999)) == 5
    assert outcomes.stops_after(outcomes.of(43116)) == 1
    assert outcomes.stops_after(outcomes.of(43004)) is None
