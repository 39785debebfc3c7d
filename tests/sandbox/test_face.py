"""The face check: asked for as Tencent Cloud's SDK asks, ended on the phone's page."""

from pathlib import Path
from typing import Any

import html5lib
import pytest
import requests

from sandbox.config import Config
from sandbox.control import Control
from sandbox.testing import RunningSandbox
from tests.waiting import PATIENCE

BACK = "http://127.0.0.1:1/g/back?kind=file"
BODY = {
    "RuleId": "1",
    "IdCard": "11010519491231002X",
    "Name": "李娟",
    "RedirectUrl": BACK,
}
SIGNED = "TC3-HMAC-SHA256 Credential=AKID/2026-06-01/faceid/tc3_request, Signature=00"


def ask(sandbox: RunningSandbox, action: str, body: dict[str, Any]) -> dict[str, Any]:
    headers = {"Authorization": SIGNED, "X-TC-Action": action, "X-TC-Version": "2018-03-01"}
    answer = requests.post(f"{sandbox.url}/faceid", headers=headers, json=body, timeout=PATIENCE)
    found: dict[str, Any] = answer.json()["Response"]
    assert found["RequestId"]
    return found


def outcome(sandbox: RunningSandbox, token: str, kinds: str = "1") -> dict[str, Any]:
    body = {"BizToken": token, "RuleId": "1", "InfoType": kinds}
    return ask(sandbox, "GetDetectInfoEnhanced", body)


def press(url: str, ending: str) -> requests.Response:
    return requests.post(url, data={"act": ending}, timeout=PATIENCE, allow_redirects=False)


@pytest.fixture
def begun(sandbox: RunningSandbox) -> dict[str, Any]:
    return ask(sandbox, "DetectAuth", BODY)


def test_the_page_asks_for_the_person_by_a_masked_name(begun: dict[str, Any]) -> None:
    answer = requests.get(begun["Url"], timeout=PATIENCE)
    html5lib.HTMLParser(strict=True).parse(answer.text)
    assert "请 李* 本人" in answer.text
    assert BODY["IdCard"] not in answer.text


@pytest.mark.parametrize(("ending", "errcode"), [("pass", 0), ("fail", 2004), ("quit", None)])
def test_each_ending_leads_back_with_the_token(
    sandbox: RunningSandbox, begun: dict[str, Any], ending: str, errcode: int | None
) -> None:
    assert outcome(sandbox, begun["BizToken"])["Text"]["ErrCode"] is None
    back = press(begun["Url"], ending)
    assert back.headers["Location"] == f"{BACK}&BizToken={begun['BizToken']}"
    text = outcome(sandbox, begun["BizToken"])["Text"]
    assert text["ErrCode"] == errcode
    assert (text["IdCard"] == BODY["IdCard"]) == (errcode is not None)


def test_an_ended_check_takes_nobody_again(sandbox: RunningSandbox, begun: dict[str, Any]) -> None:
    press(begun["Url"], "fail")
    assert press(begun["Url"], "pass").status_code == 400
    assert outcome(sandbox, begun["BizToken"])["Text"]["ErrCode"] == 2004


def test_a_check_waits_two_hours(control: Control, begun: dict[str, Any]) -> None:
    control.advance_clock(7_201)
    assert press(begun["Url"], "pass").status_code == 400


def test_its_outcome_is_told_for_three_days(
    sandbox: RunningSandbox, control: Control, begun: dict[str, Any]
) -> None:
    press(begun["Url"], "pass")
    control.advance_clock(3 * 86_400 + 1)
    assert outcome(sandbox, begun["BizToken"])["Error"]["Code"].endswith("BizTokenIllegal")


def test_pictures_come_only_when_asked_for_and_asking_is_seen(
    sandbox: RunningSandbox, control: Control, begun: dict[str, Any]
) -> None:
    assert outcome(sandbox, begun["BizToken"], "1")["BestFrame"] is None
    assert not control.face_checks()[0]["pictures"]
    assert outcome(sandbox, begun["BizToken"], "0")["BestFrame"]
    assert control.face_checks()[0]["pictures"]


@pytest.mark.parametrize("missing", list(BODY))
def test_a_check_needs_every_parameter(sandbox: RunningSandbox, missing: str) -> None:
    refused = ask(sandbox, "DetectAuth", BODY | {missing: ""})
    assert refused["Error"]["Code"] == "MissingParameter"


@pytest.mark.parametrize("wrong", [{"IdCard": "123"}, {"RedirectUrl": "javascript:alert(1)"}])
def test_a_check_needs_sound_parameters(sandbox: RunningSandbox, wrong: dict[str, str]) -> None:
    assert ask(sandbox, "DetectAuth", BODY | wrong)["Error"]["Code"] == "InvalidParameterValue"


def test_another_action_or_token_is_refused(sandbox: RunningSandbox) -> None:
    assert ask(sandbox, "SendSms", BODY)["Error"]["Code"] == "InvalidAction"
    assert outcome(sandbox, "made-up")["Error"]["Code"].endswith("BizTokenIllegal")


def test_somebody_else_passes_when_told(
    sandbox: RunningSandbox, control: Control, begun: dict[str, Any]
) -> None:
    control.fault("other_person", path="/faceid")
    press(begun["Url"], "pass")
    text = outcome(sandbox, begun["BizToken"])["Text"]
    assert (text["ErrCode"], text["Name"]) == (0, "王某某")


def test_checks_survive_a_restart(tmp_path: Path) -> None:
    config = Config(data_dir=tmp_path)
    with RunningSandbox(config) as before:
        token = ask(before, "DetectAuth", BODY)["BizToken"]
        press(f"{before.url}/face/{token}", "pass")
    with RunningSandbox(config) as after:
        assert outcome(after, token)["Text"]["ErrCode"] == 0
        assert [one["token"] for one in after.control.face_checks()] == [token]
