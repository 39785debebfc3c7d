"""A worker that was frozen longer than WeChat remembers, between any two of its steps."""

import pytest

from notifier.delivery.claim import BEGIN_SECONDS
from notifier.delivery.http_sender import HttpSender
from sandbox.testing import RunningSandbox
from tests.notifier.conftest import PEOPLE
from tests.notifier.schedules.interleaving import (
    ElapsedClock,
    after_the_claim,
    let_leases_end,
    run_of,
)
from tests.notifier.stage import Stage


def test_what_was_claimed_before_a_freeze_is_not_sent_after_it(stage: Stage, other: Stage) -> None:
    stage.start_campaign()
    elapsed = ElapsedClock()

    def another_worker_sends() -> None:
        let_leases_end(stage)
        assert stage.deliver().accepted == PEOPLE
        elapsed.ahead = 660

    with after_the_claim(other, stage, another_worker_sends):
        revived = run_of(other, elapsed)
    assert revived.accepted == 0
    assert set(stage.seen().values()) == {1}


@pytest.mark.parametrize("frozen", [0.0, BEGIN_SECONDS + 1])
def test_a_call_that_was_begun_before_a_freeze_does_not_leave_after_it(
    sandbox: RunningSandbox, frozen: float
) -> None:
    elapsed = ElapsedClock()
    sender: HttpSender[str] = HttpSender(1, elapsed)
    url = f"{sandbox.url}/cgi-bin/message/template/send?access_token=none"
    sender.send("mine", url, b"{}", latest=elapsed() + BEGIN_SECONDS)
    elapsed.ahead = frozen
    while not (replies := sender.poll(1)):
        pass
    assert [each.left for each in replies] == [frozen == 0]
    assert bool(sandbox.control.counts()["paths"]) == (frozen == 0)
    sender.close()
