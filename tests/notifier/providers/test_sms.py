"""A code goes to the phone by the provider's API, once, and leaves no trace in logs or errors."""

import logging
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from pydantic import SecretStr

from notifier.providers.sms import Sms
from notifier.providers.tencent_cloud import CallError, Product, signed_headers
from registry.base.clock import utc_now
from runtime.settings import Settings
from sandbox.control import Control
from sandbox.testing import RunningSandbox
from tests.notifier.wechat.account import settings_for
from tests.notifier.wechat.test_gateway import everything_of

PHONE, CODE = "19900001234", "048213"


@pytest.fixture
def control(sandbox: RunningSandbox) -> Iterator[Control]:
    with sandbox.control as control:
        yield control


@pytest.fixture
def settings(sandbox: RunningSandbox) -> Settings:
    return settings_for(sandbox.url)


@pytest.fixture
def sms(settings: Settings) -> Sms:
    return Sms(settings, utc_now)


def test_a_code_arrives_on_the_phone(sms: Sms, control: Control) -> None:
    sms.send_code(PHONE, CODE, 5)
    (message,) = control.sms(PHONE)
    assert message["params"] == [CODE, "5"]
    assert CODE in message["text"]
    assert message["template_id"] == "449739"


def test_the_signature_is_the_providers_own() -> None:
    """The value was made once with the provider's SDK, from the same body, moment and keys."""
    headers = signed_headers(
        Product(
            name="sms",
            version="2021-01-11",
            url="https://sms.tencentcloudapi.com",
            secret_id="AKIDEXAMPLE",
            secret_key=SecretStr("secretkeyexample"),
        ),
        "SendSms",
        b'{"PhoneNumberSet": ["+8619900001234"]}',
        datetime(2026, 6, 10, 2, 0, tzinfo=UTC),
    )
    assert headers["Authorization"].endswith(SIGNATURE)
    assert "Credential=AKIDEXAMPLE/2026-06-10/sms/tc3_request," in headers["Authorization"]


SIGNATURE = "39158b9be59a746b4641afc0a0743bb7f61fe35201961f49cbc9542c52994cd6"


@pytest.mark.parametrize(
    ("errmsg", "code"),
    [
        ("FailedOperation.InsufficientBalanceInSmsPackage",) * 2,
        ("AuthFailure.SecretIdNotFound",) * 2,
    ],
)
def test_a_refusal_is_said_by_its_code(sms: Sms, control: Control, errmsg: str, code: str) -> None:
    control.fault("errcode", path="/sms", errmsg=errmsg)
    with pytest.raises(CallError) as caught:
        sms.send_code(PHONE, CODE, 5)
    assert caught.value.code == code
    assert caught.value.request_id


def test_a_limit_of_one_number_is_said_by_its_code(sms: Sms, control: Control) -> None:
    control.configure(sms_gap_seconds=30.0)
    sms.send_code(PHONE, CODE, 5)
    with pytest.raises(CallError, match="ThirtySecondLimit"):
        sms.send_code(PHONE, CODE, 5)


@pytest.mark.parametrize("phone", ["", "123", "010-62345678", "+8619900001234"])
def test_what_is_no_mobile_number_is_not_sent(sms: Sms, control: Control, phone: str) -> None:
    with pytest.raises(CallError, match="not_a_mobile_number"):
        sms.send_code(phone, CODE, 5)
    assert control.sms() == []


def test_without_a_provider_nothing_is_sent(sandbox: RunningSandbox) -> None:
    sms = Sms(settings_for(sandbox.url, sms_secret_id=""), utc_now)
    with pytest.raises(CallError, match="not_configured"):
        sms.send_code(PHONE, CODE, 5)


@pytest.mark.parametrize(
    "behaviour",
    ["html", "empty", "object", "truncated", "reset", "drop", "status", "errcode", None],
)
def test_no_failure_and_no_log_shows_number_code_or_secret(
    sms: Sms,
    settings: Settings,
    control: Control,
    caplog: pytest.LogCaptureFixture,
    behaviour: str | None,
) -> None:
    caplog.set_level(logging.DEBUG)
    shown = ""
    if behaviour is None:
        sms.send_code(PHONE, CODE, 5)
    else:
        control.fault(behaviour, path="/sms")
        with pytest.raises(CallError) as caught:
            sms.send_code(PHONE, CODE, 5)
        shown = everything_of(caught.value)
    shown += caplog.text
    for secret in (PHONE, CODE, settings.sms_secret_key.get_secret_value()):
        assert secret not in shown
