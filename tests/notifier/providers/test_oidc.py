"""A campus that speaks OpenID Connect: only a token that it signed for us names somebody."""

import base64
import hashlib
import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from joserfc.jwk import OctKey

from notifier.providers import oidc
from notifier.providers.campus import CampusAway, CampusRefused, CampusVisitor
from notifier.providers.oidc import OidcServer
from tests.notifier.providers.oidc_campus import (
    BACK,
    LOGOUT,
    OTHER_KEY,
    SECRET,
    OidcCampus,
    run_campus,
)

LOGS_OUT = {"typ": "logout+jwt"}


@pytest.fixture
def campus() -> Iterator[OidcCampus]:
    with run_campus() as running:
        yield running


def come(campus: OidcCampus, state: str = "s1", **settings: Any) -> CampusVisitor:  # noqa: ANN401 - any setting's
    server = OidcServer(campus.login(**settings))
    came = campus.sign_in(server.way_in(BACK, "s1", in_wechat=False))
    return server.visitor(came, BACK, state)


def letters(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def test_a_token_names_the_subject_and_the_rest_is_asked_for(campus: OidcCampus) -> None:
    visitor = come(campus)
    assert (visitor.subject, visitor.number) == ("liwei", "T1")
    assert visitor.kinds == {"teacher", "member"}
    asked = campus.asked
    verifier = hashlib.sha256(asked["code_verifier"].encode()).digest()
    assert asked["code_challenge"] == letters(verifier)
    assert (asked["code_challenge_method"], asked["redirect_uri"]) == ("S256", BACK)
    assert asked["authorization"].startswith("Basic ")
    assert SECRET not in str(asked)


def test_a_secret_goes_into_the_form_where_the_campus_takes_it_nowhere_else(
    campus: OidcCampus,
) -> None:
    campus.metadata["token_endpoint_auth_methods_supported"] = ["client_secret_post"]
    come(campus)
    assert (campus.asked["client_secret"], campus.asked["authorization"]) == (SECRET, "")


def test_a_campus_may_sign_by_the_secret_where_the_settings_say_so(campus: OidcCampus) -> None:
    campus.header, campus.key = {"alg": "HS256"}, OctKey.import_key(SECRET)
    assert come(campus, algorithm="HS256").subject == "liwei"
    with pytest.raises(CampusRefused, match="bad_token"):
        come(campus)


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another's"},
        {"nonce": None},
        {"iss": "https://other.example"},
        {"aud": "other"},
        {"exp": 1},
        {"exp": None},
        {"iat": 4_000_000_000},  # in 2096
        {"iat": None},
    ],
    ids=str,
)
def test_a_token_of_another_sign_in_place_or_time_names_nobody(
    campus: OidcCampus, claims: dict[str, Any]
) -> None:
    campus.claims |= claims
    with pytest.raises(CampusRefused, match="bad_token"):
        come(campus)


def test_a_token_that_another_signed_or_nobody_names_nobody(campus: OidcCampus) -> None:
    campus.key = OTHER_KEY
    with pytest.raises(CampusRefused, match="bad_token"):
        come(campus)
    said = {"sub": "liwei", "iss": campus.address, "aud": "qx", "exp": time.time() + 60}
    parts = ({"alg": "none"}, said)
    unsigned = ".".join(letters(json.dumps(each).encode()) for each in parts)
    campus.token = lambda **_: f"{unsigned}."  # type: ignore[method-assign]  # what no library signs
    with pytest.raises(CampusRefused, match="bad_token"):
        come(campus)


def test_a_token_signed_in_another_way_than_the_settings_say_names_nobody(
    campus: OidcCampus,
) -> None:
    with pytest.raises(CampusRefused, match="bad_token"):
        come(campus, algorithm="PS256")


def test_a_code_of_another_state_names_nobody(campus: OidcCampus) -> None:
    with pytest.raises(CampusRefused, match="bad_token"):
        come(campus, state="s2")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"azp": "other"}, "other_client"),
        ({"sub": None}, "no_user"),
        ({"sub": "another"}, "other_user"),
    ],
)
def test_a_token_for_another_client_or_person_names_nobody(
    campus: OidcCampus, change: dict[str, Any], code: str
) -> None:
    campus.claims |= change
    with pytest.raises(CampusRefused, match=code):
        come(campus)


