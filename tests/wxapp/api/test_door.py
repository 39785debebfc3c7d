"""The interface's guard: who is let in, and how everybody else is answered."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from registry.interface import keys
from registry.interface.signatures import Algorithm
from registry.interface.tables import ProvinceKey, SpentNonce
from tests.clock import StandingClock
from tests.wxapp.api.provincial_system import PREFIX, ProvincialSystem, open_system
from tests.wxapp.site import Site


def refused(system: ProvincialSystem, **headers: str) -> bool:
    answer = system.call("GET", "/health", **headers)
    return answer.status_code == 401


def test_a_signed_question_is_answered(site: Site, system: ProvincialSystem) -> None:
    told = system.call("GET", "/health").get_json()
    assert told == {
        "status": "ok",
        "time": "2026-06-10T02:00:00Z",
        "keyid": system.keyid,
        "province": "370000",
    }


def test_sm3_is_another_algorithm_of_the_key(site: Site) -> None:
    system = open_system(site, algorithm=Algorithm.HMAC_SM3)
    assert system.call("GET", "/health").status_code == 200
    system.algorithm = Algorithm.HMAC_SHA256
    assert refused(system)


def test_every_refusal_is_alike_outside_a_trial(site: Site, system: ProvincialSystem) -> None:
    app = site.app_with(public_url="https://dj.example.cn")
    client = app.test_client()
    answers = [
        client.get(f"{PREFIX}/health", base_url="https://dj.example.cn", headers=headers)
        for headers in ({}, {"Signature": "sig1=:x:", "Signature-Input": "sig1=()"})
    ]
    for answer in answers:
        told = answer.get_json()
        assert (answer.status_code, answer.content_type) == (401, "application/problem+json")
        assert told.pop("instance").startswith("urn:quxiang:request:")
        assert told == {
            "type": "urn:quxiang:problem:bad_signature",
            "title": "Unauthorized",
            "status": 401,
            "code": "bad_signature",
            "detail": "签名无效或已失效，请核对密钥、时钟和签名方法。",
        }


def test_a_trial_says_what_was_computed(site: Site, system: ProvincialSystem) -> None:
    system.secret = b"x" * 32
    told = system.call("GET", "/health?a=b").get_json()
    assert told["faults"] == ["signature"]
    assert told["signature_base"].startswith(
        f'"@method": GET\n"@path": {PREFIX}/health\n"@query": ?a=b\n'
    )


@pytest.mark.parametrize("seconds", [-301, 301])
def test_a_clock_that_is_off_is_refused(system: ProvincialSystem, seconds: int) -> None:
    system.clock_ahead = timedelta(seconds=seconds)
    assert refused(system)


def test_a_nonce_is_good_once_and_only_spent_by_who_can_sign(
    site: Site, system: ProvincialSystem
) -> None:
    spent = select(func.count()).select_from(SpentNonce)
    signed = system.signed("GET", "/health", b"")
    client: FlaskClient = site.app.test_client()
    wrong = {**signed, "Signature": "sig1=:" + "A" * 43 + "=:"}
    assert client.get(f"{PREFIX}/health", headers=wrong).status_code == 401
    assert site.read(lambda session: session.scalar(spent)) == 0
    assert client.get(f"{PREFIX}/health", headers=signed).status_code == 200
    again = client.get(f"{PREFIX}/health", headers=signed)
    assert (again.status_code, again.get_json()["faults"]) == (401, ["nonce"])


def test_nonces_are_forgotten_when_their_signatures_are_too_old(
    site: Site, system: ProvincialSystem, clock: StandingClock
) -> None:
    system.call("GET", "/health")
    spent = select(func.count()).select_from(SpentNonce)
    for minutes, left in ((14, 1), (2, 0)):
        clock.move(timedelta(minutes=minutes))
        with site.resources.sessions.begin() as session:
            keys.forget_nonces(session, clock())
        assert site.read(lambda session: session.scalar(spent)) == left


def test_a_key_is_good_from_until_and_not_once_it_was_ended(
    site: Site, system: ProvincialSystem, clock: StandingClock
) -> None:
    with site.resources.sessions.begin() as session:
        key = session.scalars(select(ProvinceKey)).one()
        key.valid_from = clock() + timedelta(hours=1)
        key.valid_until = clock() + timedelta(hours=2)
    assert refused(system)
    clock.move(timedelta(hours=1))
    assert not refused(system)
    clock.move(timedelta(hours=1))
    assert refused(system)


def test_two_keys_are_good_while_the_vendor_changes_over(
    site: Site, system: ProvincialSystem
) -> None:
    other = open_system(site)
    assert not refused(system)
    assert not refused(other)
    with site.resources.sessions.begin() as session:
        assert keys.end(session, system.keyid, site.clock())
        assert not keys.end(session, system.keyid, site.clock())
    assert refused(system)
    assert not refused(other)
    last = site.read(lambda session: [each.last_used_at for each in keys.listed(session)])
    assert last == [site.clock(), site.clock()]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content-Type": "text/plain"}, 415),
        ({"Content-Type": "application/json; charset=gbk"}, 415),
        ({"Content-Encoding": "gzip"}, 415),
        ({"Transfer-Encoding": "chunked"}, 411),
    ],
)
def test_what_comes_otherwise_is_refused_before_it_is_read(
    system: ProvincialSystem, headers: dict[str, str], status: int
) -> None:
    answer = system.send("PUT", "/records", b'{"records":[]}', headers)
    assert (answer.status_code, answer.content_type) == (status, "application/problem+json")


def test_what_is_too_large_is_refused(system: ProvincialSystem) -> None:
    answer = system.send("PUT", "/records", b" " * (4 * 1024 * 1024 + 1))
    assert (answer.status_code, answer.get_json()["code"]) == (413, "content_too_large")


def test_what_is_not_there_is_a_problem_too(site: Site, system: ProvincialSystem) -> None:
    client = site.app.test_client()
    missing = client.get(f"{PREFIX}/nothing")
    assert (missing.status_code, missing.get_json()["code"]) == (404, "not_found")
    wrong = client.post(f"{PREFIX}/records")
    assert (wrong.status_code, wrong.headers["Allow"]) == (405, "PUT")
    assert wrong.get_json()["title"] == "Method Not Allowed"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"{", "json_unreadable"),
        (b'{"records":[],"records":[]}', "name_twice"),
        (b'{"records":[NaN]}', "json_unreadable"),
        (b'{"records":[1e400]}', "json_unreadable"),
        (b'{"records":["\\ud800"]}', "json_unreadable"),
        (b"[" * 100_000, "json_unreadable"),
        ('{"records":["张三"]}'.encode("gbk"), "json_unreadable"),
        ('{"records":[]}'.encode("utf-16"), "json_unreadable"),
        (b'\xef\xbb\xbf{"records":[]}', "json_unreadable"),
        (b'{"records":' + b"9" * 5000 + b"}", "json_unreadable"),
        (b"[]", "no_batch"),
        (b'{"records":{}}', "no_batch"),
        (b'{"records":[1]}', "no_batch"),
        (b'{"records":[],"more":1}', "no_batch"),
        (b'{"records":[' + b",".join([b"{}"] * 1001) + b"]}", "too_many_records"),
    ],
)
def test_json_is_taken_strictly(system: ProvincialSystem, body: bytes, code: str) -> None:
    answer = system.send("PUT", "/records", body)
    assert answer.status_code in {400, 422}
    assert answer.get_json()["code"] == code


def test_a_nul_in_a_text_refuses_its_row(system: ProvincialSystem) -> None:
    told = system.push({"source_id": "a", "version": 1, "xm": "\0"})["results"][0]
    assert ("#/records/0/xm", "string_pattern_mismatch") in {
        (each["pointer"], each["code"]) for each in told["errors"]
    }


@pytest.mark.parametrize("query", ["dry_run=2", "dry_run=1&dry_run=1", "dryrun=1"])
def test_a_query_that_is_not_known_is_refused(system: ProvincialSystem, query: str) -> None:
    answer = system.call("PUT", f"/records?{query}", {"records": []})
    assert (answer.status_code, answer.get_json()["code"]) == (422, "parameter_wrong")


def test_rows_of_a_minute_are_counted_and_limited(
    site: Site, system: ProvincialSystem, clock: StandingClock
) -> None:
    answer = system.call("PUT", "/records", {"records": [{}] * 3})
    assert answer.headers["RateLimit"] == f'"rows";r={keys.ROWS_A_MINUTE - 3};t=60'
    assert answer.headers["RateLimit-Policy"] == '"rows";q=200000;w=60'
    with site.resources.sessions.begin() as session:
        session.scalars(select(ProvinceKey)).one().minute_rows = keys.ROWS_A_MINUTE - 1
    clock.move(timedelta(seconds=50))
    over = system.call("PUT", "/records", {"records": [{}] * 3})
    assert (over.status_code, over.headers["Retry-After"]) == (429, "10")
    assert over.get_json()["code"] == "too_many_rows"
    assert system.call("GET", "/health").status_code == 200
    clock.move(timedelta(seconds=10))
    assert system.call("PUT", "/records", {"records": [{}] * 3}).status_code == 200
