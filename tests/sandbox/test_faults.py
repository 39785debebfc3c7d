"""Being told to misbehave: every way an answer or a receipt can go wrong."""

import time
from collections.abc import Callable
from typing import Any

import pytest
import requests

from sandbox.control import Control, ControlError
from tests.sandbox.account import FITTING, REMINDER, SEND, Account, AccountServer

Call = Callable[..., requests.Response]


@pytest.fixture
def call(account: Account, openid: str) -> Call:
    """Send the reminder and return the raw answer; the token and the template are had before."""
    body = {"touser": openid, "template_id": account.template(REMINDER), "data": FITTING}
    query = {"access_token": account.client.access_token}

    def sending(timeout: float = 5, **extra: object) -> requests.Response:
        wanted = {**body, **extra}
        return account.http.post(account.url + SEND, params=query, json=wanted, timeout=timeout)

    return sending


def seen(control: Control) -> int:
    return len(list(control.messages()))


@pytest.mark.parametrize("accept", [False, True])
@pytest.mark.parametrize(
    ("order", "status", "text"),
    [
        ({"behaviour": "status", "status": 502}, 502, "Bad Gateway"),
        ({"behaviour": "html"}, 200, "<html>"),
        ({"behaviour": "empty"}, 200, ""),
        ({"behaviour": "object"}, 200, "{}"),
        ({"behaviour": "array"}, 200, "[]"),
        ({"behaviour": "errcode", "errcode": -1}, 200, '"errcode": -1'),
    ],
)
def test_a_spoilt_answer_says_nothing_of_what_was_done(
    call: Call, control: Control, order: dict[str, Any], status: int, text: str, *, accept: bool
) -> None:
    control.fault(**order, path=SEND, times=1, accept=accept)
    answer = call()
    assert answer.status_code == status
    assert text in answer.text
    assert seen(control) == int(accept)
    assert call().json()["errcode"] == 0


@pytest.mark.parametrize("accept", [False, True])
@pytest.mark.parametrize("behaviour", ["reset", "drop"])
def test_a_connection_ends_without_an_answer(
    call: Call, control: Control, behaviour: str, *, accept: bool
) -> None:
    control.fault(behaviour, path=SEND, times=1, accept=accept)
    with pytest.raises(requests.ConnectionError):
        call()
    assert seen(control) == int(accept)
    assert call().json()["errcode"] == 0


@pytest.mark.parametrize("accept", [False, True])
def test_a_call_hangs(call: Call, control: Control, *, accept: bool) -> None:
    control.fault("hang", path=SEND, times=1, accept=accept)
    with pytest.raises(requests.ReadTimeout):
        call(timeout=0.2)
    assert seen(control) == int(accept)


def test_half_of_the_json_arrives(call: Call, control: Control) -> None:
    control.fault("truncated", path=SEND, times=1)
    with pytest.raises(requests.JSONDecodeError):
        call().json()
    assert seen(control) == 1


@pytest.mark.parametrize("behaviour", ["delay", "drip"])
def test_an_answer_takes_its_time(call: Call, control: Control, behaviour: str) -> None:
    control.fault(behaviour, path=SEND, times=1, seconds=0.3)
    began = time.monotonic()
    assert call().json()["errcode"] == 0
    assert time.monotonic() - began >= 0.3


def test_a_fault_meets_only_the_person_it_is_for(call: Call, control: Control, openid: str) -> None:
    other = control.add_phone("乙")
    control.fault("errcode", errcode=43101, openid=other)
    assert call().json()["errcode"] == 0
    assert call(touser=other).json()["errcode"] == 43101
    assert call(touser=openid).json()["errcode"] == 0


def test_a_share_of_the_calls_is_met_and_the_same_ones_each_time(
    call: Call, control: Control
) -> None:
    control.fault("errcode", path=SEND, share=0.3)
    answers = [call().json()["errcode"] for _ in range(40)]
    assert 3 <= answers.count(-1) <= 24
    [standing] = control.faults()
    assert standing["hits"] == answers.count(-1)


def test_faults_stand_until_they_are_cleared(call: Call, control: Control) -> None:
    first = control.fault("errcode", path=SEND, errcode=45011)
    control.fault("errcode", path=SEND, errcode=45009)
    assert call().json()["errcode"] == 45011
    control.clear_faults(first)
    assert call().json()["errcode"] == 45009
    control.clear_faults()
    assert call().json()["errcode"] == 0


@pytest.mark.parametrize(
    "order",
    [{"behaviour": "nonsense"}, {"behaviour": "delay", "id": 7}, {"behaviour": "delay", "x": 1}],
)
def test_an_order_that_makes_no_sense_is_refused(control: Control, order: dict[str, Any]) -> None:
    with pytest.raises(ControlError):
        control.fault(**order)


def receipts(account: Account, server: AccountServer) -> list[tuple[int, str]]:
    return [(one.id, one.status) for one in server.messages(account.config)]


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ({"behaviour": "receipt_twice"}, ["success", "success"]),
        ({"behaviour": "receipt_never"}, []),
        ({"behaviour": "receipt_late", "seconds": 0.3}, ["success"]),
        ({"behaviour": "receipt_status"}, ["failed:system failed"]),
        (
            {"behaviour": "receipt_status", "receipt_status": "failed:freq limit"},
            ["failed:freq limit"],
        ),
    ],
)
def test_a_receipt_goes_wrong(
    call: Call,
    control: Control,
    account: Account,
    account_server: AccountServer,
    order: dict[str, Any],
    expected: list[str],
) -> None:
    control.fault(**order, times=1)
    msgid = call().json()["msgid"]
    control.wait_until_pushed()
    assert receipts(account, account_server) == [(msgid, status) for status in expected]


def test_a_receipt_comes_before_the_answer(
    call: Call, control: Control, account: Account, account_server: AccountServer
) -> None:
    control.fault("receipt_early", times=1)
    msgid = call().json()["msgid"]
    assert receipts(account, account_server) == [(msgid, "success")]


def test_a_receipt_names_no_message(
    call: Call, control: Control, account: Account, account_server: AccountServer
) -> None:
    control.fault("receipt_zero", times=1)
    call()
    control.wait_until_pushed()
    assert receipts(account, account_server) == [(0, "success")]


def test_receipts_come_out_of_order(
    call: Call, control: Control, account: Account, account_server: AccountServer
) -> None:
    control.fault("receipt_shuffled", seconds=0.3)
    sent = [call().json()["msgid"] for _ in range(12)]
    control.wait_until_pushed()
    arrived = [msgid for msgid, _ in receipts(account, account_server)]
    assert arrived != sent
    assert sorted(arrived) == sent
