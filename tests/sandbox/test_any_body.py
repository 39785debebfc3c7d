"""Whatever a call is sent, the platform's stand-in answers in its words and never with HTTP 500."""

from typing import Any

import pytest
import requests
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sandbox.calls.routes import ROUTES
from sandbox.testing import RunningSandbox
from tests.profiles import examples
from tests.waiting import PATIENCE

NAMES = (
    *("touser", "template_id", "data", "url", "client_msg_id", "user_list", "openid", "button"),
    *("tmpl_msg_id", "largest_id", "limit", "action_info", "action_name", "expire_seconds"),
    *("template_id_short", "keyword_name_list", "grant_type", "appid", "secret", "force_refresh"),
    *("tag", "tagid", "openid_list", "remark", "matchrule", "menuid", "user_id", "text", "image"),
    *("news", "msgmenu", "command", "action", "check_operator", "begin_openid", "next_openid"),
    *("PhoneNumberSet", "TemplateParamSet", "SmsSdkAppId", "EIdToken", "Config", "to", "msgtype"),
)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)
BODIES = st.dictionaries(st.sampled_from(NAMES), VALUES, max_size=5)


def token_of(sandbox: RunningSandbox) -> str:
    account = sandbox.config
    asked = {
        "grant_type": "client_credential",
        "appid": account.app_id,
        "secret": account.app_secret,
    }
    answer = requests.post(f"{sandbox.url}/cgi-bin/stable_token", json=asked, timeout=PATIENCE)
    return str(answer.json()["access_token"])


@pytest.mark.parametrize(("method", "path"), sorted(ROUTES))
def test_any_body_is_answered(sandbox: RunningSandbox, method: str, path: str) -> None:
    token = token_of(sandbox)

    @settings(max_examples=examples(25, thorough=500))
    @example({"action_info": {"scene": {"scene_str": "a"}}, "expire_seconds": "x"})
    @example({"tmpl_msg_id": "t", "largest_id": "x", "limit": 1e300})
    @given(BODIES)
    def holds(body: dict[str, Any]) -> None:
        answer = requests.request(
            method,
            f"{sandbox.url}{path}",
            params={"access_token": token},
            json=body,
            timeout=PATIENCE,
            allow_redirects=False,
        )
        assert answer.status_code < 500, answer.text

    holds()


NO_BODIES = (
    b"",
    b"\xff\xfe",
    b"[1]",
    b"--x\r\nContent-Disposition: form-data",
    b"{" * 5_000,
    b"[" * 50_000,
)


@pytest.mark.parametrize("kind", ["application/json", "multipart/form-data; boundary=x", ""])
def test_what_is_no_body_is_answered(sandbox: RunningSandbox, kind: str) -> None:
    query, headers = {"access_token": token_of(sandbox)}, {"Content-Type": kind}
    with requests.Session() as http:
        for method, path in sorted(ROUTES):
            url = f"{sandbox.url}{path}"
            for raw in NO_BODIES:
                answer = http.request(
                    method, url, params=query, data=raw, headers=headers, timeout=PATIENCE
                )
                assert answer.status_code < 500, (path, raw, answer.text)


NAMED = st.fixed_dictionaries(
    {
        "touser": st.just("PERSON"),
        "msgtype": st.sampled_from(["text", "image", "news", "music", "msgmenu", "link", "video"]),
    },
    optional=dict.fromkeys(("text", "image", "news", "music", "msgmenu", "link"), VALUES),
)


def test_any_message_to_a_person_is_answered(sandbox: RunningSandbox, openid: str) -> None:
    token = token_of(sandbox)

    @settings(max_examples=examples(50, thorough=500))
    @example({"touser": "PERSON", "msgtype": "news", "news": {"articles": [1]}})
    @example({"touser": "PERSON", "msgtype": "msgmenu", "msgmenu": {"list": ["x"]}})
    @example({"touser": "PERSON", "msgtype": "text", "text": {"content": "\ud800"}})
    @example({"touser": "PERSON", "msgtype": "link", "link": {"title": "\ud800"}})
    @given(NAMED)
    def holds(body: dict[str, Any]) -> None:
        answer = requests.post(
            f"{sandbox.url}/cgi-bin/message/custom/send",
            params={"access_token": token},
            json=body | {"touser": openid},
            timeout=PATIENCE,
        )
        assert answer.status_code == 200, answer.text

    holds()


@pytest.mark.parametrize("kind", ["", "x", "图片", "text/html; charset=nowhere", "a/b\x01"])
@pytest.mark.parametrize("name", ["a.png", "去\x01向.png", '"; x="y', "a/../b"])
def test_a_file_may_say_anything_of_itself(sandbox: RunningSandbox, kind: str, name: str) -> None:
    query = {"access_token": token_of(sandbox), "type": "image"}
    part = f'--x\r\nContent-Disposition: form-data; name="media"; filename="{name}"\r\n'
    form = f"{part}Content-Type: {kind}\r\n\r\nabc\r\n--x--\r\n".encode()
    answer = requests.post(
        f"{sandbox.url}/cgi-bin/media/upload",
        params=query,
        data=form,
        headers={"Content-Type": "multipart/form-data; boundary=x"},
        timeout=PATIENCE,
    )
    assert answer.status_code == 200, answer.text
    kept = answer.json().get("media_id", "")
    for path, asked in (("/cgi-bin/media/get", query | {"media_id": kept}), (f"/media/{kept}", {})):
        answer = requests.get(f"{sandbox.url}{path}", params=asked, timeout=PATIENCE)
        assert answer.status_code < 500, answer.text


def test_a_number_of_any_length_is_no_tag(sandbox: RunningSandbox) -> None:
    query = {"access_token": token_of(sandbox)}
    for number in ("9" * 5_000, 10**400, True, None):
        answer = requests.post(
            f"{sandbox.url}/cgi-bin/user/tag/get",
            params=query,
            json={"tagid": number},
            timeout=PATIENCE,
        )
        assert (answer.status_code, answer.json()["errcode"]) == (200, 45159)
