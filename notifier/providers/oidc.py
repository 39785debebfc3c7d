"""A campus that speaks OpenID Connect: the code is exchanged by us, and the ID token is checked.

Source: OpenID Connect Core 1.0 (3.1), RFC 7636 (PKCE), RFC 9207 (`iss`). Nonce and verifier follow
from the state and the client's secret, so that nothing of them has to be kept: a state is good
once, and for one browser. Tokens are weighed by the machine's clock.
"""

import hashlib
import hmac
import json
import time
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, OctKey
from pydantic import BaseModel, ValidationError

from notifier.providers.bounded_fetch import Fetched, FetchError, fetch
from notifier.providers.campus import (
    CampusAway,
    CampusRefused,
    CampusVisitor,
    connections_to,
    session_name,
    visitor_of,
)
from runtime.addresses import SealedUrl
from runtime.campus_logins import CampusLogin

KEPT_SECONDS = 600
"""How long the addresses and keys of a campus are believed before it is asked again."""
RETRY_SECONDS = 30
"""How long keys are believed although a token fits none of them."""
SKEW_SECONDS = 120
"""How far clocks may be apart."""
LONGEST_CODE = 2048
LOGOUT_TYPE = "logout+jwt"
LOGOUT = "http://schemas.openid.net/event/backchannel-logout"


class Metadata(BaseModel):
    """Where a campus does what (OpenID Connect Discovery 1.0)."""

    issuer: str
    authorization_endpoint: SealedUrl
    token_endpoint: SealedUrl
    jwks_uri: SealedUrl
    userinfo_endpoint: SealedUrl | None = None
    end_session_endpoint: SealedUrl | None = None
    token_endpoint_auth_methods_supported: list[str] = ["client_secret_basic"]


