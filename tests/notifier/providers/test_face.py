"""A face check is asked for in words only, counts for one person, and leaves no trace in logs."""

import json
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import requests
from werkzeug import Response
from werkzeug.serving import make_server

from notifier.providers.face import Begun, Face, FaceOutcome, Person
from notifier.providers.tencent_cloud import CallError
from registry.base.clock import utc_now
from runtime.settings import Settings
from sandbox.control import Control
from sandbox.testing import RunningSandbox
from tests.notifier.wechat.account import settings_for
from tests.notifier.wechat.test_gateway import everything_of

PERSON = Person("李娟", "11010519491231002X")
BACK = "https://quxiang.example.edu.cn/g/back"


@pytest.fixture
def control(sandbox: RunningSandbox) -> Iterator[Control]:
    with sandbox.control as control:
        yield control


@pytest.fixture
def settings(sandbox: RunningSandbox) -> Settings:
    return settings_for(
        sandbox.url,
        face_url=f"{sandbox.url}/faceid",
        face_secret_id="AKIDsandbox",
        face_secret_key="sandbox-face-secret",
        face_rule_id="1",
    )


@pytest.fixture
def face(settings: Settings) -> Face:
    return Face(settings, utc_now)


def end(begun: Begun, ending: str) -> None:
    requests.post(begun.url, data={"act": ending}, timeout=5, allow_redirects=False)


@pytest.mark.parametrize(
    ("ending", "outcome"),
    [("pass", FaceOutcome.PASSED), ("fail", FaceOutcome.FAILED), ("quit", FaceOutcome.UNFINISHED)],
)
def test_the_outcome_is_what_happened_on_the_page(
    face: Face, control: Control, ending: str, outcome: FaceOutcome
) -> None:
    begun = face.begin(PERSON, BACK)
    [check] = control.face_checks()
    assert (check["name"], check["id_card"]) == (PERSON.name, PERSON.identity_number)
    assert check["redirect_url"] == BACK
    end(begun, ending)
    assert face.outcome(PERSON, begun.token) is outcome
    assert not control.face_checks()[0]["pictures"]


def test_nothing_is_proven_before_the_page_was_used(face: Face) -> None:
    assert face.outcome(PERSON, face.begin(PERSON, BACK).token) is FaceOutcome.UNFINISHED


@pytest.mark.parametrize(
    "other", [Person("王芳", PERSON.identity_number), Person(PERSON.name, "110105194912310038")]
)
def test_a_pass_counts_for_the_person_it_names(face: Face, other: Person) -> None:
    begun = face.begin(other, BACK)
    end(begun, "pass")
    assert face.outcome(PERSON, begun.token) is FaceOutcome.OTHER_PERSON


def test_a_provider_that_names_somebody_else_proves_nothing(face: Face, control: Control) -> None:
    begun = face.begin(PERSON, BACK)
    end(begun, "pass")
    control.fault("other_person", path="/faceid")
    assert face.outcome(PERSON, begun.token) is FaceOutcome.OTHER_PERSON


def test_a_refusal_is_said_by_its_code(face: Face, control: Control) -> None:
    control.fault("errcode", path="/faceid", errmsg="UnauthorizedOperation.Arrears")
    with pytest.raises(CallError, match=r"UnauthorizedOperation\.Arrears") as caught:
        face.begin(PERSON, BACK)
    assert caught.value.request_id


def test_only_a_resident_number_can_be_checked(face: Face, control: Control) -> None:
    with pytest.raises(CallError, match="not_a_resident_number"):
        face.begin(Person("李娟", "E12345678"), BACK)
    assert control.face_checks() == []


@pytest.mark.parametrize("missing", ["face_secret_id", "face_secret_key", "face_rule_id"])
def test_without_all_settings_it_is_not_offered(settings: Settings, missing: str) -> None:
    assert Face(settings, utc_now).is_offered
    assert not Face(settings.model_copy(update={missing: ""}), utc_now).is_offered


def test_without_a_provider_nothing_is_asked(settings: Settings) -> None:
    face = Face(settings.model_copy(update={"face_secret_id": ""}), utc_now)
    with pytest.raises(CallError, match="not_configured"):
        face.begin(PERSON, BACK)


@pytest.mark.parametrize(
    "behaviour",
    ["html", "empty", "object", "truncated", "reset", "drop", "status", "errcode", "delay"],
)
def test_no_failure_and_no_log_shows_person_or_secret(
    face: Face,
    settings: Settings,
    control: Control,
    caplog: pytest.LogCaptureFixture,
    behaviour: str,
) -> None:
    caplog.set_level(logging.DEBUG)
    begun = face.begin(PERSON, BACK)
    control.fault(behaviour, path="/faceid", seconds=0.01)
    shown = ""
    for ask in (lambda: face.begin(PERSON, BACK), lambda: face.outcome(PERSON, begun.token)):
        try:
            ask()
        except CallError as error:
            shown += everything_of(error)
    assert bool(shown) == (behaviour != "delay")
    secret = settings.face_secret_key.get_secret_value()
    for hidden in (PERSON.name, PERSON.identity_number, begun.token, secret):
        assert hidden not in shown + caplog.text


def test_a_provider_that_hangs_is_given_up(
    face: Face, control: Control, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("notifier.providers.tencent_cloud.TIMEOUT", (1, 0.2))
    control.fault("hang", path="/faceid")
    with pytest.raises(CallError, match="ReadTimeout"):
        face.begin(PERSON, BACK)


@contextmanager
def provider_that_leads_to(page: str) -> Iterator[str]:
    """Answer every call with one page; give the address to ask."""
    answer = Response(json.dumps({"Response": {"Url": page, "BizToken": "token"}}))
    server = make_server("127.0.0.1", 0, answer)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/faceid"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(
    "page",
    [
        "http://open.weixin.qq.com/connect/oauth2/authorize",
        "https://faceid.qq.com.example.com/api/auth",
        "https://faceid.qq.com@example.com/api/auth",
        "javascript:alert(1)",
    ],
)
def test_nobody_is_led_to_a_page_that_is_not_the_providers(settings: Settings, page: str) -> None:
    with provider_that_leads_to(page) as url:
        face = Face(settings.model_copy(update={"face_url": url}), utc_now)
        with pytest.raises(CallError, match="unlisted_page"):
            face.begin(PERSON, BACK)


@pytest.mark.parametrize(
    "page",
    [
        "https://open.weixin.qq.com/connect/oauth2/authorize?appid=wx2cca36a86d5035ae",
        "https://faceid.qq.com/api/auth",
    ],
)
def test_the_providers_own_page_is_led_to(settings: Settings, page: str) -> None:
    with provider_that_leads_to(page) as url:
        face = Face(settings.model_copy(update={"face_url": url}), utc_now)
        assert face.begin(PERSON, BACK).url == page
