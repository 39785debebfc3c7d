"""The two lives of numbers: every move of the tables is what the rows say, and nothing else is."""

from datetime import date, timedelta

import pytest

from registry.numbers.states import NumberState
from registry.numbers.transfer import states as transfer
from registry.numbers.verification import states as authorization

TODAY = date(2026, 7, 1)
AHEAD, PAST = TODAY + timedelta(days=1), TODAY - timedelta(days=1)

AUTHORIZATIONS = [
    (None, None, authorization.AuthorizationState.NOT_AUTHORIZED),
    (NumberState.GOOD, AHEAD, authorization.AuthorizationState.IN_FORCE),
    (NumberState.GOOD, TODAY, authorization.AuthorizationState.IN_FORCE),
    (NumberState.GOOD, PAST, authorization.AuthorizationState.EXPIRED),
    (NumberState.LAPSED, AHEAD, authorization.AuthorizationState.NOT_AUTHORIZED),
    (NumberState.LAPSED, PAST, authorization.AuthorizationState.NOT_AUTHORIZED),
    (NumberState.REVOKED, AHEAD, authorization.AuthorizationState.NOT_AUTHORIZED),
]
TRANSFERS = [
    (None, None, transfer.TransferState.NONE),
    (NumberState.GOOD, AHEAD, transfer.TransferState.VALID),
    (NumberState.GOOD, TODAY, transfer.TransferState.VALID),
    (NumberState.GOOD, PAST, transfer.TransferState.EXPIRED),
    (NumberState.LAPSED, AHEAD, transfer.TransferState.LAPSED),
    (NumberState.LAPSED, PAST, transfer.TransferState.EXPIRED),
]


@pytest.mark.parametrize(("standing", "ends_on", "state"), AUTHORIZATIONS)
def test_an_authorizations_state_is_read_off_its_newest_number(
    standing: NumberState | None, ends_on: date | None, state: authorization.AuthorizationState
) -> None:
    assert authorization.state_of(standing, ends_on, TODAY) is state


@pytest.mark.parametrize(("standing", "ends_on", "state"), TRANSFERS)
def test_a_transfer_numbers_state_is_read_off_the_newest(
    standing: NumberState | None, ends_on: date | None, state: transfer.TransferState
) -> None:
    assert transfer.state_of(standing, ends_on, TODAY) is state


def test_only_what_is_in_force_can_be_extended_or_revoked() -> None:
    for event in (authorization.AuthorizationEvent.EXTEND, authorization.AuthorizationEvent.REVOKE):
        allowed = [
            state
            for state in authorization.AuthorizationState
            if authorization.AUTHORIZATION.after(state, event)
        ]
        assert allowed == [authorization.AuthorizationState.IN_FORCE]


def test_what_has_lapsed_never_comes_back_by_itself() -> None:
    ways = transfer.TRANSFER.events(transfer.TransferState.LAPSED)
    assert ways == {transfer.TransferEvent.RENEW, transfer.TransferEvent.RUN_OUT}


def test_every_state_has_a_title_people_read() -> None:
    assert set(authorization.TITLES) == set(authorization.AuthorizationState)
    assert set(transfer.TITLES) == set(transfer.TransferState)
    assert "未确认" not in authorization.TITLES.values()  # the confirmation's word
