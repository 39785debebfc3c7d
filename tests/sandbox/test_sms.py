"""Short messages, asked for as Tencent Cloud's SDK asks."""

from typing import Any

import pytest

from sandbox.control import Control
from tests.sandbox.account import Account
from tests.waiting import PATIENCE

HEADERS = {
    "Authorization": "TC3-HMAC-SHA256 Credential=AKID/2026-06-01/sms/tc3_request, Signature=00",
    "X-TC-Action": "SendSms",
    "X-TC-Version": "2021-01-11",
    "X-TC-Region": "ap-guangzhou",
    "X-TC-Timestamp": "1780000000",
}
BODY = {
    "PhoneNumberSet": ["+8613800138000"],
    "SmsSdkAppId": "1400006666",
    "SignName": "去向登记",
    "TemplateId": "1110",
    "TemplateParamSet": ["482913", "5"],
}


def send(account: Account, headers: dict[str, str] = HEADERS, **extra: object) -> dict[str, Any]:
    answer = account.http.post(
        f"{account.url}/sms", headers=headers, json=BODY | extra, timeout=PATIENCE
    )
    found: dict[str, Any] = answer.json()["Response"]
    assert found["RequestId"]
    return found


def test_the_code_arrives_on_the_phone(account: Account, control: Control, openid: str) -> None:
    [status] = send(account)["SendStatusSet"]
    assert (status["Code"], status["Fee"], status["PhoneNumber"]) == ("Ok", 1, "+8613800138000")
    [sms] = control.sms("13800138000")
    assert sms["params"] == ["482913", "5"]
    page = account.http.get(f"{account.url}/phone/{openid}", timeout=PATIENCE).text
    assert "【去向登记】验证码482913，5分钟内有效" in page


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"X-TC-Action": "SendSms"}, "AuthFailure.SignatureFailure"),
        (HEADERS | {"X-TC-Action": "Other"}, "InvalidAction"),
    ],
)
def test_a_call_without_its_headers_is_refused(
    account: Account, headers: dict[str, str], code: str
) -> None:
    assert send(account, headers)["Error"]["Code"] == code


def test_a_wrong_number_fails_alone(account: Account, control: Control) -> None:
    wrong, right = send(account, PhoneNumberSet=["12345", "13800138001"])["SendStatusSet"]
    assert wrong["Code"] == "InvalidParameterValue.IncorrectPhoneNumber"
    assert right["Code"] == "Ok"
    assert len(control.sms()) == 1


def test_the_same_number_waits(account: Account, control: Control) -> None:
    control.configure(sms_gap_seconds=30)
    send(account)
    [status] = send(account)["SendStatusSet"]
    assert status["Code"] == "LimitExceeded.PhoneNumberThirtySecondLimit"
    control.advance_clock(31)
    assert send(account)["SendStatusSet"][0]["Code"] == "Ok"


def test_the_provider_fails_when_told(account: Account, control: Control) -> None:
    control.fault(
        "errcode", path="/sms", times=1, errmsg="FailedOperation.InsufficientBalanceInSmsPackage"
    )
    assert send(account)["Error"]["Code"] == "FailedOperation.InsufficientBalanceInSmsPackage"
    assert control.sms() == []
