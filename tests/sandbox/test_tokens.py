"""Access tokens: two kinds, their lives, and their ends."""

from typing import Any

import pytest

from sandbox.control import Control
from tests.sandbox.account import Account
from tests.waiting import PATIENCE

IPS = "/cgi-bin/getcallbackip"


def errcode_with(account: Account, token: str) -> int:
    query = {"access_token": token}
    answer = account.http.get(account.url + IPS, params=query, timeout=PATIENCE).json()
    return int(answer.get("errcode", 0))


def stable(account: Account, **extra: object) -> dict[str, Any]:
    config = account.config
    body = {
        "grant_type": "client_credential",
        "appid": config.app_id,
        "secret": config.app_secret,
        **extra,
    }
    return account.post("/cgi-bin/stable_token", body, token="")


def classic(account: Account) -> str:
    return str(account.client.fetch_access_token()["access_token"])


@pytest.mark.parametrize(("token", "errcode"), [("", 41001), ("short", 40014), ("x" * 120, 40001)])
def test_a_token_that_never_was_is_refused(account: Account, token: str, errcode: int) -> None:
    assert errcode_with(account, token) == errcode


def test_a_new_classic_token_leaves_the_old_one_five_minutes(
    account: Account, control: Control
) -> None:
    old, new = classic(account), classic(account)
    assert errcode_with(account, old) == errcode_with(account, new) == 0
    control.advance_clock(301)
    assert (errcode_with(account, old), errcode_with(account, new)) == (40001, 0)
    control.advance_clock(7_200)
    assert errcode_with(account, new) == 42001


def test_the_stable_token_stays_the_same_until_its_last_five_minutes(
    account: Account, control: Control
) -> None:
    first = stable(account)
    assert stable(account)["access_token"] == first["access_token"]
    control.advance_clock(7_000)
    second = stable(account)
    assert second["access_token"] != first["access_token"]
    assert errcode_with(account, first["access_token"]) == 0


def test_force_ends_the_old_token_at_once_but_not_too_often(
    account: Account, control: Control
) -> None:
    first = stable(account)["access_token"]
    second = stable(account, force_refresh=True)["access_token"]
    assert (errcode_with(account, first), errcode_with(account, second)) == (40001, 0)
    assert stable(account, force_refresh=True)["errcode"] == 45011
    for _ in range(19):
        control.advance_clock(31)
        assert "access_token" in stable(account, force_refresh=True)
    control.advance_clock(31)
    assert stable(account, force_refresh=True)["errcode"] == 45009


def test_the_two_kinds_do_not_touch_each_other(account: Account, control: Control) -> None:
    kept = stable(account)["access_token"]
    classic(account)
    classic(account)
    control.advance_clock(400)
    assert errcode_with(account, kept) == 0


@pytest.mark.parametrize("errcode", [40001, 42001])
def test_tokens_can_be_revoked(account: Account, control: Control, errcode: int) -> None:
    token = classic(account)
    assert control.revoke_tokens(errcode) == 1
    assert errcode_with(account, token) == errcode


@pytest.mark.parametrize(("wrong", "errcode"), [({"appid": "x"}, 40013), ({"secret": "x"}, 40125)])
def test_wrong_credentials_are_refused(
    account: Account, wrong: dict[str, str], errcode: int
) -> None:
    assert stable(account, **wrong)["errcode"] == errcode
