"""The two lives of numbers: every move of the tables is what the rows say, and nothing else is."""

from datetime import date, timedelta

import pytest

from registry.numbers.transfer import states as transfer
from registry.numbers.validity import Standing
from registry.numbers.verification import states as authorization

TODAY = date(2026, 7, 1)
AHEAD, PAST = TODAY + timedelta(days=1), TODAY - timedelta(days=1)

AUTHORIZATIONS = [
    (None, None, authorization.State.NOT_AUTHORIZED),
    (Standing.GOOD, AHEAD, authorization.State.IN_FORCE),
    (Standing.GOOD, TODAY, authorization.State.IN_FORCE),
    (Standing.GOOD, PAST, authorization.State.EXPIRED),
    (Standing.LAPSED, AHEAD, authorization.State.NOT_AUTHORIZED),
    (Standing.LAPSED, PAST, authorization.State.NOT_AUTHORIZED),
    (Standing.REVOKED, AHEAD, authorization.State.NOT_AUTHORIZED),
]
TRANSFERS = [
    (None, None, transfer.State.NONE),
    (Standing.GOOD, AHEAD, transfer.State.VALID),
    (Standing.GOOD, TODAY, transfer.State.VALID),
    (Standing.GOOD, PAST, transfer.State.EXPIRED),
    (Standing.LAPSED, AHEAD, transfer.State.LAPSED),
    (Standing.LAPSED, PAST, transfer.State.EXPIRED),
]


@pytest.mark.parametrize(("standing", "ends_on", "state"), AUTHORIZATIONS)
def test_an_authorizations_state_is_read_off_its_newest_number(
    standing: Standing | None, ends_on: date | None, state: authorization.State
) -> None:
    assert authorization.state_of(standing, ends_on, TODAY) is state


@pytest.mark.parametrize(("standing", "ends_on", "state"), TRANSFERS)
def test_a_transfer_numbers_state_is_read_off_the_newest(
    standing: Standing | None, ends_on: date | None, state: transfer.State
) -> None:
    assert transfer.state_of(standing, ends_on, TODAY) is state


def test_only_what_is_in_force_can_be_extended_or_revoked() -> None:
    for event in (authorization.Event.EXTEND, authorization.Event.REVOKE):
        allowed = [state for state in authorization.State if authorization.after(state, event)]
        assert allowed == [authorization.State.IN_FORCE]


def test_what_has_lapsed_never_comes_back_by_itself() -> None:
    ways = {event for (state, event), _ in transfer.MOVES.items() if state is transfer.State.LAPSED}
    assert ways == {transfer.Event.RENEW, transfer.Event.RUN_OUT}


def test_every_state_has_a_title_people_read() -> None:
    assert set(authorization.TITLES) == set(authorization.State)
    assert set(transfer.TITLES) == set(transfer.State)
    assert "未确认" not in authorization.TITLES.values()  # the confirmation's word
