"""Histories of the sending engine: what must hold afterwards, and that it is seen where not."""

import itertools
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from notifier.delivery import circuit_breaker, claim, restored
from notifier.delivery.circuit_breaker import Stop
from notifier.ledger import mark, outcomes
from runtime.resources import Resources
from simulation.history import (
    Act,
    AtCall,
    AtCommit,
    AtMoment,
    AtReceipt,
    AtStep,
    History,
    Incident,
    drawn,
)
from simulation.house import House, built
from simulation.scheduler import Freeze
from simulation.search import judge, shrunk
from simulation.wechat import Answer, ReceiptWay

pytestmark = pytest.mark.slow(reason="each history is minutes or hours of several processes")

QUIET = History(
    seed=1,
    people=2,
    prefers="no_duplicate",
    clockworks=1,
    tick_seconds=1.0,
    quota=1000,
    not_after=None,
    server=True,
    incidents=(),
)
LOST_FOR_LONG = (
    AtCall(1, Answer.TAKEN_UNHEARD),
    AtReceipt(1, ReceiptWay.NEVER),
    AtMoment(0.9, Act.HALT),
    AtMoment(700.0, Act.GO_ON),
)
"""An answer is lost, and its repeat waits for longer than WeChat recognises it."""


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    with built() as house:
        yield house


def with_incidents(*incidents: Incident) -> History:
    return replace(QUIET, incidents=incidents)


def test_with_nothing_in_the_way_everybody_gets_it_once(house: House) -> None:
    assert judge(house, QUIET) is None


@pytest.mark.parametrize("seed", range(1, 6))
def test_what_must_hold_holds_after_a_drawn_history(house: House, seed: int) -> None:
    broken = judge(house, drawn(seed))
    assert broken is None, "\n".join((*broken.history.lines(), *broken.complaints))


def test_the_same_seed_is_the_same_history() -> None:
    assert drawn(7) == drawn(7) != drawn(8)


def test_a_repeat_after_the_window_is_seen_as_a_second_message(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the window nobody would stop a repeat that WeChat no longer recognises."""
    monkeypatch.setattr(claim, "WINDOW", claim.WINDOW * 10)
    broken = judge(house, with_incidents(*LOST_FOR_LONG))
    assert broken is not None
    assert "seen 2 times" in broken.complaints[0]


def test_a_worker_that_slept_on_its_claim_is_seen_to_send_it_again(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the last moment of a claim some freeze of ten minutes doubles a message."""
    monkeypatch.setattr(claim, "BEGIN_SECONDS", 10_000.0)
    monkeypatch.setattr("notifier.delivery.run.CHUNK_SECONDS", 10_000.0)
    histories = (
        with_incidents(AtStep(worker, step, Freeze(700.0, suspended=True)))
        for step in range(50, 75, 5)  # from the first claim to the first call, whoever makes it
        for worker in ("worker 1", "worker 2")
    )
    assert any(judge(house, each) is not None for each in histories)


def test_what_broke_is_told_without_what_need_not_be_there(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claim, "WINDOW", claim.WINDOW * 10)
    broken = judge(house, with_incidents(AtCall(5, Answer.BUSY), *LOST_FOR_LONG))
    assert broken is not None
    kept = shrunk(house, broken).history.incidents
    assert AtCall(5, Answer.BUSY) not in kept
    assert AtCall(1, Answer.TAKEN_UNHEARD) in kept


def restored_histories() -> Iterator[History]:
    """Yield histories of a backup made before anything was sent, put back, and a cancellation."""
    for made, cancelled in itertools.product((0.12, 0.16, 0.2), (12.0, 12.5, 14.0, 20.0)):
        yield with_incidents(
            AtMoment(made, Act.BACKUP),
            AtMoment(8.0, Act.RESTORE),
            AtMoment(cancelled, Act.CANCEL),
        )


def test_what_a_warned_person_sends_anew_is_that_persons_choice(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The backup is older than the campaign's rows: the page asks, and somebody goes on."""
    until_then = (AtCommit(2), AtMoment(0.3, Act.BACKUP), AtMoment(700.3, Act.RESTORE))
    anew = replace(with_incidents(*until_then), people=1, tick_seconds=20.0, seed=552721053)
    assert judge(house, anew) is None
    monkeypatch.setattr(restored, "_hold", lambda *_: None)
    broken = judge(house, anew)
    assert broken is not None
    assert "seen 2 times" in broken.complaints[0]


def test_a_copy_that_fails_after_a_restore_does_not_make_the_first_one_fail(house: House) -> None:
    held_back = (AtCall(number, Answer.HELD_BACK) for number in (3, 4))
    history = with_incidents(*held_back, AtMoment(0.3, Act.BACKUP), AtMoment(700.0, Act.RESTORE))
    assert judge(house, replace(history, prefers="delivery")) is None


def _hold_without_marks(session: Session, resources: Resources, at: datetime) -> None:
    stop = Stop(None, outcomes.LEDGER_RESTORED, "")
    circuit_breaker.pause_account(session, resources.settings, stop, at)


def test_what_came_before_a_restore_is_not_called_skipped_by_cancelling(house: House) -> None:
    assert [judge(house, each) for each in restored_histories()] == [None] * 12


@pytest.mark.parametrize("not_after", [9.0, 13.0, 20.0])
def test_what_came_before_a_restore_is_not_called_skipped_as_its_time_ends(
    house: House, not_after: float
) -> None:
    for history in restored_histories():
        never_cancelled = history.without(history.incidents[-1])
        assert judge(house, replace(never_cancelled, not_after=not_after)) is None


@pytest.mark.parametrize(
    ("of", "name", "instead"),
    [
        (restored, "_hold", _hold_without_marks),
        (mark.Remembered, "is_ahead_of", lambda *_: False),
    ],
)
def test_without_marks_or_with_pages_that_act_at_once_skipped_is_seen_to_be_said_of_what_came(
    house: House, monkeypatch: pytest.MonkeyPatch, of: object, name: str, instead: object
) -> None:
    monkeypatch.setattr(of, name, instead)
    found = [judge(house, each) for each in restored_histories()]
    assert any("called skipped" in each.complaints[0] for each in found if each)
