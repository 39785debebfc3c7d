"""A receipt of what another program of the account sent, while a message of ours is in flight."""

from notifier.ledger.receipts import PATIENCE, Receipt, apply
from registry.base.clock import utc_now
from tests.notifier.conftest import PEOPLE
from tests.notifier.schedules.interleaving import SEND, ElapsedClock, after_the_claim, run_of
from tests.notifier.stage import Stage


def hear_of_others(stage: Stage) -> int:
    """Take in a receipt with a number that is not ours for each person; return how many matched."""
    now = utc_now()
    heard = [
        Receipt(number, openid, 10**9 + number, "success", now, now - PATIENCE)
        for number, openid in stage.openids.items()
    ]
    with stage.resources.sessions.begin() as session:
        return len(apply(session, heard, now))


def test_it_is_not_taken_for_the_receipt_of_what_is_in_flight(stage: Stage, other: Stage) -> None:
    key = stage.start_campaign()
    stage.sandbox.control.fault("errcode", path=SEND, errcode=43101, times=PEOPLE)
    matched: list[int] = []
    with after_the_claim(other, stage, lambda: matched.append(hear_of_others(stage))):
        run_of(other, ElapsedClock())
    assert matched == [0]
    done = stage.deliver_until_done(key)
    assert (done.counts["delivered"], done.counts["failed"]) == (0, PEOPLE)