class OidcServer:
    """The campus as the settings name it; threads may share it."""

    def __init__(self, login: CampusLogin) -> None:
        """Open a pool of connections; nothing is asked yet."""
        self.login = login
        self._connections = connections_to(login)
        self._kept: tuple[float, Metadata] | None = None
        self._kept_keys: tuple[float, KeySet] | None = None

    def way_in(self, back: str, state: str, *, in_wechat: bool) -> str:
        """Return where a browser is led to sign in; it comes back to `back`. Raises CampusAway."""
        del in_wechat  # the same page everywhere
        asked = {
            "response_type": "code",
            "client_id": self.login.client_id,
            "redirect_uri": back,
            "scope": self.login.scope,
            "state": state,
            "nonce": self._derived("nonce", state),
            "code_challenge": _challenge(self._derived("verifier", state)),
            "code_challenge_method": "S256",
        }
        return f"{self._metadata().authorization_endpoint}?{urlencode(asked)}"

    def visitor(self, came: Mapping[str, str], back: str, state: str) -> CampusVisitor:
        """Return whose code came back. Raises CampusAway, CampusRefused."""
        code = came.get("code", "")
        if came.get("error") or not code or len(code) > LONGEST_CODE:
            raise CampusRefused("no_code")
        if came.get("iss", self.login.server) != self.login.server:
            raise CampusRefused("other_issuer")
        tokens = self._exchanged(code, back, state)
        nonce = {"essential": True, "value": self._derived("nonce", state)}
        token, is_essential = str(tokens.get("id_token", "")), {"essential": True}
        claims = self._claims(token, _signs_in, nonce=nonce, exp=is_essential)
        subject = str(claims.get("sub") or "")
        if not subject:
            raise CampusRefused("no_user")
        said = claims | self._more(claims, str(tokens.get("access_token", "")))
        return visitor_of(self.login, subject, _attributes(said), _session_of(claims))

    def ended(self, said: Mapping[str, str], body: bytes) -> str | None:
        """Return the session that a logout token names; None for what is none.

        Source: OpenID Connect Back-Channel Logout 1.0 (2.6).
        """
        del body
        if "logout_token" not in said:
            return None
        try:
            claims = self._claims(said["logout_token"], self._ends, jti={"essential": True})
        except (CampusAway, CampusRefused):
            return None
        is_logout = LOGOUT in (claims.get("events") or {}) and "nonce" not in claims
        is_new = abs(time.time() - float(claims["iat"])) <= SKEW_SECONDS
        named = is_logout and is_new and (claims.get("sid") or claims.get("sub"))
        return session_name(self.login, _session_of(claims)) if named else None

    def way_out(self, back: str) -> str | None:
        """Return where a browser leaves the campus, too, if that is known by now."""
        leaves = self._kept[1].end_session_endpoint if self._kept else None
        asked = {"client_id": self.login.client_id, "post_logout_redirect_uri": back}
        return f"{leaves}?{urlencode(asked)}" if leaves else None

    def looks(self) -> str:
        """Ask for addresses and keys. Raises CampusAway."""
        self._kept = self._kept_keys = None
        self._keys()
        return "ok"

    def _derived(self, purpose: str, state: str) -> str:
        """Return 43 letters that only who knows the client's secret makes of a state."""
        key = self.login.client_secret.get_secret_value().encode()
        return _letters(hmac.digest(key, f"{purpose}\0{state}".encode(), "sha256"))

    def _metadata(self) -> Metadata:
        if self._kept is not None and time.monotonic() - self._kept[0] < KEPT_SECONDS:
            return self._kept[1]
        content = self._asked(f"{self.login.server}/.well-known/openid-configuration")
        try:
            found = Metadata.model_validate(content)
        except ValidationError:
            raise CampusAway("bad_metadata") from None
        if found.issuer.rstrip("/") != self.login.server:
            raise CampusAway("other_issuer")
        self._kept = (time.monotonic(), found)
        return found

    def _exchanged(self, code: str, back: str, state: str) -> dict[str, Any]:
        """Return the tokens that a code is good for."""
        metadata, login = self._metadata(), self.login
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": back,
            "code_verifier": self._derived("verifier", state),
        }
        secret, headers = login.client_secret.get_secret_value(), {}
        if "client_secret_basic" in metadata.token_endpoint_auth_methods_supported:
            headers["Authorization"] = _basic(login.client_id, secret)
        else:
            form |= {"client_id": login.client_id, "client_secret": secret}
        return self._asked(metadata.token_endpoint, form=form, headers=headers)

    def _more(self, claims: Mapping[str, Any], token: str) -> dict[str, Any]:
        """Return what the campus says of somebody beside the ID token, where that lacks it."""
        wanted = {name for name in (self.login.number, self.login.kind) if name}
        address = self._metadata().userinfo_endpoint
        if wanted <= claims.keys() or address is None:
            return {}
        found = self._asked(address, headers={"Authorization": f"Bearer {token}"})
        if found.get("sub") != claims["sub"]:
            raise CampusRefused("other_user")
        return {name: found[name] for name in found if name not in claims}

    def _ends(self, kind: str) -> bool:
        """Say whether a token of a type (RFC 8725, 3.11) may end a session."""
        return kind == LOGOUT_TYPE or not self.login.typed_logout

    def _claims(
        self,
        token: str,
        fits: Callable[[str], bool],
        **wanted: Any,  # noqa: ANN401 - joserfc's options
    ) -> dict[str, Any]:
        """Return what a token says that the campus has signed for us, of a type that fits.

        Raises CampusRefused.
        """
        registry = jwt.JWTClaimsRegistry(
            leeway=SKEW_SECONDS,
            iss={"essential": True, "value": self._metadata().issuer},
            aud={"essential": True, "value": self.login.client_id},
            iat={"essential": True},
            **wanted,
        )
        try:
            read = self._opened(token)
            registry.validate(read.claims)
        except (JoseError, ValueError):
            raise CampusRefused("bad_token") from None
        if not fits(str(read.header.get("typ", "")).lower()):
            raise CampusRefused("bad_token")
        claims: dict[str, Any] = read.claims
        if claims.get("azp", self.login.client_id) != self.login.client_id:
            raise CampusRefused("other_client")
        return claims

    def _opened(self, token: str) -> jwt.Token:
        """Return a token that the campus has signed. Raises JoseError, ValueError, CampusAway.

        Anybody may send a token, so the campus is asked for newer keys for one that fits none
        once in a while alone.
        """
        algorithms = [self.login.algorithm]
        try:
            return jwt.decode(token, self._keys(), algorithms=algorithms)
        except (JoseError, ValueError):
            if self._kept_keys is None or self._kept_keys[0] + RETRY_SECONDS > time.monotonic():
                raise
        self._kept_keys = None
        return jwt.decode(token, self._keys(), algorithms=algorithms)

    def _keys(self) -> KeySet | OctKey:
        metadata, kept = self._metadata(), self._kept_keys
        if self.login.algorithm.startswith("HS"):
            return OctKey.import_key(self.login.client_secret.get_secret_value())
        if kept is not None and time.monotonic() - kept[0] < KEPT_SECONDS:
            return kept[1]
        try:
            found = KeySet.import_key_set(self._asked(metadata.jwks_uri))  # type: ignore[arg-type]  # as it came
        except (JoseError, ValueError, KeyError, TypeError):
            raise CampusAway("bad_keys") from None
        self._kept_keys = (time.monotonic(), found)
        return found

    def _asked(self, address: str, **more: Mapping[str, str]) -> dict[str, Any]:
        """Return the object that an address answers with."""
        try:
            answer = fetch(self._connections, address, **more)
        except FetchError as error:
            raise CampusAway(error.code) from None
        return _object(answer)


def _object(answer: Fetched) -> dict[str, Any]:
    """Read an answer. Raises CampusRefused for what a campus refuses, CampusAway for all else."""
    if answer.status in {400, 401, 403}:
        raise CampusRefused(f"status_{answer.status}")
    if answer.status != 200:
        raise CampusAway(f"status_{answer.status}")
    try:
        found = json.loads(answer.body)
    except (ValueError, RecursionError):
        raise CampusAway("bad_answer") from None
    if not isinstance(found, dict):
        raise CampusAway("bad_answer")
    return found


def _signs_in(kind: str) -> bool:
    return kind != LOGOUT_TYPE


def _session_of(claims: Mapping[str, Any]) -> str:
    """Return what a campus calls its session: the session, or the person where it names none."""
    session = claims.get("sid")
    return f"sid {session}" if session else f"sub {claims.get('sub')}"


def _attributes(claims: Mapping[str, Any]) -> dict[str, Sequence[str]]:
    """Return what a campus says, each as the texts it consists of."""
    return {
        name: [str(each) for each in (value if isinstance(value, list) else [value])]
        for name, value in claims.items()
        if isinstance(value, str | int | list)
    }


def _basic(client: str, secret: str) -> str:
    pair = ":".join(urlencode({"": each})[1:] for each in (client, secret))
    return f"Basic {b64encode(pair.encode()).decode()}"


def _challenge(verifier: str) -> str:
    return _letters(hashlib.sha256(verifier.encode()).digest())


def _letters(value: bytes) -> str:
    return urlsafe_b64encode(value).rstrip(b"=").decode()