@pytest.mark.parametrize(
    ("came", "code"),
    [
        ({"error": "access_denied", "code": "c"}, "no_code"),
        ({}, "no_code"),
        ({"code": "c", "iss": "https://other.example"}, "other_issuer"),
    ],
)
def test_what_comes_back_without_a_code_of_this_campus_names_nobody(
    campus: OidcCampus, came: dict[str, str], code: str
) -> None:
    with pytest.raises(CampusRefused, match=code):
        OidcServer(campus.login()).visitor(came, BACK, "s1")


def test_a_campus_that_says_to_be_another_or_cannot_be_read_is_away(campus: OidcCampus) -> None:
    for change, code in (
        ({"issuer": "https://other.example"}, "other_issuer"),
        ({"token_endpoint": "http://other.example/token"}, "bad_metadata"),
    ):
        kept = dict(campus.metadata)
        campus.metadata |= change
        with pytest.raises(CampusAway, match=code):
            come(campus)
        campus.metadata = kept
    campus.status = 500
    with pytest.raises(CampusAway, match="status_500"):
        OidcServer(campus.login()).looks()


def test_a_logout_token_names_the_session_that_it_ends(campus: OidcCampus) -> None:
    visitor, server = come(campus), OidcServer(campus.login())
    campus.header |= LOGS_OUT
    token = campus.token(events=LOGOUT, sid="s1", jti="1", exp=None)
    assert server.ended({"logout_token": token}, b"") == visitor.session
    other = campus.token(events=LOGOUT, sid="s2", jti="2", exp=None)
    assert server.ended({"logout_token": other}, b"") != visitor.session


@pytest.mark.parametrize(
    "claims",
    [
        {"events": None},
        {"nonce": "n"},
        {"sid": None},
        {"jti": None},
        {"iat": 1_700_000_000},  # of 2023
        {"aud": "other"},
    ],
    ids=str,
)
def test_what_is_no_logout_token_ends_nothing(campus: OidcCampus, claims: dict[str, Any]) -> None:
    campus.header |= LOGS_OUT
    token = campus.token(**{"events": LOGOUT, "sid": "s1", "jti": "1"} | claims)
    server = OidcServer(campus.login())
    assert server.ended({"logout_token": token}, b"") is None
    assert server.ended({}, token.encode()) is None


@pytest.mark.parametrize("typ", [None, "JWT", "at+jwt"])
def test_a_logout_token_of_another_type_ends_nothing_but_where_the_settings_say_so(
    campus: OidcCampus, typ: str | None
) -> None:
    campus.header |= {"typ": typ} if typ else {}
    said = {"logout_token": campus.token(events=LOGOUT, sid="s1", jti="1")}
    assert OidcServer(campus.login()).ended(said, b"") is None
    assert OidcServer(campus.login(typed_logout=False)).ended(said, b"") is not None


def test_a_logout_token_signs_nobody_in(campus: OidcCampus) -> None:
    campus.header |= LOGS_OUT
    with pytest.raises(CampusRefused, match="bad_token"):
        come(campus)


def test_whatever_anybody_sends_a_campus_is_asked_for_its_keys_once(
    campus: OidcCampus,
) -> None:
    server = OidcServer(campus.login())
    campus.header |= LOGS_OUT
    campus.key = OTHER_KEY
    forged = campus.token(events=LOGOUT, sid="s1", jti="1")
    said = {server.ended({"logout_token": forged}, b"") for _ in range(40)}
    assert (said, campus.asked_for_keys) == ({None}, 1)


def test_a_campus_that_changed_its_keys_is_asked_again_in_a_while(
    campus: OidcCampus, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = OidcServer(campus.login())
    campus.header |= LOGS_OUT
    said = {"logout_token": campus.token(events=LOGOUT, sid="s1", jti="1")}
    assert server.ended(said, b"") is not None
    campus.keys, campus.key = [OTHER_KEY], OTHER_KEY
    said = {"logout_token": campus.token(events=LOGOUT, sid="s1", jti="2")}
    assert server.ended(said, b"") is None
    monkeypatch.setattr(oidc, "RETRY_SECONDS", 0)
    assert server.ended(said, b"") is not None
